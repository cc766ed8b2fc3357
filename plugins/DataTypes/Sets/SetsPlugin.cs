// The Sets plugin: says what there is. How it works is in the files named here.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Sets;

/// <summary>The set data type and its commands.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class SetsPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "sets";

    /// <inheritdoc/>
    public Version Version => typeof(SetsPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        context.DataTypes.Add(SetType.Descriptor);
        SetOptions.Register(context.Options);

        SetCommands.Register(context.Commands);
        MembershipCommands.Register(context.Commands);
        PopCommand.Register(context.Commands);
        RandomMemberCommand.Register(context.Commands);
        IntersectionCommands.Register(context.Commands);
        UnionCommands.Register(context.Commands);
        DifferenceCommands.Register(context.Commands);
        SetScanCommand.Register(context.Commands);
    }

    /// <inheritdoc/>
    public void Unload() { } // nothing of ours outlives the registries: no thread, no timer, no subscription
}
