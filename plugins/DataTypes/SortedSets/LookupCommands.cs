// What is known of single members: scores and ranks.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.SortedSets;

internal static partial class LookupCommands
{
    /// <summary>ZSCORE key member: replies the score, or null.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/zscore/</remarks>
    [Command("zscore")]
    public static void ZScore(CommandContext ctx)
    {
        if (!SortedSetStore.TryRead(ctx, ctx.Argument(1), out SortedSetValue value)) return;

        ReplyScore(ctx, value, ctx.Argument(2));
    }

    /// <summary>ZMSCORE key member [member ...]: replies the scores, null for what is missing.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/zmscore/</remarks>
    [Command("zmscore")]
    public static void ZMScore(CommandContext ctx)
    {
        if (!SortedSetStore.TryRead(ctx, ctx.Argument(1), out SortedSetValue value)) return;

        ctx.Reply.ArrayHeader(ctx.ArgumentCount - 2);
        for (int i = 2; i < ctx.ArgumentCount; i++) ReplyScore(ctx, value, ctx.Argument(i));
    }

    /// <summary>ZRANK key member [WITHSCORE]: replies how many members come before one, or null.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/zrank/</remarks>
    [Command("zrank")]
    public static void ZRank(CommandContext ctx) => ReplyRank(ctx, isReversed: false);

    /// <summary>ZREVRANK key member [WITHSCORE]: replies how many members come after one, or null.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/zrevrank/</remarks>
    [Command("zrevrank")]
    public static void ZRevRank(CommandContext ctx) => ReplyRank(ctx, isReversed: true);

    private static void ReplyScore(CommandContext ctx, in SortedSetValue value, ReadOnlySpan<byte> member)
    {
        if (value.Exists && value.TryGetScore(member, out double score)) ctx.Reply.Double(score);
        else ctx.Reply.Null();
    }

    private static void ReplyRank(CommandContext ctx, bool isReversed)
    {
        if (ctx.ArgumentCount > 4)
        {
            ctx.Reply.Error($"ERR wrong number of arguments for '{(isReversed ? "zrevrank" : "zrank")}' command");
            return;
        }

        bool withScore = ctx.ArgumentCount == 4;
        if (withScore && !ctx.ArgumentIs(3, "withscore"u8))
        {
            ctx.Reply.SyntaxError();
            return;
        }

        if (!SortedSetStore.TryRead(ctx, ctx.Argument(1), out SortedSetValue value)) return;

        double score = 0;
        long rank = value.Exists ? value.RankOf(ctx.Argument(2), out score) : -1;
        if (rank < 0)
        {
            if (withScore) ctx.Reply.NullArray();
            else ctx.Reply.Null();
            return;
        }

        if (withScore) ctx.Reply.ArrayHeader(2);
        ctx.Reply.Integer(isReversed ? value.Count - 1 - rank : rank);
        if (withScore) ctx.Reply.Double(score);
    }
}
