// The ring of a quicklist's nodes: making room, closing it, and which nodes are compressed.
//
// Opening or closing a gap moves the shorter side. After each change of nodes, Settle compresses what has come to lie beyond
// the depth and decompresses what has come within it; only the nodes that can have crossed the border are looked at.

using System.Diagnostics;

namespace Valkey.Structures;

public readonly unsafe partial struct Quicklist
{
    /// <summary>Puts a node in, with its elements.</summary>
    private void InsertNode(int index, QuicklistNode node)
    {
        OpenGap(index, 1);
        NodeAt(index) = node;
        _header->Count += node.Count;
        Settle(index, index, 1);
    }

    /// <summary>Frees nodes and closes the gap.</summary>
    private void RemoveNodes(int index, int count)
    {
        for (int i = index; i < index + count; i++)
        {
            _header->Count -= NodeAt(i).Count;
            LetGo(NodeAt(i));
        }

        CloseGap(index, count);
        Settle(index, index - 1, count);
    }

    private void OpenGap(int index, int count)
    {
        Debug.Assert(index <= NodeCount);
        int newCount = checked(NodeCount + count);
        if (newCount > _header->Capacity) Rebuild(newCount);

        if (index < NodeCount - index)
        {
            _header->Start = (_header->Start - count) & (_header->Capacity - 1);
            for (int i = 0; i < index; i++) NodeAt(i) = NodeAt(i + count);
        }
        else
        {
            for (int i = NodeCount - 1; i >= index; i--) NodeAt(i + count) = NodeAt(i);
        }

        _header->NodeCount = newCount;
    }

    private void CloseGap(int index, int count)
    {
        int newCount = NodeCount - count;
        if (index < newCount - index)
        {
            for (int i = index - 1; i >= 0; i--) NodeAt(i + count) = NodeAt(i);
            _header->Start = (_header->Start + count) & (_header->Capacity - 1);
        }
        else
        {
            for (int i = index; i < newCount; i++) NodeAt(i) = NodeAt(i + count);
        }

        _header->NodeCount = newCount;
        if (_header->Capacity > CapacityMin && newCount <= _header->Capacity / 4) Rebuild(newCount * 2); // room, lest it grows at once
    }

    private static int CapacityFor(int nodeCount)
    {
        int capacity = CapacityMin;
        while (capacity < nodeCount) capacity = checked(capacity * 2);
        return capacity;
    }

    /// <summary>Moves the nodes into a ring that suits their number.</summary>
    private void Rebuild(int nodeCount)
    {
        int capacity = CapacityFor(nodeCount);
        QuicklistNode* ring = (QuicklistNode*)NativeHeap.Allocate(RingBytes(capacity));
        int kept = Math.Min(NodeCount, capacity);
        for (int i = 0; i < kept; i++) ring[i] = NodeAt(i);
        NativeHeap.Free((nint)_header->Nodes, RingBytes(_header->Capacity));
        _header->Nodes = ring;
        _header->Capacity = capacity;
        _header->Start = 0;
    }

    private bool IsInner(int index) => index >= CompressDepth && index < NodeCount - CompressDepth;

    /// <summary>Brings compression in order after nodes changed.</summary>
    /// <param name="first">First node whose content changed, or that is new.</param>
    /// <param name="last">Last of them; smaller than the first for none.</param>
    /// <param name="shift">How many nodes came or went: so far others can have moved over the border.</param>
    private void Settle(int first, int last, int shift)
    {
        int depth = CompressDepth;
        if (depth == 0) return;

        SettleRange(depth - shift - 1, depth + shift);
        SettleRange(NodeCount - depth - shift - 1, NodeCount - depth + shift);
        SettleRange(first, last);
    }

    private void SettleRange(int first, int last)
    {
        last = Math.Min(last, NodeCount - 1);
        for (int i = Math.Max(first, 0); i <= last; i++)
        {
            bool isCompressed = NodeAt(i).IsCompressed;
            if (IsInner(i) == isCompressed) continue;
            if (isCompressed) Own(i).Decompress();
            else Own(i).Compress();
        }
    }
}
