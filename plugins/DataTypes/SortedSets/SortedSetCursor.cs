// A place in the order of a sorted set in either encoding, going up or down. Valid until the set changes.

using Valkey.Structures;

namespace Valkey.SortedSets;

internal struct SortedSetCursor
{
    private readonly Listpack _pairs;
    private int _position;
    private ScorePosition _place;

    public SortedSetCursor(Listpack pairs, int position)
    {
        _pairs = pairs;
        _position = position;
    }

    public SortedSetCursor(ScorePosition place) => _place = place;

    /// <summary>Beyond either end.</summary>
    public readonly bool IsNone => _pairs.IsNull ? _place.IsNone : _position < 0;

    /// <summary>The score here.</summary>
    public readonly double Score => _pairs.IsNull ? _place.Score : ScorePairs.ScoreAt(_pairs, _position);

    /// <summary>The member here.</summary>
    /// <param name="scratch">Room for <see cref="IntegerText.LengthMax"/> bytes; not needed where it is no listpack.</param>
    public readonly ReadOnlySpan<byte> Member(Span<byte> scratch) =>
        _pairs.IsNull ? _place.Element.Member : _pairs.At(_position).Text(scratch);

    /// <summary>Whether the member here is this one.</summary>
    public readonly bool IsMember(ReadOnlySpan<byte> member) =>
        _pairs.IsNull ? _place.Element.Member.SequenceEqual(member) : _pairs.At(_position).Equals(member);

    /// <summary>Goes up.</summary>
    public void MoveNext()
    {
        if (_pairs.IsNull) _place = _place.Next();
        else _position = ScorePairs.Next(_pairs, _position);
    }

    /// <summary>Goes down.</summary>
    public void MovePrevious()
    {
        if (_pairs.IsNull) _place = _place.Previous();
        else _position = ScorePairs.Previous(_pairs, _position);
    }
}
