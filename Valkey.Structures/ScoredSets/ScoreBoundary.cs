// Boundaries: where in a sorted set's order a search is to end. A boundary splits the order in two: what precedes it and
// what does not. Each kind of range (by score, by member) is two of them.
// Holds always: along the order Precedes is true for a while and then false for ever. By member that needs all scores to be
// equal, as the commands that ask for it demand; otherwise what is found is some element, never a fault.

using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>Splits the order of a sorted set. A struct, so that the call costs nothing.</summary>
public interface IScoreBoundary
{
    /// <summary>Whether an element lies before the boundary.</summary>
    bool Precedes(double score, ScoredElement element);
}

/// <summary>In front of the elements with a score, or behind them.</summary>
/// <param name="score">The score.</param>
/// <param name="isBehind">Behind the elements with just this score.</param>
public readonly struct ScoreBoundary(double score, bool isBehind) : IScoreBoundary
{
    private readonly double _score = score;
    private readonly bool _isBehind = isBehind;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Precedes(double score, ScoredElement element) => _isBehind ? score <= _score : score < _score;
}

/// <summary>In front of a member, or behind it, where all scores are equal.</summary>
/// <param name="member">The member.</param>
/// <param name="isBehind">Behind just this member.</param>
public readonly ref struct MemberBoundary(ReadOnlySpan<byte> member, bool isBehind) : IScoreBoundary
{
    private readonly ReadOnlySpan<byte> _member = member;
    private readonly bool _isBehind = isBehind;

    /// <inheritdoc/>
    public bool Precedes(double score, ScoredElement element)
    {
        int order = element.Member.SequenceCompareTo(_member);
        return _isBehind ? order <= 0 : order < 0;
    }
}

/// <summary>In front of one score and member, or behind it.</summary>
internal readonly ref struct ElementBoundary(double score, ReadOnlySpan<byte> member, bool isBehind) : IScoreBoundary
{
    private readonly double _score = score;
    private readonly ReadOnlySpan<byte> _member = member;
    private readonly bool _isBehind = isBehind;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Precedes(double score, ScoredElement element)
    {
        if (score != _score) return score < _score;
        int order = element.Member.SequenceCompareTo(_member);
        return _isBehind ? order <= 0 : order < 0;
    }
}
