// PUBSUB: what is subscribed to, and by how many.

using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.PubSub;

[CommandContainer("pubsub")]
internal static partial class PubSubCommands
{
    private static readonly string[] s_help =
    [
        "PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CHANNELS [<pattern>]",
        "    The channels that have subscribers, or those of them that fit the pattern.",
        "NUMPAT",
        "    How many different patterns are subscribed to.",
        "NUMSUB [<channel> ...]",
        "    How many are subscribed to each of the channels, patterns left out.",
        "SHARDCHANNELS [<pattern>]",
        "    The shard channels that have subscribers, or those of them that fit the pattern.",
        "SHARDNUMSUB [<shardchannel> ...]",
        "    How many are subscribed to each of the shard channels.",
        "HELP",
        "    This text.",
    ];

    /// <summary>Set by the plugin before the commands are registered.</summary>
    public static Subscriptions Subscriptions { get; set; } = null!;

    /// <summary>PUBSUB CHANNELS [pattern].</summary>
    [Command("pubsub|channels")]
    public static void Channels(CommandContext ctx) => List(ctx, SubscriptionKind.Channel);

    /// <summary>PUBSUB SHARDCHANNELS [pattern].</summary>
    [Command("pubsub|shardchannels")]
    public static void ShardChannels(CommandContext ctx) => List(ctx, SubscriptionKind.ShardChannel);

    /// <summary>PUBSUB NUMSUB [channel ...].</summary>
    [Command("pubsub|numsub")]
    public static void NumSub(CommandContext ctx) => CountSubscribers(ctx, SubscriptionKind.Channel);

    /// <summary>PUBSUB SHARDNUMSUB [shardchannel ...].</summary>
    [Command("pubsub|shardnumsub")]
    public static void ShardNumSub(CommandContext ctx) => CountSubscribers(ctx, SubscriptionKind.ShardChannel);

    /// <summary>PUBSUB NUMPAT.</summary>
    [Command("pubsub|numpat")]
    public static void NumPat(CommandContext ctx) => ctx.Reply.Integer(Subscriptions[SubscriptionKind.Pattern].Count);

    /// <summary>PUBSUB HELP.</summary>
    [Command("pubsub|help")]
    public static void Help(CommandContext ctx)
    {
        ctx.Reply.ArrayHeader(s_help.Length);
        foreach (string line in s_help) ctx.Reply.SimpleString(Encoding.ASCII.GetBytes(line));
    }

    private static void List(CommandContext ctx, SubscriptionKind kind)
    {
        if (ctx.ArgumentCount > 3)
        {
            ctx.Reply.Error($"ERR wrong number of arguments for 'pubsub|{(kind == SubscriptionKind.Channel ? "channels" : "shardchannels")}' command");
            return;
        }

        long listedCount = 0;
        DeferredLength length = ctx.Reply.BeginDeferred();
        foreach (nint entry in Subscriptions[kind].Names)
        {
            ReadOnlySpan<byte> name = new NamedIds(entry).Name;
            if (ctx.ArgumentCount == 3 && !GlobPattern.Matches(ctx.Argument(2), name, ignoreCase: false)) continue;
            ctx.Reply.Bulk(name);
            if (ctx.IsReplyFutileAfter(++listedCount)) break;
        }

        ctx.Reply.EndArray(length, listedCount);
    }

    private static void CountSubscribers(CommandContext ctx, SubscriptionKind kind)
    {
        ctx.Reply.ArrayHeader((ctx.ArgumentCount - 2) * 2);
        for (int i = 2; i < ctx.ArgumentCount; i++)
        {
            ctx.Reply.Bulk(ctx.Argument(i));
            ctx.Reply.Integer(Subscriptions[kind].SubscriberCount(ctx.Argument(i)));
        }
    }
}
