// The Strings plugin: says what there is. How it works is in the files named here.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Strings;

/// <summary>The string data type, its commands and those that see a string as a row of bits.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class StringsPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "strings";

    /// <inheritdoc/>
    public Version Version => typeof(StringsPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        context.DataTypes.Add(StringType.Descriptor);
        StringReply.ReadOptions(context.Options);
        ExpiredOnArrival.ReadOptions(context.Options);

        SetCommand.Register(context.Commands);
        GetCommands.Register(context.Commands);
        CounterCommands.Register(context.Commands);
        RangeCommands.Register(context.Commands);
        MultiKeyCommands.Register(context.Commands);
        LcsCommand.Register(context.Commands);
        BitCommands.Register(context.Commands);
        BitRangeCommands.Register(context.Commands);
        BitOpCommand.Register(context.Commands);
        BitFieldCommands.Register(context.Commands);
    }

    /// <inheritdoc/>
    public void Unload() { } // nothing of ours outlives the registries: no thread, no timer, no subscription
}
