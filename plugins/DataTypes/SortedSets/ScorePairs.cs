// A small sorted set: a listpack of members and scores in turn, in order, which is how the RDB format stores it too. A score
// that is a whole number stands there as an integer, any other as its shortest text.
// Positions are those of members; behind each stands its score.

using Valkey.Structures;

namespace Valkey.SortedSets;

internal static class ScorePairs
{
    /// <summary>The score that belongs to the member at a position.</summary>
    public static double ScoreAt(Listpack pairs, int position) => ScoreOf(pairs.At(pairs.Next(position)));

    /// <summary>The member after the one at a position, or -1.</summary>
    public static int Next(Listpack pairs, int position) => pairs.Next(pairs.Next(position));

    /// <summary>The member before the one at a position, or -1.</summary>
    public static int Previous(Listpack pairs, int position)
    {
        int score = pairs.Previous(position);
        return score < 0 ? -1 : pairs.Previous(score);
    }

    /// <summary>Where the member is, or -1.</summary>
    public static int Find(Listpack pairs, ReadOnlySpan<byte> member) => pairs.Find(member, pairs.First, skip: 1);

    /// <summary>How many pairs there are.</summary>
    public static int Count(Listpack pairs) => pairs.Count / 2;

    /// <summary>Adds a member that is not there at its place in the order; returns the listpack to go on with.</summary>
    public static Listpack Insert(Listpack pairs, double score, ReadOnlySpan<byte> member)
    {
        Span<byte> text = stackalloc byte[DoubleText.LengthMax];
        text = text[..DoubleText.Format(score + 0.0, text)]; // a listpack knows no negative zero: adding zero takes it away
        int position = FirstAbove(pairs, score, member);
        if (position < 0) return pairs.Append(member).Append(text);

        pairs = pairs.InsertBefore(position, member, out int inserted);
        return pairs.InsertAfter(inserted, text, out _);
    }

    /// <summary>Adds a pair at the end, where the caller knows that it belongs; returns the listpack to go on with.</summary>
    public static Listpack Append(Listpack pairs, double score, ReadOnlySpan<byte> member)
    {
        Span<byte> text = stackalloc byte[DoubleText.LengthMax];
        return pairs.Append(member).Append(text[..DoubleText.Format(score + 0.0, text)]);
    }

    /// <summary>Takes pairs out; returns the listpack to go on with.</summary>
    public static Listpack Remove(Listpack pairs, int position, long count) =>
        pairs.DeleteRange(position, (int)(count * 2), out _);

    /// <summary>The first member that comes after this one with this score, or -1.</summary>
    private static int FirstAbove(Listpack pairs, double score, ReadOnlySpan<byte> member)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        int position = pairs.First;
        while (position >= 0)
        {
            int scorePosition = pairs.Next(position);
            double here = ScoreOf(pairs.At(scorePosition));
            if (here > score) return position;
            if (here == score && pairs.At(position).Text(scratch).SequenceCompareTo(member) > 0) return position;

            position = pairs.Next(scorePosition);
        }

        return -1;
    }

    private static double ScoreOf(in ListpackElement element)
    {
        if (element.IsInteger) return element.Integer;

        _ = DoubleText.TryParseLoose(element.Bytes, out double score); // loading has refused what is no score
        return score;
    }
}
