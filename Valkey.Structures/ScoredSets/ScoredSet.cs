// ScoredSet: a large sorted set in native memory: a hash table that finds members and a tree that keeps them in order, both
// pointing to the same elements. What OBJECT ENCODING calls a skiplist. The type keeps its address as the payload.
//
// Holds always: table, tree and count tell of the same elements; an element's score is the one in its leaf. Methods that
// read change nothing, so a snapshot thread may walk the set while commands read it.
// One thread changes it at a time: the command thread, or whoever was handed the whole set for freeing.

using System.Diagnostics;

namespace Valkey.Structures;

/// <summary>Members with scores, unique by member, ordered by score and then by the member's bytes.</summary>
/// <remarks>A view as large as a pointer. Positions and elements are valid until the next change.</remarks>
public readonly unsafe struct ScoredSet : IEquatable<ScoredSet>
{
    private readonly ScoreTreeHeader* _header;

    /// <summary>Views the set whose <see cref="Address"/> this was.</summary>
    public ScoredSet(nint address) => _header = (ScoreTreeHeader*)address;

    /// <summary>Where the set is; 0 for none. It stays while the set lives.</summary>
    public nint Address => (nint)_header;

    /// <summary>Whether there is no set.</summary>
    public bool IsNull => _header == null;

    /// <summary>Members in the set.</summary>
    public long Count => _header->Count;

    /// <summary>Bytes that the allocator set aside for the set with all that belongs to it.</summary>
    public long MemoryBytes =>
        (long)NativeHeap.UsableSize((nuint)sizeof(ScoreTreeHeader)) + _header->ElementBytes + Table.MemoryBytes
        + (_header->NodeCount * (long)NativeHeap.UsableSize(ScoreTreeNode.SizeBytes));

    /// <summary>The first place in the order.</summary>
    public ScorePosition First => Count == 0 ? default : new ScorePosition(_header->First, 0);

    /// <summary>The last place in the order.</summary>
    public ScorePosition Last => Count == 0 ? default : new ScorePosition(_header->Last, _header->Last->Count - 1);

    private NativeTable<ScoredElementTraits> Table => new(_header->Table);

    private ScoreTree Tree => new(_header);

    /// <summary>A new, empty set.</summary>
    public static ScoredSet Create()
    {
        Debug.Assert(sizeof(ScoreLeaf) == ScoreTreeNode.SizeBytes);
        Debug.Assert(sizeof(ScoreBranch) == ScoreTreeNode.SizeBytes);
        ScoredSet set = new(NativeHeap.Allocate((nuint)sizeof(ScoreTreeHeader)));
        set._header->Table = NativeTable<ScoredElementTraits>.Create().Address;
        set._header->ElementBytes = 0;
        set.Tree.StartEmpty();
        return set;
    }

    /// <summary>Whether both are views of the same set.</summary>
    public static bool operator ==(ScoredSet left, ScoredSet right) => left._header == right._header;

    /// <summary>Whether they are views of different sets.</summary>
    public static bool operator !=(ScoredSet left, ScoredSet right) => left._header != right._header;

    /// <inheritdoc/>
    public bool Equals(ScoredSet other) => _header == other._header;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ScoredSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    /// <summary>Makes room in the hash table for this many members at once.</summary>
    public void Reserve(long count) => Table.Reserve(count);

    /// <summary>The element with this member, or a null one.</summary>
    /// <param name="member">The member.</param>
    /// <param name="hash"><see cref="KeyHash.Of"/> of the member.</param>
    public ScoredElement Find(ReadOnlySpan<byte> member, ulong hash) => new(Table.Find(member, hash));

    /// <summary>Adds a member that is known to be absent.</summary>
    public void Insert(double score, ReadOnlySpan<byte> member, ulong hash)
    {
        Debug.Assert(!double.IsNaN(score));
        ScoredElement element = ScoredElement.Create(score, member);
        _header->ElementBytes += element.MemoryBytes;
        Tree.Insert(element);
        Table.Insert(element.Address, hash);
    }

    /// <summary>Gives an element another score.</summary>
    public void SetScore(ScoredElement element, double score)
    {
        Debug.Assert(!double.IsNaN(score));
        Tree.DescendTo(element, out ScoreTreePath path);
        if (Tree.StaysInPlace(path, score, element.Member))
        {
            element.Score = score;
            Tree.SetScore(ref path, score);
            return;
        }

        Tree.Remove(ref path, 1);
        element.Score = score;
        Tree.Insert(element);
    }

    /// <summary>Takes a member out; false when it is not there.</summary>
    public bool Remove(ReadOnlySpan<byte> member, ulong hash)
    {
        ScoredElement element = new(Table.Remove(member, hash));
        if (element.IsNull) return false;

        Tree.DescendTo(element, out ScoreTreePath path);
        Tree.Remove(ref path, 1);
        Release(element);
        return true;
    }

    /// <summary>Takes out the elements of a range of ranks, which must be there.</summary>
    public void RemoveRange(long firstRank, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRank);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count - firstRank);
        while (count > 0)
        {
            Tree.DescendToRank(firstRank, out ScoreTreePath path);
            int removed = (int)Math.Min(count, path.Leaf->Count - path.Index);
            for (int i = 0; i < removed; i++)
            {
                ScoredElement element = path.Leaf->ElementAt(path.Index + i);
                Table.RemoveExact(element.Address, KeyHash.Of(element.Member));
                Release(element);
            }

            Tree.Remove(ref path, removed);
            count -= removed;
        }
    }

    /// <summary>How many elements are before this one, which must be of this set.</summary>
    public long RankOf(ScoredElement element) => CountBefore(new ElementBoundary(element.Score, element.Member, isBehind: false));

    /// <summary>The place with this rank, or none beyond the end.</summary>
    public ScorePosition At(long rank)
    {
        if ((ulong)rank >= (ulong)Count) return default;

        Tree.DescendToRank(rank, out ScoreTreePath path);
        return new ScorePosition(path.Leaf, path.Index);
    }

    /// <summary>How many elements precede a boundary: the rank of the first that does not.</summary>
    public long CountBefore<TBoundary>(in TBoundary boundary)
        where TBoundary : struct, IScoreBoundary, allows ref struct
    {
        Tree.Descend(boundary, out ScoreTreePath path);
        return path.Rank(_header->Height);
    }

    /// <summary>The first place that does not precede a boundary.</summary>
    public ScorePosition Seek<TBoundary>(in TBoundary boundary)
        where TBoundary : struct, IScoreBoundary, allows ref struct
    {
        Tree.Descend(boundary, out ScoreTreePath path);
        return path.Index < path.Leaf->Count ? new ScorePosition(path.Leaf, path.Index) : new ScorePosition(path.Leaf->Next, 0);
    }

    /// <summary>The last place that precedes a boundary.</summary>
    public ScorePosition SeekBefore<TBoundary>(in TBoundary boundary)
        where TBoundary : struct, IScoreBoundary, allows ref struct
    {
        Tree.Descend(boundary, out ScoreTreePath path);
        return Count == 0 ? default : new ScorePosition(path.Leaf, path.Index).Previous();
    }

    /// <summary>One element, each with the same probability; a null one when the set is empty.</summary>
    /// <param name="rngState">Any number to start with; advanced by the call.</param>
    public ScoredElement Random(ref ulong rngState) => new(Table.Random(ref rngState));

    /// <summary>Shows some elements, in no order, as <see cref="NativeTable{TTraits}.Scan"/> does.</summary>
    /// <returns>The cursor for the next call; 0 when the scan is complete.</returns>
    public ulong Scan<TVisitor>(ulong cursor, ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor => Table.Scan(cursor, ref visitor);

    /// <summary>A set of its own with the same elements.</summary>
    public ScoredSet Copy()
    {
        ScoredSet copy = Create();
        copy.Reserve(Count);
        for (ScorePosition position = First; !position.IsNone; position = position.Next())
        {
            ReadOnlySpan<byte> member = position.Element.Member;
            copy.Insert(position.Score, member, KeyHash.Of(member));
        }

        return copy;
    }

    /// <summary>Frees the set with its elements.</summary>
    public void Free()
    {
        ElementFreeing freeing = default;
        Table.Free(ref freeing);
        Tree.Free();
        NativeHeap.Free(Address, (nuint)sizeof(ScoreTreeHeader));
    }

    /// <summary>Offers elements and nodes to be moved.</summary>
    /// <returns>The set to go on with: its own place may have changed too.</returns>
    public ScoredSet Defrag<TMover>(ref TMover mover)
        where TMover : struct, IBlockMover, allows ref struct
    {
        ScoredSet moved = new(mover.Move(Address, (nuint)sizeof(ScoreTreeHeader)));
        moved.Tree.Defrag(moved.Table, ref mover);
        return moved;
    }

    private void Release(ScoredElement element)
    {
        _header->ElementBytes -= element.MemoryBytes;
        element.Free();
    }

    private readonly struct ElementFreeing : IEntryVisitor
    {
        public void Visit(nint entry) => new ScoredElement(entry).Free();
    }
}
