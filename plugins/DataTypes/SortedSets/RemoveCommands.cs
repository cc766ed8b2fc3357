// Removing members: by name, or in a range.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.SortedSets;

internal static partial class RemoveCommands
{
    /// <summary>ZREM key member [member ...]: replies how many were there.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/zrem/</remarks>
    [Command("zrem")]
    public static void ZRem(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!SortedSetStore.TryOpen(ctx, key, out KeyEntry handle, out SortedSetValue value)) return;

        long removedCount = 0;
        for (int i = 2; i < ctx.ArgumentCount && value.Exists && value.Count > 0; i++)
        {
            if (value.Remove(ctx.Argument(i))) removedCount++;
        }

        if (value.Exists) SortedSetStore.EndRemoval(ctx, key, handle, value, removedCount, "zrem"u8);
        ctx.Reply.Integer(removedCount);
    }

    /// <summary>ZREMRANGEBYRANK key start stop: replies how many were removed.</summary>
    /// <remarks>Errors: WRONGTYPE, not an integer. Source: https://valkey.io/commands/zremrangebyrank/</remarks>
    [Command("zremrangebyrank")]
    public static void ZRemRangeByRank(CommandContext ctx)
    {
        if (!ctx.TryInteger(2, out long start) || !ctx.TryInteger(3, out long stop)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!SortedSetStore.TryOpen(ctx, key, out KeyEntry handle, out SortedSetValue value)) return;

        RankRange ranks = value.Exists ? RankRange.Of(start, stop, value.Count) : default;
        RemoveRange(ctx, handle, ref value, ranks, "zremrangebyrank"u8);
    }

    /// <summary>ZREMRANGEBYSCORE key min max: replies how many were removed.</summary>
    /// <remarks>Errors: WRONGTYPE, not a float. Source: https://valkey.io/commands/zremrangebyscore/</remarks>
    [Command("zremrangebyscore")]
    public static void ZRemRangeByScore(CommandContext ctx)
    {
        if (ScoreRange.TryParse(ctx, 2, 3, out ScoreRange range)) RemoveRange(ctx, range, "zremrangebyscore"u8);
    }

    /// <summary>ZREMRANGEBYLEX key min max: replies how many were removed.</summary>
    /// <remarks>Errors: WRONGTYPE, not valid string range item. Source: https://valkey.io/commands/zremrangebylex/</remarks>
    [Command("zremrangebylex")]
    public static void ZRemRangeByLex(CommandContext ctx)
    {
        if (MemberRange.TryParse(ctx, 2, 3, out MemberRange range)) RemoveRange(ctx, range, "zremrangebylex"u8);
    }

    private static void RemoveRange<TRange>(CommandContext ctx, in TRange range, ReadOnlySpan<byte> eventName)
        where TRange : struct, IElementRange, allows ref struct
    {
        if (!SortedSetStore.TryOpen(ctx, ctx.Argument(1), out KeyEntry handle, out SortedSetValue value)) return;

        RankRange ranks = value.Exists ? ElementRange.Find(range, value) : default;
        RemoveRange(ctx, handle, ref value, ranks, eventName);
    }

    private static void RemoveRange(
        CommandContext ctx, KeyEntry handle, ref SortedSetValue value, RankRange ranks, ReadOnlySpan<byte> eventName)
    {
        if (ranks.Count > 0)
        {
            value.RemoveRange(ranks.First, ranks.Count);
            SortedSetStore.EndRemoval(ctx, ctx.Argument(1), handle, value, ranks.Count, eventName);
        }

        ctx.Reply.Integer(ranks.Count);
    }
}
