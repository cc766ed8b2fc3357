// Replying or storing a range of members. All commands are one: some imply what others have options for.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal static partial class RangeCommands
{
    /// <summary>ZRANGE key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, ends that are none. Source: https://valkey.io/commands/zrange/</remarks>
    [Command("zrange")]
    public static void ZRange(CommandContext ctx) => Reply(ctx, RangeKind.Auto, isReversed: null);

    /// <summary>ZREVRANGE key start stop [WITHSCORES].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, not an integer. Source: https://valkey.io/commands/zrevrange/</remarks>
    [Command("zrevrange")]
    public static void ZRevRange(CommandContext ctx) => Reply(ctx, RangeKind.Rank, isReversed: true);

    /// <summary>ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, not a float. Source: https://valkey.io/commands/zrangebyscore/</remarks>
    [Command("zrangebyscore")]
    public static void ZRangeByScore(CommandContext ctx) => Reply(ctx, RangeKind.Score, isReversed: false);

    /// <summary>ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, not a float. Source: https://valkey.io/commands/zrevrangebyscore/</remarks>
    [Command("zrevrangebyscore")]
    public static void ZRevRangeByScore(CommandContext ctx) => Reply(ctx, RangeKind.Score, isReversed: true);

    /// <summary>ZRANGEBYLEX key min max [LIMIT offset count].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, not valid string range item. Source: https://valkey.io/commands/zrangebylex/</remarks>
    [Command("zrangebylex")]
    public static void ZRangeByLex(CommandContext ctx) => Reply(ctx, RangeKind.Member, isReversed: false);

    /// <summary>ZREVRANGEBYLEX key max min [LIMIT offset count].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, ends that are none. Source: https://valkey.io/commands/zrevrangebylex/</remarks>
    [Command("zrevrangebylex")]
    public static void ZRevRangeByLex(CommandContext ctx) => Reply(ctx, RangeKind.Member, isReversed: true);

    /// <summary>ZRANGESTORE dst src min max [BYSCORE|BYLEX] [REV] [LIMIT offset count]: replies how many were stored.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, ends that are none. Source: https://valkey.io/commands/zrangestore/</remarks>
    [Command("zrangestore")]
    public static void ZRangeStore(CommandContext ctx)
    {
        bool isSound = RangeArguments.TryParse(
            ctx, 2, RangeKind.Auto, isReversed: null, stores: true, out RangeArguments arguments);
        if (!isSound || !arguments.TryFind(ctx, out SortedSetValue source, out RankRange ranks)) return;

        SortedSetValue result = ranks.Count > 0 ? CopyOf(source, ranks) : default;
        SortedSetStore.StoreResult(ctx, ctx.Argument(1), result, "zrangestore"u8);
    }

    private static void Reply(CommandContext ctx, RangeKind kind, bool? isReversed)
    {
        bool isSound = RangeArguments.TryParse(ctx, 1, kind, isReversed, stores: false, out RangeArguments arguments);
        if (!isSound || !arguments.TryFind(ctx, out SortedSetValue value, out RankRange ranks)) return;

        ElementReply reply = new(ctx.Reply, ranks.Count, arguments.WithScores);
        if (ranks.Count == 0) return;

        SortedSetCursor cursor = value.At(arguments.IsReversed ? ranks.First + ranks.Count - 1 : ranks.First);
        for (long left = ranks.Count; left > 0; left--)
        {
            reply.Write(cursor);
            if (arguments.IsReversed) cursor.MovePrevious();
            else cursor.MoveNext();
        }
    }

    private static SortedSetValue CopyOf(in SortedSetValue source, RankRange ranks)
    {
        SortedSetValue result = SortedSetValue.Create(ranks.Count, 0);
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        SortedSetCursor cursor = source.At(ranks.First);
        for (long left = ranks.Count; left > 0; left--)
        {
            double score = cursor.Score;
            result.Add(ref score, cursor.Member(scratch), AddFlags.None);
            cursor.MoveNext();
        }

        return result;
    }
}
