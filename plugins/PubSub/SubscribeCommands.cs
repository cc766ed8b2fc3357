// SUBSCRIBE and its relatives: each name is confirmed by a message of its own, with the number of subscriptions behind it.

using Valkey.Abstractions;

namespace Valkey.PubSub;

internal static partial class SubscribeCommands
{
    /// <summary>Set by the plugin before the commands are registered.</summary>
    public static Subscriptions Subscriptions { get; set; } = null!;

    /// <summary>SUBSCRIBE channel [channel ...].</summary>
    [Command("subscribe")]
    public static void Subscribe(CommandContext ctx)
    {
        if (IsAllowed(ctx, inTransactions: true, "ERR SUBSCRIBE isn't allowed for a DENY BLOCKING client"))
            Add(ctx, SubscriptionKind.Channel, "subscribe"u8);
    }

    /// <summary>PSUBSCRIBE pattern [pattern ...].</summary>
    [Command("psubscribe")]
    public static void PSubscribe(CommandContext ctx)
    {
        if (IsAllowed(ctx, inTransactions: true, "ERR PSUBSCRIBE isn't allowed for a DENY BLOCKING client"))
            Add(ctx, SubscriptionKind.Pattern, "psubscribe"u8);
    }

    /// <summary>SSUBSCRIBE shardchannel [shardchannel ...].</summary>
    [Command("ssubscribe")]
    public static void SSubscribe(CommandContext ctx)
    {
        if (IsAllowed(ctx, inTransactions: false, "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client"))
            Add(ctx, SubscriptionKind.ShardChannel, "ssubscribe"u8);
    }

    /// <summary>UNSUBSCRIBE [channel ...]: from all, when none is named.</summary>
    [Command("unsubscribe")]
    public static void Unsubscribe(CommandContext ctx) => Remove(ctx, SubscriptionKind.Channel, "unsubscribe"u8);

    /// <summary>PUNSUBSCRIBE [pattern ...]: from all, when none is named.</summary>
    [Command("punsubscribe")]
    public static void PUnsubscribe(CommandContext ctx) => Remove(ctx, SubscriptionKind.Pattern, "punsubscribe"u8);

    /// <summary>SUNSUBSCRIBE [shardchannel ...]: from all, when none is named.</summary>
    [Command("sunsubscribe")]
    public static void SUnsubscribe(CommandContext ctx) => Remove(ctx, SubscriptionKind.ShardChannel, "sunsubscribe"u8);

    /// <summary>Who needs one reply per command cannot subscribe; in transactions it is allowed as it always was.</summary>
    private static bool IsAllowed(CommandContext ctx, bool inTransactions, string error)
    {
        if (!ctx.Client.DeniesBlocking || (inTransactions && ctx.Client.IsExecutingTransaction)) return true;
        ctx.Reply.Error(error);
        return false;
    }

    private static void Add(CommandContext ctx, SubscriptionKind kind, ReadOnlySpan<byte> word)
    {
        Subscriber subscriber = Subscriptions.Of(ctx.Client);
        for (int i = 1; i < ctx.ArgumentCount; i++)
        {
            Subscriptions.Add(subscriber, kind, ctx.Argument(i));
            Confirm(ctx.Reply, word, ctx.Argument(i), subscriber.ToldCount(kind));
        }

        Subscriptions.Changed(subscriber);
    }

    private static void Remove(CommandContext ctx, SubscriptionKind kind, ReadOnlySpan<byte> word)
    {
        Subscriber subscriber = Subscriptions.Of(ctx.Client);
        if (ctx.ArgumentCount == 1)
        {
            RemoveAll(ctx.Reply, subscriber, kind, word);
        }
        else
        {
            for (int i = 1; i < ctx.ArgumentCount; i++)
            {
                Subscriptions.Remove(subscriber, kind, ctx.Argument(i));
                Confirm(ctx.Reply, word, ctx.Argument(i), subscriber.ToldCount(kind));
            }
        }

        Subscriptions.Changed(subscriber);
    }

    private static void RemoveAll(ReplyWriter reply, Subscriber subscriber, SubscriptionKind kind, ReadOnlySpan<byte> word)
    {
        if (subscriber.CountOf(kind) > 0)
        {
            byte[] text = word.ToArray();
            Subscriptions.RemoveAll(subscriber, kind, name => Confirm(reply, text, name, subscriber.ToldCount(kind)));
            return;
        }

        // Nothing to end, and yet there is an answer.
        reply.PushHeader(3);
        reply.Bulk(word);
        reply.Null();
        reply.Integer(subscriber.ToldCount(kind));
    }

    private static void Confirm(ReplyWriter reply, ReadOnlySpan<byte> word, ReadOnlySpan<byte> name, int count)
    {
        reply.PushHeader(3);
        reply.Bulk(word);
        reply.Bulk(name);
        reply.Integer(count);
    }
}
