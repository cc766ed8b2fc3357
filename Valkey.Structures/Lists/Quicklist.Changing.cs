// Changes within a quicklist: insert beside an element, replace, delete ranges and matches.
//
// A node that is full is split where the new element goes, and neighbours that fit into one node are merged afterwards, so
// that many inserts in the middle do not leave many small nodes.

using System.Diagnostics;

namespace Valkey.Structures;

public readonly unsafe partial struct Quicklist
{
    /// <summary>Takes the first element out; the list has one.</summary>
    public void DeleteFirst()
    {
        if (NodeAt(0).Count == 1)
        {
            RemoveNodes(0, 1);
            return;
        }

        ref QuicklistNode first = ref Own(0);
        Listpack listpack = first.Packed;
        first.Update(listpack.Delete(listpack.First, out _), -1);
        _header->Count--;
    }

    /// <summary>Takes the last element out; the list has one.</summary>
    public void DeleteLast()
    {
        int index = NodeCount - 1;
        if (NodeAt(index).Count == 1)
        {
            RemoveNodes(index, 1);
            return;
        }

        ref QuicklistNode last = ref Own(index);
        Listpack listpack = last.Packed;
        last.Update(listpack.Delete(listpack.Last, out _), -1);
        _header->Count--;
    }

    /// <summary>Takes elements out, as many as there are.</summary>
    /// <param name="start">Index of the first; negative from the end.</param>
    /// <param name="count">How many at most.</param>
    public void DeleteRange(long start, long count)
    {
        if (start < 0) start += Count;
        if ((ulong)start >= (ulong)Count || count <= 0) return;

        count = Math.Min(count, Count - start);
        int node = SeekNode(start, out int offset);
        if (offset != 0)
        {
            int deletedCount = (int)Math.Min(count, NodeAt(node).Count - offset);
            DeleteInside(node, offset, deletedCount);
            count -= deletedCount;
            node++;
        }

        int wholeNodes = 0;
        for (; count > 0 && count >= NodeAt(node + wholeNodes).Count; wholeNodes++) count -= NodeAt(node + wholeNodes).Count;
        if (wholeNodes > 0) RemoveNodes(node, wholeNodes);
        if (count > 0) DeleteInside(node, 0, (int)count);
    }

    /// <summary>Takes out elements that equal one.</summary>
    /// <param name="element">Their text.</param>
    /// <param name="countMax">How many at most; 0 for all.</param>
    /// <param name="fromEnd">Whether the last ones go first.</param>
    /// <returns>How many there were.</returns>
    public long DeleteMatches(ReadOnlySpan<byte> element, long countMax, bool fromEnd)
    {
        long wanted = countMax == 0 ? long.MaxValue : countMax;
        long deletedCount = 0;
        int node = fromEnd ? NodeCount - 1 : 0;
        while (deletedCount < wanted && (uint)node < (uint)NodeCount)
        {
            int nodesBefore = NodeCount;
            deletedCount += DeleteMatchesIn(node, element, wanted - deletedCount, fromEnd);
            if (fromEnd) node--;
            else if (NodeCount == nodesBefore) node++;
        }

        return deletedCount;
    }

    /// <summary>Puts an element in the place of the one with this index. False when there is none.</summary>
    public bool Replace(long index, ReadOnlySpan<byte> element)
    {
        if (index < 0) index += Count;
        if ((ulong)index >= (ulong)Count) return false;

        int node = SeekNode(index, out int offset);
        bool isLarge = Fill.IsLarge(element.Length);
        if (NodeAt(node).IsPlain || isLarge)
        {
            ReplaceNode(node, offset, element, isLarge);
            return true;
        }

        ref QuicklistNode target = ref Own(node);
        target.Decompress();
        Listpack listpack = target.Packed;
        target.Update(listpack.Replace(listpack.Seek(offset), element), 0);
        Settle(node, node, 0);
        return true;
    }

    /// <summary>Puts an element before or after the first one that equals another. False when there is none.</summary>
    public bool InsertBeside(ReadOnlySpan<byte> pivot, ReadOnlySpan<byte> element, bool after)
    {
        NativeBuffer scratch = default;
        int node = 0;
        int offset = -1;
        for (; node < NodeCount; node++)
        {
            offset = IndexIn(node, pivot, ref scratch);
            if (offset >= 0) break;
        }

        scratch.Dispose();
        if (offset < 0) return false;

        Insert(node, after ? offset + 1 : offset, element);
        return true;
    }

    /// <summary>Puts an element into the gap before this place of a node, which may be the place past its last element.</summary>
    private void Insert(int node, int offset, ReadOnlySpan<byte> element)
    {
        int count = NodeAt(node).Count;
        if (HasRoom(NodeAt(node), element.Length))
        {
            InsertInside(node, offset, element);
        }
        else if (offset == count && node + 1 < NodeCount && HasRoom(NodeAt(node + 1), element.Length))
        {
            InsertInside(node + 1, 0, element);
        }
        else if (offset == 0 && node > 0 && HasRoom(NodeAt(node - 1), element.Length))
        {
            InsertInside(node - 1, NodeAt(node - 1).Count, element);
        }
        else if (offset == 0 || offset == count)
        {
            InsertNode(offset == 0 ? node : node + 1, NodeOf(element));
        }
        else
        {
            Split(node, offset);
            if (HasRoom(NodeAt(node), element.Length)) InsertInside(node, offset, element);
            else if (HasRoom(NodeAt(node + 1), element.Length)) InsertInside(node + 1, 0, element);
            else InsertNode(node + 1, NodeOf(element));
            MergeAround(node);
        }
    }

    private void InsertInside(int node, int offset, ReadOnlySpan<byte> element)
    {
        ref QuicklistNode target = ref Own(node);
        target.Decompress();
        Listpack listpack = target.Packed;
        target.Update(
            offset == target.Count
                ? listpack.Append(element)
                : listpack.InsertBefore(listpack.Seek(offset), element, out _),
            1);
        _header->Count++;
        Settle(node, node, 0);
    }

    /// <summary>Replaces by, or of, an element that has a node of its own.</summary>
    private void ReplaceNode(int node, int offset, ReadOnlySpan<byte> element, bool isLarge)
    {
        int count = NodeAt(node).Count;
        if (count == 1)
        {
            QuicklistNode replacement = isLarge ? QuicklistNode.PlainOf(element) : QuicklistNode.PackedOf(element);
            LetGo(NodeAt(node));
            NodeAt(node) = replacement;
            Settle(node, node, 0);
            if (!isLarge) MergeAround(node);
            return;
        }

        if (offset + 1 < count) Split(node, offset + 1);
        InsertNode(node + 1, QuicklistNode.PlainOf(element));
        if (offset == 0) RemoveNodes(node, 1);
        else DeleteInside(node, offset, 1);
    }

    /// <summary>Takes elements out of one node; the node goes when nothing is left.</summary>
    private void DeleteInside(int node, int offset, int count)
    {
        if (count == NodeAt(node).Count)
        {
            RemoveNodes(node, 1);
            return;
        }

        ref QuicklistNode target = ref Own(node);
        target.Decompress();
        Listpack listpack = target.Packed;
        target.Update(listpack.DeleteRange(listpack.Seek(offset), count, out _), -count);
        _header->Count -= count;
        Settle(node, node, 0);
    }

    private long DeleteMatchesIn(int node, ReadOnlySpan<byte> element, long countMax, bool fromEnd)
    {
        NativeBuffer scratch = default;
        bool hasMatch = IndexIn(node, element, ref scratch) >= 0;
        scratch.Dispose();
        if (!hasMatch) return 0;

        if (NodeAt(node).IsPlain)
        {
            RemoveNodes(node, 1);
            return 1;
        }

        ref QuicklistNode target = ref Own(node);
        target.Decompress();
        int countBefore = target.Count;
        Listpack listpack = fromEnd
            ? DeleteBackward(target.Packed, element, countMax, out int deletedCount)
            : DeleteForward(target.Packed, element, countMax, out deletedCount);
        target.Update(listpack, -deletedCount);
        _header->Count -= deletedCount;
        if (deletedCount == countBefore) RemoveNodes(node, 1);
        else Settle(node, node, 0);
        return deletedCount;
    }

    private static Listpack DeleteForward(Listpack listpack, ReadOnlySpan<byte> element, long countMax, out int deletedCount)
    {
        deletedCount = 0;
        int position = listpack.First;
        while (deletedCount < countMax && (position = listpack.Find(element, position, 0)) >= 0)
        {
            listpack = listpack.Delete(position, out position);
            deletedCount++;
        }

        return listpack;
    }

    private static Listpack DeleteBackward(Listpack listpack, ReadOnlySpan<byte> element, long countMax, out int deletedCount)
    {
        deletedCount = 0;
        for (int position = listpack.Last; position >= 0 && deletedCount < countMax;)
        {
            int previous = listpack.Previous(position);
            if (listpack.At(position).Equals(element))
            {
                listpack = listpack.Delete(position, out _);
                deletedCount++;
            }

            position = previous;
        }

        return listpack;
    }

    /// <summary>The place in a node of the first element that equals this one, or -1.</summary>
    private int IndexIn(int node, ReadOnlySpan<byte> element, scoped ref NativeBuffer scratch)
    {
        ref QuicklistNode target = ref NodeAt(node);
        ReadOnlySpan<byte> content = target.Read(ref scratch);
        if (target.IsPlain) return content.SequenceEqual(element) ? 0 : -1;

        Listpack listpack = Listpack.ViewOf(content);
        int found = listpack.Find(element, listpack.First, 0);
        if (found < 0) return -1;

        int index = 0;
        for (int position = listpack.First; position != found; position = listpack.Next(position)) index++;
        return index;
    }

    /// <summary>Moves the elements from this place on into a new node behind.</summary>
    private void Split(int node, int offset)
    {
        ref QuicklistNode left = ref Own(node);
        Debug.Assert(offset > 0);
        Debug.Assert(offset < left.Count);

        left.Decompress();
        int movedCount = left.Count - offset;
        Listpack right = left.Packed.Copy();
        right = right.DeleteRange(right.First, offset, out _);
        Listpack listpack = left.Packed;
        left.Update(listpack.DeleteRange(listpack.Seek(offset), movedCount, out _), -movedCount);
        _header->Count -= movedCount;
        InsertNode(node + 1, new QuicklistNode(right));
    }

    /// <summary>Merges neighbours from two nodes before this one to three after it where they fit into one.</summary>
    private void MergeAround(int node)
    {
        for (int left = Math.Min(node + 2, NodeCount - 2); left >= Math.Max(node - 2, 0); left--) TryMerge(left);
    }

    private void TryMerge(int leftIndex)
    {
        if (leftIndex + 1 >= NodeCount) return;

        ref QuicklistNode left = ref NodeAt(leftIndex);
        ref QuicklistNode right = ref NodeAt(leftIndex + 1);
        if (left.IsPlain || right.IsPlain) return;
        if (Fill.IsExceeded((long)left.SizeBytes + right.SizeBytes, (long)left.Count + right.Count)) return;

        _ = Own(leftIndex);
        _ = Own(leftIndex + 1);
        left.Decompress();
        right.Decompress();
        int movedCount = right.Count;
        left.Update(Listpack.Merge(left.Packed, right.Packed), movedCount);
        CloseGap(leftIndex + 1, 1);
        Settle(leftIndex, leftIndex, 1);
    }
}
