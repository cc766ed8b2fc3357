// Ranges of a sorted set as commands give them, by score or by the members' bytes, and the ranks that they cover: every
// command that takes a range works on ranks from there on.
// Source: https://valkey.io/commands/zrangebyscore/, https://valkey.io/commands/zrangebylex/

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

/// <summary>Ranks that follow each other.</summary>
/// <param name="First">The lowest.</param>
/// <param name="Count">How many; 0 when there is none.</param>
internal readonly record struct RankRange(long First, long Count)
{
    /// <summary>From ranks as a command gives them, negative from the end, both included.</summary>
    public static RankRange Of(long start, long stop, long length)
    {
        if (start < 0) start += length;
        if (stop < 0) stop += length;
        if (start < 0) start = 0;
        if (stop >= length) stop = length - 1;
        return start > stop ? default : new RankRange(start, stop - start + 1);
    }

    /// <summary>What covers the same members when ranks are counted from the other end.</summary>
    public RankRange Reversed(long length) => new(length - First - Count, Count);

    /// <summary>What is left after LIMIT: a negative count limits nothing, a negative offset leaves nothing.</summary>
    public RankRange Limited(long offset, long limit, bool isReversed)
    {
        if (offset < 0 || offset >= Count) return default;

        long left = Count - offset;
        long count = limit < 0 ? left : Math.Min(limit, left);
        return new RankRange(isReversed ? First + left - count : First + offset, count);
    }
}

/// <summary>A range by some criterion, in both encodings.</summary>
internal interface IElementRange
{
    /// <summary>How many elements are below the range.</summary>
    long CountBelow(ScoredSet set);

    /// <summary>How many elements are below the range or in it.</summary>
    long CountThrough(ScoredSet set);

    /// <summary>Whether a pair is below the range.</summary>
    bool IsBelow(Listpack pairs, int position);

    /// <summary>Whether a pair is above the range.</summary>
    bool IsAbove(Listpack pairs, int position);
}

internal static class ElementRange
{
    /// <summary>The ranks that a range covers.</summary>
    public static RankRange Find<TRange>(in TRange range, in SortedSetValue value)
        where TRange : struct, IElementRange, allows ref struct
    {
        if (value.IsListpack) return FindInPairs(range, value.Pairs);

        long first = range.CountBelow(value.Set);
        return new RankRange(first, Math.Max(0, range.CountThrough(value.Set) - first));
    }

    private static RankRange FindInPairs<TRange>(in TRange range, Listpack pairs)
        where TRange : struct, IElementRange, allows ref struct
    {
        long first = 0;
        int position = pairs.First;
        for (; position >= 0 && range.IsBelow(pairs, position); position = ScorePairs.Next(pairs, position)) first++;

        long count = 0;
        for (; position >= 0 && !range.IsAbove(pairs, position); position = ScorePairs.Next(pairs, position)) count++;
        return new RankRange(first, count);
    }
}

