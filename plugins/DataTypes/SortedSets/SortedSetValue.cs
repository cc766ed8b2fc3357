// SortedSetValue: a sorted set in either encoding: a listpack of pairs while it is small, else a ScoredSet. What a command
// does to it is the same for both; which encoding it has is decided here and nowhere else.
// Holds always: a value that was changed may have moved. The command stores it back (SortedSetStore) before anything else
// can look at the key.

using Valkey.Structures;

namespace Valkey.SortedSets;

/// <summary>The type's encodings, as entries note them.</summary>
internal static class SortedSetEncoding
{
    public const byte Listpack = 0;
    public const byte Skiplist = 1;
}

/// <summary>Under which conditions a score is set.</summary>
[Flags]
internal enum AddFlags
{
    None = 0,
    OnlyNew = 1 << 0,
    OnlyExisting = 1 << 1,
    OnlyGreater = 1 << 2,
    OnlyLess = 1 << 3,
    Increment = 1 << 4,
}

/// <summary>What became of a member that was to be added.</summary>
internal enum AddResult
{
    /// <summary>A condition did not hold.</summary>
    Refused,

    /// <summary>It has the score already.</summary>
    Same,

    /// <summary>It was there and has the score now.</summary>
    Updated,

    /// <summary>It was not there.</summary>
    Added,

    /// <summary>The sum of scores is not a number; nothing was changed.</summary>
    NotANumber,
}

internal struct SortedSetValue(byte encoding, nint address)
{
    /// <summary>One of <see cref="SortedSetEncoding"/>.</summary>
    public byte Encoding { get; private set; } = encoding;

    /// <summary>Where the listpack or the set is; 0 for none.</summary>
    public nint Address { get; private set; } = address;

    /// <summary>Whether there is one.</summary>
    public readonly bool Exists => Address != 0;

    public readonly bool IsListpack => Encoding == SortedSetEncoding.Listpack;

    public readonly Listpack Pairs => new(Address);

    public readonly ScoredSet Set => new(Address);

    /// <summary>How many members there are.</summary>
    public readonly long Count => IsListpack ? ScorePairs.Count(Pairs) : Set.Count;

    /// <summary>An empty one in the encoding that suits what is about to come.</summary>
    public static SortedSetValue Create(long countHint, long memberLengthMax)
    {
        bool isSmall = countHint <= SortedSetOptions.ListpackEntriesMax && memberLengthMax <= SortedSetOptions.ListpackValueMax;
        return isSmall
            ? new SortedSetValue(SortedSetEncoding.Listpack, Listpack.Create().Address)
            : new SortedSetValue(SortedSetEncoding.Skiplist, ScoredSet.Create().Address);
    }

    /// <summary>Turns a listpack into a set when what is about to come would not suit it.</summary>
    public void Prepare(long countHint, long memberLengthMax)
    {
        if (!IsListpack) return;
        if (countHint > SortedSetOptions.ListpackEntriesMax || memberLengthMax > SortedSetOptions.ListpackValueMax) ToSet();
    }

    /// <summary>Gives a member a score, under conditions; the score is what it has afterwards.</summary>
    public AddResult Add(ref double score, ReadOnlySpan<byte> member, AddFlags flags)
    {
        if (!IsListpack) return AddToSet(ref score, member, flags);

        Listpack pairs = Pairs;
        int position = ScorePairs.Find(pairs, member);
        if (position < 0)
        {
            if ((flags & AddFlags.OnlyExisting) != 0) return AddResult.Refused;
            return AddNewToPairs(score, member);
        }

        double old = ScorePairs.ScoreAt(pairs, position);
        AddResult result = Decide(old, ref score, flags);
        if (result != AddResult.Updated) return result;

        pairs = ScorePairs.Remove(pairs, position, 1);
        Address = ScorePairs.Insert(pairs, score, member).Address;
        return result;
    }

    /// <summary>The member's score; false when it is not there.</summary>
    public readonly bool TryGetScore(ReadOnlySpan<byte> member, out double score)
    {
        score = 0;
        if (IsListpack)
        {
            int position = ScorePairs.Find(Pairs, member);
            if (position < 0) return false;

            score = ScorePairs.ScoreAt(Pairs, position);
            return true;
        }

        ScoredElement element = Set.Find(member, KeyHash.Of(member));
        if (element.IsNull) return false;

        score = element.Score;
        return true;
    }

    /// <summary>How many members come before this one; -1 when it is not there.</summary>
    public readonly long RankOf(ReadOnlySpan<byte> member, out double score)
    {
        score = 0;
        if (!IsListpack)
        {
            ScoredElement element = Set.Find(member, KeyHash.Of(member));
            if (element.IsNull) return -1;

            score = element.Score;
            return Set.RankOf(element);
        }

        long rank = 0;
        for (SortedSetCursor cursor = At(0); !cursor.IsNone; cursor.MoveNext())
        {
            if (cursor.IsMember(member))
            {
                score = cursor.Score;
                return rank;
            }

            rank++;
        }

        return -1;
    }

