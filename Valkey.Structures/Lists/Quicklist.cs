// Quicklist: a long list as a row of nodes, each a listpack of some kilobytes or one large element.
//
// Layout: a header of fixed address, and a ring of node descriptors (a power of two; the first node stands anywhere in
// it), so that both ends are pushed and popped without moving anything, and an index is found by adding up counts that lie
// side by side in memory.
// With a compress depth, nodes farther than that from both ends are compressed (LZF) where it gains.
// Holds always: a quicklist's elements are the concatenation of its nodes' elements; no node is empty; Count is the sum; the
// nodes within the depth are not compressed. Reading changes nothing: a compressed node is decompressed into the reader's own
// buffer, so a snapshot thread may read while commands read.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>A view of a quicklist in native memory. The address stays for the list's life; the view owns nothing by itself.</summary>
public readonly unsafe partial struct Quicklist : IEquatable<Quicklist>
{
    private const int CapacityMin = 2;

    private readonly Header* _header;

    /// <summary>Views what an earlier quicklist's <see cref="Address"/> points to.</summary>
    public Quicklist(nint address) => _header = (Header*)address;

    /// <summary>Where the list is; 0 for none.</summary>
    public nint Address => (nint)_header;

    /// <summary>Number of elements.</summary>
    public long Count => _header->Count;

    /// <summary>Number of nodes.</summary>
    public int NodeCount => _header->NodeCount;

    /// <summary>The limit of a node, fixed when the list was made.</summary>
    public ListFill Fill => _header->Fill;

    /// <summary>How many nodes at either end are never compressed; 0 when none is compressed at all.</summary>
    public int CompressDepth => _header->CompressDepth;

    /// <summary>Bytes that the allocator set aside for header and ring.</summary>
    public nuint FrameMemoryBytes =>
        NativeHeap.UsableSize((nuint)sizeof(Header)) + NativeHeap.UsableSize(RingBytes(_header->Capacity)) +
        _header->Shared.MemoryBytes;

    /// <summary>The first element of a list that has one; valid until the list changes.</summary>
    public ListpackElement First
    {
        get
        {
            ref QuicklistNode node = ref NodeAt(0); // never compressed
            if (node.IsPlain) return new ListpackElement(node.Plain);

            Listpack listpack = node.Packed;
            return listpack.At(listpack.First);
        }
    }

    /// <summary>The last element of a list that has one; valid until the list changes.</summary>
    public ListpackElement Last
    {
        get
        {
            ref QuicklistNode node = ref NodeAt(NodeCount - 1); // never compressed
            if (node.IsPlain) return new ListpackElement(node.Plain);

            Listpack listpack = node.Packed;
            return listpack.At(listpack.Last);
        }
    }

    /// <summary>An empty list.</summary>
    public static Quicklist Create(ListFill fill, int compressDepth)
    {
        return Create(fill, compressDepth, CapacityMin);
    }

    private static Quicklist Create(ListFill fill, int compressDepth, int capacity)
    {
        Header* header = (Header*)NativeHeap.Allocate((nuint)sizeof(Header));
        header->Shared = default;
        header->Nodes = (QuicklistNode*)NativeHeap.Allocate(RingBytes(capacity));
        header->Capacity = capacity;
        header->Start = 0;
        header->NodeCount = 0;
        header->Fill = fill;
        header->CompressDepth = (ushort)Math.Clamp(compressDepth, 0, ushort.MaxValue);
        header->Count = 0;
        return new Quicklist((nint)header);
    }

    /// <summary>Adds an element at the start.</summary>
    public void PushFirst(ReadOnlySpan<byte> element)
    {
        if (NodeCount == 0 || !HasRoom(NodeAt(0), element.Length))
        {
            InsertNode(0, NodeOf(element));
            return;
        }

        ref QuicklistNode first = ref Own(0);
        first.Update(first.Packed.Prepend(element), 1);
        _header->Count++;
    }

    /// <summary>Adds an element at the end.</summary>
    public void PushLast(ReadOnlySpan<byte> element)
    {
        if (NodeCount == 0 || !HasRoom(NodeAt(NodeCount - 1), element.Length))
        {
            InsertNode(NodeCount, NodeOf(element));
            return;
        }

        ref QuicklistNode last = ref Own(NodeCount - 1);
        last.Update(last.Packed.Append(element), 1);
        _header->Count++;
    }

    /// <summary>Adds a node at the end that takes the listpack over; an empty one is freed instead.</summary>
    public void AddPacked(Listpack listpack)
    {
        if (listpack.First < 0)
        {
            listpack.Free();
            return;
        }

        InsertNode(NodeCount, new QuicklistNode(listpack));
    }

    /// <summary>Adds a node at the end for one element, whatever its size.</summary>
    public void AddPlain(ReadOnlySpan<byte> element) => InsertNode(NodeCount, QuicklistNode.PlainOf(element));

    /// <summary>Frees the list but for its only node's listpack, which the caller gets. False, with nothing done, when it is otherwise.</summary>
    /// <param name="fill">The limit of a listpack.</param>
    /// <param name="divisor">Divides the limit: 2 for lists that shrink, so that they do not go to and fro.</param>
    /// <param name="listpack">The listpack.</param>
    public bool TryBecomeListpack(ListFill fill, int divisor, out Listpack listpack)
    {
        listpack = default;
        if (NodeCount != 1 || NodeAt(0).IsPlain) return false;
        if (NodeAt(0).SizeBytes > fill.BytesMax / divisor || Count > fill.CountMax / divisor) return false;

        ref QuicklistNode only = ref Own(0);
        only.Decompress();
        listpack = only.Packed;
        FreeFrame();
        return true;
    }

    /// <summary>A cursor that stands before the element with this index, or at the end of what there is to see.</summary>
    /// <param name="index">Negative from the end: -1 is the last.</param>
    /// <param name="reversed">Whether it moves towards the start.</param>
    public QuicklistCursor CursorAt(long index, bool reversed)
    {
        if (index < 0) index += Count;
        if ((ulong)index >= (ulong)Count) return new QuicklistCursor(this, -1, 0, reversed);

        int node = SeekNode(index, out int offset);
        return new QuicklistCursor(this, node, offset, reversed);
    }

    /// <summary>What one node holds: the bytes of a listpack, or of a plain element. For saving.</summary>
    /// <param name="index">The node, 0 to <see cref="NodeCount"/> - 1.</param>
    /// <param name="scratch">Where a compressed node is decompressed to.</param>
    /// <param name="isPlain">Whether it is one plain element.</param>
    public ReadOnlySpan<byte> ReadNode(int index, scoped ref NativeBuffer scratch, out bool isPlain)
    {
        ref QuicklistNode node = ref NodeAt(index);
        isPlain = node.IsPlain;
        return node.Read(ref scratch);
    }

    /// <summary>Facts of one node, for MEMORY USAGE and DEBUG.</summary>
    public QuicklistNodeFacts FactsOf(int index)
    {
        ref QuicklistNode node = ref NodeAt(index);
        return new QuicklistNodeFacts(
            node.Count, node.SizeBytes, node.StoredBytes, (long)node.MemoryBytes, node.IsPlain, node.IsCompressed);
    }

    /// <summary>A list of its own with the same elements in the same nodes.</summary>
    public Quicklist Copy()
    {
        Quicklist copy = Create(Fill, CompressDepth, CapacityFor(NodeCount));
        copy._header->NodeCount = NodeCount;
        for (int i = 0; i < NodeCount; i++) copy.NodeAt(i) = NodeAt(i).Copy();
        copy._header->Count = Count;
        return copy;
    }

    /// <summary>Gives all memory back. From any thread.</summary>
    public void Free()
    {
        for (int i = 0; i < NodeCount; i++) LetGo(NodeAt(i));
        FreeFrame();
    }

    /// <summary>Offers every block to the mover but for those that are shared. The header may move too: go on with the result.</summary>
    public Quicklist Relocate(IBlockMover mover)
    {
        EndSharingWhenAlone();
        for (int i = 0; i < NodeCount; i++)
        {
            if (!NodeAt(i).IsShared) NodeAt(i).Relocate(mover);
        }

        _header->Nodes = (QuicklistNode*)mover.Move((nint)_header->Nodes, RingBytes(_header->Capacity));
        return new Quicklist(mover.Move(Address, (nuint)sizeof(Header)));
    }

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator ==(Quicklist left, Quicklist right) => left._header == right._header;

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator !=(Quicklist left, Quicklist right) => left._header != right._header;

    /// <inheritdoc/>
    public bool Equals(Quicklist other) => _header == other._header;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Quicklist other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref QuicklistNode NodeAt(int index) =>
        ref _header->Nodes[(_header->Start + index) & (_header->Capacity - 1)];

    /// <summary>The node that holds the element with this index, which exists, and the element's place in it.</summary>
    private int SeekNode(long index, out int offset)
    {
        Debug.Assert((ulong)index < (ulong)Count);
        if (index <= Count / 2)
        {
            int forward = 0;
            for (; index >= NodeAt(forward).Count; forward++) index -= NodeAt(forward).Count;
            offset = (int)index;
            return forward;
        }

        long fromEnd = Count - 1 - index;
        int backward = NodeCount - 1;
        for (; fromEnd >= NodeAt(backward).Count; backward--) fromEnd -= NodeAt(backward).Count;
        offset = NodeAt(backward).Count - 1 - (int)fromEnd;
        return backward;
    }

    private bool HasRoom(in QuicklistNode node, int elementLength) =>
        !node.IsPlain && Fill.HasRoom(node.SizeBytes, node.Count, elementLength);

    private QuicklistNode NodeOf(ReadOnlySpan<byte> element) =>
        Fill.IsLarge(element.Length) ? QuicklistNode.PlainOf(element) : QuicklistNode.PackedOf(element);

    private void FreeFrame()
    {
        if (_header->Shared.Exists) _header->Shared.Leave();
        NativeHeap.Free((nint)_header->Nodes, RingBytes(_header->Capacity));
        NativeHeap.Free(Address, (nuint)sizeof(Header));
    }

    private static nuint RingBytes(int capacity) => (nuint)capacity * QuicklistNode.NodeBytes;

    private struct Header
    {
        public QuicklistNode* Nodes;
        public SharedBlocks Shared; // null but for a list and its copy that share nodes
        public long Count;
        public int Capacity;
        public int Start;
        public int NodeCount;
        public ListFill Fill;
        public ushort CompressDepth;
    }
}

/// <summary>Facts of one node of a quicklist.</summary>
/// <param name="Count">Elements.</param>
/// <param name="SizeBytes">Bytes without compression.</param>
/// <param name="StoredBytes">Bytes as they are kept.</param>
/// <param name="MemoryBytes">Bytes that the allocator set aside.</param>
/// <param name="IsPlain">One large element, not a listpack.</param>
/// <param name="IsCompressed">Compressed.</param>
public readonly record struct QuicklistNodeFacts(
    int Count, int SizeBytes, int StoredBytes, long MemoryBytes, bool IsPlain, bool IsCompressed);
