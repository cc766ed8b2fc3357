// The Hashes plugin: says what there is. How it works is in the files named here.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Hashes;

/// <summary>The hash data type, its commands, and fields that expire on their own.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class HashesPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "hashes";

    /// <inheritdoc/>
    public Version Version => typeof(HashesPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        context.DataTypes.Add(HashType.Descriptor);
        HashOptions.Register(context.Options);
        FieldReply.ReadOptions(context.Options);

        HashSetCommands.Register(context.Commands);
        HashGetCommands.Register(context.Commands);
        HashDeleteCommands.Register(context.Commands);
        HashCounterCommands.Register(context.Commands);
        HashRandomCommand.Register(context.Commands);
        HashScanCommand.Register(context.Commands);
        FieldExpireCommands.Register(context.Commands);
        FieldTtlCommands.Register(context.Commands);
        HashGetExCommand.Register(context.Commands);
        HashSetExCommand.Register(context.Commands);
    }

    /// <inheritdoc/>
    public void Unload() { } // nothing of ours outlives the registries: no thread, no timer, no subscription
}