    /// <summary>Takes a member out; false when it is not there.</summary>
    public bool Remove(ReadOnlySpan<byte> member)
    {
        if (!IsListpack) return Set.Remove(member, KeyHash.Of(member));

        int position = ScorePairs.Find(Pairs, member);
        if (position < 0) return false;

        Address = ScorePairs.Remove(Pairs, position, 1).Address;
        return true;
    }

    /// <summary>Takes out the members of a range of ranks, which are there.</summary>
    public void RemoveRange(long firstRank, long count)
    {
        if (count == 0) return;

        if (IsListpack) Address = ScorePairs.Remove(Pairs, Pairs.Seek(firstRank * 2), count).Address;
        else Set.RemoveRange(firstRank, count);
    }

    /// <summary>The place with this rank, or none beyond the end.</summary>
    public readonly SortedSetCursor At(long rank) => IsListpack
        ? new SortedSetCursor(Pairs, Pairs.Seek(rank * 2))
        : new SortedSetCursor(rank == 0 ? Set.First : rank == Set.Count - 1 ? Set.Last : Set.At(rank));

    /// <summary>A value of its own with the same members.</summary>
    public readonly SortedSetValue Copy() => new(Encoding, IsListpack ? Pairs.Copy().Address : Set.Copy().Address);

    /// <summary>Gives the memory back. Any thread.</summary>
    public readonly void Free()
    {
        if (IsListpack) Pairs.Free();
        else Set.Free();
    }

    /// <summary>Turns a listpack into a set. A member that a damaged file holds twice comes over once.</summary>
    public void ToSet()
    {
        ScoredSet set = ScoredSet.Create();
        set.Reserve(Count);
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        for (SortedSetCursor cursor = At(0); !cursor.IsNone; cursor.MoveNext())
        {
            ReadOnlySpan<byte> member = cursor.Member(scratch);
            ulong hash = KeyHash.Of(member);
            if (set.Find(member, hash).IsNull) set.Insert(cursor.Score, member, hash);
        }

        Pairs.Free();
        Encoding = SortedSetEncoding.Skiplist;
        Address = set.Address;
    }

    /// <summary>Turns a set into a listpack if it is small enough for one.</summary>
    public void CompactIfSmall()
    {
        if (IsListpack || Count > SortedSetOptions.ListpackEntriesMax) return;

        long memberBytes = 0;
        for (SortedSetCursor cursor = At(0); !cursor.IsNone; cursor.MoveNext())
        {
            int length = cursor.Member(default).Length;
            if (length > SortedSetOptions.ListpackValueMax) return;
            memberBytes += length;
        }

        if (!Listpack.FitsAdding(0, memberBytes)) return;

        Listpack pairs = Listpack.Create();
        for (SortedSetCursor cursor = At(0); !cursor.IsNone; cursor.MoveNext())
        {
            pairs = ScorePairs.Append(pairs, cursor.Score, cursor.Member(default));
        }

        Set.Free();
        Encoding = SortedSetEncoding.Listpack;
        Address = pairs.Address;
    }

    private AddResult AddNewToPairs(double score, ReadOnlySpan<byte> member)
    {
        bool fits = Count < SortedSetOptions.ListpackEntriesMax && member.Length <= SortedSetOptions.ListpackValueMax
            && Listpack.FitsAdding(Pairs.TotalBytes, member.Length);
        if (fits)
        {
            Address = ScorePairs.Insert(Pairs, score, member).Address;
            return AddResult.Added;
        }

        ToSet();
        Set.Insert(score, member, KeyHash.Of(member));
        return AddResult.Added;
    }

    private readonly AddResult AddToSet(ref double score, ReadOnlySpan<byte> member, AddFlags flags)
    {
        ulong hash = KeyHash.Of(member);
        ScoredElement element = Set.Find(member, hash);
        if (element.IsNull)
        {
            if ((flags & AddFlags.OnlyExisting) != 0) return AddResult.Refused;
            Set.Insert(score, member, hash);
            return AddResult.Added;
        }

        AddResult result = Decide(element.Score, ref score, flags);
        if (result == AddResult.Updated) Set.SetScore(element, score);
        return result;
    }

    private static AddResult Decide(double old, ref double score, AddFlags flags)
    {
        if ((flags & AddFlags.OnlyNew) != 0) return AddResult.Refused;
        if ((flags & AddFlags.Increment) != 0) score += old;
        if (double.IsNaN(score)) return AddResult.NotANumber;
        if ((flags & AddFlags.OnlyLess) != 0 && score >= old) return AddResult.Refused;
        if ((flags & AddFlags.OnlyGreater) != 0 && score <= old) return AddResult.Refused;
        return score == old ? AddResult.Same : AddResult.Updated;
    }
}
