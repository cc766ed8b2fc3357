// FieldExpiryHeap: the fields of one hash that expire, the next one to do so first.
//
// A heap in which every node has four children (so that a step down looks at neighbours), of addresses of HashField. Each
// field knows its place, so that it is found again when its time changes or it goes. 8 bytes for each, and no more work than
// the fields that really expire: no clock has to look at those that do not.
// Layout: [count: 4][capacity: 4][address: 8]...
// Holds always: no field expires before its parent, and the field at place i has HeapIndex i.

using System.Diagnostics;

namespace Valkey.Structures;

internal readonly unsafe struct FieldExpiryHeap
{
    private const int Arity = 4;
    private const int CapacityMin = 7; // with the header: 64 bytes
    private const int HeaderBytes = 2 * sizeof(int);

    private readonly byte* _block;

    public FieldExpiryHeap(nint address) => _block = (byte*)address;

    public nint Address => (nint)_block;

    public int Count => *(int*)_block;

    public HashField First => new(Nodes[0]);

    public nuint MemoryBytes => NativeHeap.UsableSize(BytesFor(Capacity));

    private int Capacity => ((int*)_block)[1];

    private nint* Nodes => (nint*)(_block + HeaderBytes);

    public static FieldExpiryHeap Create()
    {
        int* block = (int*)NativeHeap.Allocate(BytesFor(CapacityMin));
        block[0] = 0;
        block[1] = CapacityMin;
        return new FieldExpiryHeap((nint)block);
    }

    /// <summary>Adds a field; the heap to go on with.</summary>
    public FieldExpiryHeap Add(HashField field)
    {
        FieldExpiryHeap heap = Count == Capacity ? Resized(Grown(Count)) : this;
        int index = heap.Count;
        *(int*)heap._block = index + 1;
        heap.SiftUp(index, field);
        return heap;
    }

    /// <summary>Takes a field out, which is there; the heap to go on with.</summary>
    public FieldExpiryHeap Remove(HashField field)
    {
        int index = field.HeapIndex;
        Debug.Assert(Nodes[index] == field.Address);
        int lastIndex = Count - 1;
        HashField last = new(Nodes[lastIndex]);
        *(int*)_block = lastIndex;
        if (index != lastIndex) Settle(index, last);
        return lastIndex <= Capacity / 4 && Capacity > CapacityMin ? Resized(Math.Max(CapacityMin, Capacity / 2)) : this;
    }

    /// <summary>A field that is there has another time now.</summary>
    public void TimeChanged(HashField field) => Settle(field.HeapIndex, field);

    /// <summary>A field that is there has another address, and the same time.</summary>
    public void Moved(HashField field) => Nodes[field.HeapIndex] = field.Address;

    public void Free() => NativeHeap.Free(Address, BytesFor(Capacity));

    private static nuint BytesFor(int capacity) => HeaderBytes + ((nuint)capacity * (nuint)sizeof(nint));

    private static int Grown(int count) => count < CapacityMin ? CapacityMin : checked(count + (count / 2) + 1);

    private FieldExpiryHeap Resized(int capacity)
    {
        int* block = (int*)NativeHeap.Reallocate(Address, BytesFor(Capacity), BytesFor(capacity));
        block[1] = capacity;
        return new FieldExpiryHeap((nint)block);
    }

    private void Settle(int index, HashField field)
    {
        bool isBeforeParent = index > 0 && field.ExpireAtUnixMs < new HashField(Nodes[(index - 1) / Arity]).ExpireAtUnixMs;
        if (isBeforeParent) SiftUp(index, field);
        else SiftDown(index, field);
    }

    private void SiftUp(int index, HashField field)
    {
        long expireAtUnixMs = field.ExpireAtUnixMs;
        while (index > 0)
        {
            int parentIndex = (index - 1) / Arity;
            HashField parent = new(Nodes[parentIndex]);
            if (parent.ExpireAtUnixMs <= expireAtUnixMs) break;
            Put(index, parent);
            index = parentIndex;
        }

        Put(index, field);
    }

    private void SiftDown(int index, HashField field)
    {
        long expireAtUnixMs = field.ExpireAtUnixMs;
        while (TryFindEarlierChild(index, expireAtUnixMs, out int childIndex))
        {
            Put(index, new HashField(Nodes[childIndex]));
            index = childIndex;
        }

        Put(index, field);
    }

    private bool TryFindEarlierChild(int index, long expireAtUnixMs, out int childIndex)
    {
        childIndex = -1;
        long first = ((long)index * Arity) + 1;
        long end = Math.Min(first + Arity, Count);
        for (long i = first; i < end; i++)
        {
            long childExpireAtUnixMs = new HashField(Nodes[i]).ExpireAtUnixMs;
            if (childExpireAtUnixMs >= expireAtUnixMs) continue;
            expireAtUnixMs = childExpireAtUnixMs;
            childIndex = (int)i;
        }

        return childIndex >= 0;
    }

    private void Put(int index, HashField field)
    {
        Nodes[index] = field.Address;
        field.HeapIndex = index;
    }
}
