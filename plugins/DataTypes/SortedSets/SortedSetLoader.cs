// Reads sorted sets from RDB payloads, which may come from anywhere: nothing in them is trusted.
// Holds always: what comes back is sound, or an InvalidDataException says what is wrong and nothing is left allocated.

using System.Buffers;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal static class SortedSetLoader
{
    private const int ShortMemberMax = 256;
    private const long ReservedMax = 1 << 20; // a count in a damaged payload must not make room for anything

    /// <summary>A listpack of pairs; none when it is empty.</summary>
    public static SortedSetValue LoadListpack(IValueReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.String();
        if (!Listpack.IsValid(bytes, everyElement: true))
        {
            throw new InvalidDataException("The listpack of a sorted set is damaged.");
        }

        Listpack pairs = Listpack.From(bytes);
        bool becomesSet = pairs.Count / 2 > SortedSetOptions.ListpackEntriesMax;
        string? problem = FindProblem(pairs, looksForTwins: reader.IsSanitizing && !becomesSet);
        if (problem is not null)
        {
            pairs.Free();
            throw new InvalidDataException(problem);
        }

        if (pairs.First < 0)
        {
            pairs.Free();
            return default;
        }

        SortedSetValue value = new(SortedSetEncoding.Listpack, pairs.Address);
        if (becomesSet) ConvertToSet(ref value);
        return value;
    }

    // The set leaves twins out, so its size tells whether there were any: for many members that is quicker than looking.
    private static void ConvertToSet(ref SortedSetValue value)
    {
        long count = value.Count;
        value.ToSet();
        if (value.Count == count) return;

        value.Free();
        throw new InvalidDataException("A sorted set holds a member twice.");
    }

    /// <summary>Members and scores one by one; none when there are none.</summary>
    public static SortedSetValue LoadMembers(IValueReader reader)
    {
        ulong count = reader.Length();
        if (count == 0) return default;

        ScoredSet set = ScoredSet.Create();
        try
        {
            set.Reserve((long)Math.Min(count, ReservedMax));
            for (ulong i = 0; i < count; i++) LoadMember(reader, set);
        }
        catch
        {
            set.Free();
            throw;
        }

        SortedSetValue value = new(SortedSetEncoding.Skiplist, set.Address);
        value.CompactIfSmall();
        return value;
    }

    private static void LoadMember(IValueReader reader, ScoredSet set)
    {
        // The member's bytes last until the next call, which is for the score: they are copied first.
        ReadOnlySpan<byte> member = reader.String();
        ulong hash = KeyHash.Of(member);
        if (!set.Find(member, hash).IsNull) throw new InvalidDataException("A sorted set holds a member twice.");

        int length = member.Length;
        byte[]? rented = length <= ShortMemberMax ? null : ArrayPool<byte>.Shared.Rent(length);
        Span<byte> copy = rented ?? stackalloc byte[ShortMemberMax];
        member.CopyTo(copy);
        double score = reader.Double();
        if (double.IsNaN(score)) throw new InvalidDataException("A score of a sorted set is not a number.");

        set.Insert(score, copy[..length], hash);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    private static string? FindProblem(Listpack pairs, bool looksForTwins)
    {
        if (pairs.Count % 2 != 0) return "The listpack of a sorted set has a member without a score.";

        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        for (int position = pairs.First; position >= 0; position = ScorePairs.Next(pairs, position))
        {
            int scorePosition = pairs.Next(position);
            ListpackElement score = pairs.At(scorePosition);
            if (!score.IsInteger && !DoubleText.TryParseLoose(score.Bytes, out _))
            {
                return "A score in the listpack of a sorted set is not a number.";
            }

            if (!looksForTwins) continue;
            ReadOnlySpan<byte> member = pairs.At(position).Text(scratch);
            if (pairs.Find(member, pairs.Next(scorePosition), skip: 1) >= 0) return "A sorted set holds a member twice.";
        }

        return null;
    }
}
