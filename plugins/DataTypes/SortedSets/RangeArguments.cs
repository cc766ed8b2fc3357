// What the range commands have in common: a sorted set, two ends, and options, of which the older commands imply some.
// ZRANGE key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES], ZRANGESTORE, Z[REV]RANGE[BYSCORE|BYLEX].
// Holds always: everything is read and found sound before the key is looked up.

using Valkey.Abstractions;

namespace Valkey.SortedSets;

/// <summary>What the two ends of a range are.</summary>
internal enum RangeKind
{
    /// <summary>Ranks, unless an option says otherwise.</summary>
    Auto,
    Rank,
    Score,
    Member,
}

internal struct RangeArguments
{
    public RangeKind Kind;
    public bool IsReversed;
    public bool WithScores;

    private int _sourceIndex;
    private long _offset;
    private long _limit;
    private long _start;
    private long _stop;

    /// <summary>Reads options and ranks; false after replying what is wrong.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="sourceIndex">The argument that is the sorted set's key.</param>
    /// <param name="kind">What the command implies, or Auto.</param>
    /// <param name="isReversed">What the command implies, or null.</param>
    /// <param name="stores">Whether scores cannot be asked for, because they are stored anyway.</param>
    /// <param name="arguments">What was read.</param>
    public static bool TryParse(
        CommandContext ctx, int sourceIndex, RangeKind kind, bool? isReversed, bool stores, out RangeArguments arguments)
    {
        arguments = new RangeArguments { Kind = kind, IsReversed = isReversed ?? false, _sourceIndex = sourceIndex, _limit = -1 };
        for (int i = sourceIndex + 3; i < ctx.ArgumentCount; i++)
        {
            if (!stores && ctx.ArgumentIs(i, "withscores"u8))
            {
                arguments.WithScores = true;
            }
            else if (ctx.ArgumentIs(i, "limit"u8) && i + 2 < ctx.ArgumentCount)
            {
                if (!ctx.TryInteger(i + 1, out arguments._offset) || !ctx.TryInteger(i + 2, out arguments._limit)) return false;
                i += 2;
            }
            else if (isReversed is null && ctx.ArgumentIs(i, "rev"u8))
            {
                arguments.IsReversed = true;
            }
            else if (arguments.Kind == RangeKind.Auto && ctx.ArgumentIs(i, "bylex"u8))
            {
                arguments.Kind = RangeKind.Member;
            }
            else if (arguments.Kind == RangeKind.Auto && ctx.ArgumentIs(i, "byscore"u8))
            {
                arguments.Kind = RangeKind.Score;
            }
            else
            {
                ctx.Reply.SyntaxError();
                return false;
            }
        }

        return arguments.AreSound(ctx);
    }

    /// <summary>Reads the ends, looks the key up and finds the ranks; false after replying what is wrong.</summary>
    public readonly bool TryFind(CommandContext ctx, out SortedSetValue value, out RankRange ranks)
    {
        value = default;
        ranks = default;

        // In reverse the upper end comes first.
        bool areSwapped = IsReversed && Kind != RangeKind.Rank;
        int min = _sourceIndex + (areSwapped ? 2 : 1);
        int max = _sourceIndex + (areSwapped ? 1 : 2);
        switch (Kind)
        {
            case RangeKind.Score:
                return ScoreRange.TryParse(ctx, min, max, out ScoreRange scores) && TryFind(ctx, scores, out value, out ranks);
            case RangeKind.Member:
                return MemberRange.TryParse(ctx, min, max, out MemberRange members)
                    && TryFind(ctx, members, out value, out ranks);
            default:
                if (!SortedSetStore.TryRead(ctx, ctx.Argument(_sourceIndex), out value)) return false;
                if (!value.Exists) return true;
                ranks = RankRange.Of(_start, _stop, value.Count);
                if (IsReversed) ranks = ranks.Reversed(value.Count);
                return true;
        }
    }

    private readonly bool TryFind<TRange>(CommandContext ctx, in TRange range, out SortedSetValue value, out RankRange ranks)
        where TRange : struct, IElementRange, allows ref struct
    {
        ranks = default;
        if (!SortedSetStore.TryRead(ctx, ctx.Argument(_sourceIndex), out value)) return false;
        if (value.Exists) ranks = ElementRange.Find(range, value).Limited(_offset, _limit, IsReversed);
        return true;
    }

    private bool AreSound(CommandContext ctx)
    {
        if (Kind == RangeKind.Auto) Kind = RangeKind.Rank;
        if (_limit != -1 && Kind == RangeKind.Rank)
        {
            ctx.Reply.Error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"u8);
            return false;
        }

        if (WithScores && Kind == RangeKind.Member)
        {
            ctx.Reply.Error("ERR syntax error, WITHSCORES not supported in combination with BYLEX"u8);
            return false;
        }

        return Kind != RangeKind.Rank
            || (ctx.TryInteger(_sourceIndex + 1, out _start) && ctx.TryInteger(_sourceIndex + 2, out _stop));
    }
}
