// The PubSub plugin: says what there is. How it works is in the files named here and in docs/pubsub.md.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.PubSub;

/// <summary>Channels, patterns, shard channels, and key events as messages.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class PubSubPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "pubsub";

    /// <inheritdoc/>
    public Version Version => typeof(PubSubPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        Subscriptions subscriptions = new(context.Clients);
        Publisher publisher = new(context.Clients, subscriptions);
        SubscribeCommands.Subscriptions = subscriptions;
        PubSubCommands.Subscriptions = subscriptions;
        PublishCommands.Publisher = publisher;

        SubscribeCommands.Register(context.Commands);
        PublishCommands.Register(context.Commands);
        PubSubCommands.Register(context.Commands);
        context.Options.Add(new KeyspaceMessages(context.Events, publisher).Option);
        context.Info.AddSection("Stats", info => WriteInfo(info, subscriptions));
    }

    /// <inheritdoc/>
    public void Unload() { } // clients' subscriptions end with the registrations

    private static void WriteInfo(InfoWriter info, Subscriptions subscriptions)
    {
        info.Field("pubsub_channels", subscriptions[SubscriptionKind.Channel].Count);
        info.Field("pubsub_patterns", subscriptions[SubscriptionKind.Pattern].Count);
        info.Field("pubsubshard_channels", subscriptions[SubscriptionKind.ShardChannel].Count);
    }
}
