// The KeyReactions module: does something when keys change. What it does is in Reactions.cs, what clients may ask in
// ReactionCommands.cs.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Samples.KeyReactions;

/// <summary>Registers the subscriptions and the commands.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class KeyReactionsModule : IValkeyPlugin
{
    // Everything but misses: those come from reads, which are none of our business.
    private const KeyspaceEvent Changes = KeyspaceEvent.All | KeyspaceEvent.New;

    /// <inheritdoc/>
    public string Name => "reactions";

    /// <inheritdoc/>
    public Version Version => typeof(KeyReactionsModule).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        Reactions reactions = new(context);
        ReactionCommands.Reactions = reactions;
        ReactionCommands.Register(context.Commands);

        context.Events.Subscribe(Changes, reactions.OnChange);
        context.Events.Subscribe(Changes, reactions.OnDurable, KeyEventDelivery.OnceDurable);
    }

    /// <inheritdoc/>
    public void Unload() { } // subscriptions, and replies that are still held, end with the other registrations
}
