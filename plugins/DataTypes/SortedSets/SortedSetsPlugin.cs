// The SortedSets plugin: says what there is. How it works is in the files named here.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.SortedSets;

/// <summary>The sorted set data type and its commands.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class SortedSetsPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "sorted-sets";

    /// <inheritdoc/>
    public Version Version => typeof(SortedSetsPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        context.DataTypes.Add(SortedSetType.Descriptor);
        SortedSetOptions.Register(context.Options);

        AddCommands.Register(context.Commands);
        LookupCommands.Register(context.Commands);
        CountCommands.Register(context.Commands);
        RangeCommands.Register(context.Commands);
        RemoveCommands.Register(context.Commands);
        PopCommands.Register(context.Commands);
        AlgebraCommands.Register(context.Commands);
        RandomMemberCommand.Register(context.Commands);
        ScanCommand.Register(context.Commands);
    }

    /// <inheritdoc/>
    public void Unload() { } // nothing of ours outlives the registries: no thread, no timer, no subscription
}