/// <summary>A range of scores; each end may be exclusive.</summary>
internal readonly struct ScoreRange : IElementRange
{
    private readonly double _min;
    private readonly double _max;
    private readonly bool _isMinExclusive;
    private readonly bool _isMaxExclusive;

    private ScoreRange(double min, bool isMinExclusive, double max, bool isMaxExclusive)
    {
        _min = min;
        _max = max;
        _isMinExclusive = isMinExclusive;
        _isMaxExclusive = isMaxExclusive;
    }

    /// <summary>Reads both ends; false after replying that one is no number.</summary>
    public static bool TryParse(CommandContext ctx, int minIndex, int maxIndex, out ScoreRange range)
    {
        bool isValid = TryParseEnd(ctx.Argument(minIndex), out double min, out bool isMinExclusive)
            & TryParseEnd(ctx.Argument(maxIndex), out double max, out bool isMaxExclusive);
        range = new ScoreRange(min, isMinExclusive, max, isMaxExclusive);
        if (!isValid) ctx.Reply.Error("ERR min or max is not a float"u8);
        return isValid;
    }

    public long CountBelow(ScoredSet set) =>
        double.IsNegativeInfinity(_min) && !_isMinExclusive ? 0 : set.CountBefore(new ScoreBoundary(_min, _isMinExclusive));

    public long CountThrough(ScoredSet set) =>
        double.IsPositiveInfinity(_max) && !_isMaxExclusive
            ? set.Count
            : set.CountBefore(new ScoreBoundary(_max, !_isMaxExclusive));

    public bool IsBelow(Listpack pairs, int position)
    {
        double score = ScorePairs.ScoreAt(pairs, position);
        return _isMinExclusive ? score <= _min : score < _min;
    }

    public bool IsAbove(Listpack pairs, int position)
    {
        double score = ScorePairs.ScoreAt(pairs, position);
        return _isMaxExclusive ? score >= _max : score > _max;
    }

    // Nothing at all is zero here: clients rely on neither, but it is what Valkey reads.
    private static bool TryParseEnd(ReadOnlySpan<byte> text, out double score, out bool isExclusive)
    {
        isExclusive = text.Length > 0 && text[0] == '(';
        if (isExclusive) text = text[1..];
        score = 0;
        return text.IsEmpty || DoubleText.TryParseLoose(text, out score);
    }
}

/// <summary>A range of members by their bytes; of use where all scores are equal.</summary>
internal readonly ref struct MemberRange : IElementRange
{
    private readonly ReadOnlySpan<byte> _min;
    private readonly ReadOnlySpan<byte> _max;
    private readonly byte _minKind; // '-', '+', '[' or '('
    private readonly byte _maxKind;

    private MemberRange(ReadOnlySpan<byte> min, ReadOnlySpan<byte> max)
    {
        _minKind = min[0];
        _maxKind = max[0];
        _min = min[1..];
        _max = max[1..];
    }

    /// <summary>Reads both ends; false after replying that one is none.</summary>
    public static bool TryParse(CommandContext ctx, int minIndex, int maxIndex, out MemberRange range)
    {
        range = default;
        ReadOnlySpan<byte> min = ctx.Argument(minIndex);
        ReadOnlySpan<byte> max = ctx.Argument(maxIndex);
        if (!IsEnd(min) || !IsEnd(max))
        {
            ctx.Reply.Error("ERR min or max not valid string range item"u8);
            return false;
        }

        range = new MemberRange(min, max);
        return true;
    }

    public long CountBelow(ScoredSet set) => _minKind switch
    {
        (byte)'-' => 0,
        (byte)'+' => set.Count,
        _ => set.CountBefore(new MemberBoundary(_min, isBehind: _minKind == '(')),
    };

    public long CountThrough(ScoredSet set) => _maxKind switch
    {
        (byte)'-' => 0,
        (byte)'+' => set.Count,
        _ => set.CountBefore(new MemberBoundary(_max, isBehind: _maxKind == '[')),
    };

    public bool IsBelow(Listpack pairs, int position) => _minKind switch
    {
        (byte)'-' => false,
        (byte)'+' => true,
        (byte)'(' => Compare(pairs, position, _min) <= 0,
        _ => Compare(pairs, position, _min) < 0,
    };

    public bool IsAbove(Listpack pairs, int position) => _maxKind switch
    {
        (byte)'-' => true,
        (byte)'+' => false,
        (byte)'(' => Compare(pairs, position, _max) >= 0,
        _ => Compare(pairs, position, _max) > 0,
    };

    private static bool IsEnd(ReadOnlySpan<byte> text) =>
        text.Length > 0 && (text[0] is (byte)'(' or (byte)'[' || (text.Length == 1 && text[0] is (byte)'-' or (byte)'+'));

    private static int Compare(Listpack pairs, int position, ReadOnlySpan<byte> member)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        return pairs.At(position).Text(scratch).SequenceCompareTo(member);
    }
}
