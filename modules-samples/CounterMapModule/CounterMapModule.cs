// The CounterMap module: a key type of its own. What a value is made of is CounterMap.cs, what the server may do with it is
// CounterMapType.cs, what clients may do is CounterMapCommands.cs and, where they wait, CounterMapWaitCommands.cs.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Samples.CounterMap;

/// <summary>Registers the type and its commands.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class CounterMapModule : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "cmap";

    /// <inheritdoc/>
    public Version Version => typeof(CounterMapModule).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        context.DataTypes.Add(CounterMapType.Descriptor);
        CounterMapCommands.Register(context.Commands);
        CounterMapWaitCommands.Register(context.Commands);
    }

    /// <inheritdoc/>
    public void Unload() { } // the server does not ask while a value of our type is alive
}
