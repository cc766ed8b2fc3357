// CounterMap: a hash table in native memory from byte strings to 64-bit counters. Open addressing with linear probing;
// removal shifts what follows back, so there are no tombstones and lookups stay short however much is removed.
// Layout, one block: [count: 4][capacity: 4][bytes of all fields: 8], then capacity slots of 24 bytes,
// [field's address: 8][counter: 8][field's length: 4][hash: 4]. A slot with address 0 is free.
// Holds always: capacity is a power of two and at least a quarter of the slots is free. Whoever holds the address owns the
// map: Free gives everything back; Set may move the block, and then the old address is dead. One thread at a time.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valkey.Structures;

namespace Valkey.Samples.CounterMap;

/// <summary>A view of one map; copies of it are the same map.</summary>
internal readonly unsafe struct CounterMap
{
    /// <summary>The most fields of a map: what the largest table may hold.</summary>
    public const int FieldCountMax = CapacityMax / 4 * 3;

    private const int CapacityMin = 8;
    private const int CapacityMax = 1 << 28;

    private readonly Header* _header;

    public CounterMap(long address) => _header = (Header*)address;

    /// <summary>What is stored as the payload of a key.</summary>
    public long Address => (long)_header;

    /// <summary>How many fields there are.</summary>
    public int Count => _header->Count;

    /// <summary>Slots, for walking through all fields with <see cref="TryGetSlot"/>.</summary>
    public int SlotCount => _header->Capacity;

    /// <summary>Native memory that the map owns.</summary>
    public long SizeBytes => (long)NativeHeap.UsableSize(BlockBytes(_header->Capacity)) + _header->FieldBytes;

    private Slot* Slots => (Slot*)(_header + 1);

    /// <summary>An empty map with room for some fields.</summary>
    public static CounterMap Create(int fieldCount = 0)
    {
        int capacity = CapacityMin;
        while (capacity / 4 * 3 < fieldCount) capacity *= 2;
        Header* header = (Header*)NativeHeap.AllocateZeroed(BlockBytes(capacity));
        header->Capacity = capacity;
        return new CounterMap((long)header);
    }

    /// <summary>The counter of a field.</summary>
    public bool TryGet(ReadOnlySpan<byte> field, out long counter)
    {
        Slot* slot = Find(field, Hash(field));
        counter = slot->Counter;
        return slot->Field != 0;
    }

    /// <summary>The field and counter of a slot; false when it is free.</summary>
    public bool TryGetSlot(int slotIndex, out ReadOnlySpan<byte> field, out long counter)
    {
        ref readonly Slot slot = ref Slots[slotIndex];
        field = slot.Bytes;
        counter = slot.Counter;
        return slot.Field != 0;
    }

    /// <summary>Sets a counter, adding the field when it is new. Go on with the result: the map may have moved.</summary>
    public CounterMap Set(ReadOnlySpan<byte> field, long counter)
    {
        uint hash = Hash(field);
        Slot* slot = Find(field, hash);
        if (slot->Field != 0)
        {
            slot->Counter = counter;
            return this;
        }

        CounterMap map = (Count + 1) > SlotCount / 4 * 3 ? Grow() : this;
        map.Insert(new Slot { Field = CopyField(field), Counter = counter, Length = field.Length, Hash = hash });
        map._header->FieldBytes += FieldUsableBytes(field.Length);
        return map;
    }

    /// <summary>Removes a field. True when it was there.</summary>
    public bool Remove(ReadOnlySpan<byte> field)
    {
        Slot* slot = Find(field, Hash(field));
        if (slot->Field == 0) return false;

        FreeField(*slot);
        _header->FieldBytes -= FieldUsableBytes(slot->Length);
        _header->Count--;
        CloseGap((int)(slot - Slots));
        return true;
    }

    /// <summary>The same fields and counters in memory of their own.</summary>
    public CounterMap Clone()
    {
        CounterMap clone = Create(Count);
        for (int i = 0; i < SlotCount; i++)
        {
            Slot slot = Slots[i];
            if (slot.Field != 0) clone.Insert(slot with { Field = CopyField(slot.Bytes) });
        }

        clone._header->FieldBytes = _header->FieldBytes;
        return clone;
    }

    /// <summary>Gives all memory back.</summary>
    public void Free()
    {
        for (int i = 0; i < SlotCount; i++) FreeField(Slots[i]);
        NativeHeap.Free((nint)_header, BlockBytes(_header->Capacity));
    }

    /// <summary>Lets every allocation move to where memory is less fragmented. Go on with the result.</summary>
    public CounterMap Relocate(Func<nint, nuint, nint> move)
    {
        CounterMap map = new(move((nint)_header, BlockBytes(_header->Capacity)));
        for (int i = 0; i < map.SlotCount; i++)
        {
            ref Slot slot = ref map.Slots[i];
            if (slot.Field != 0) slot.Field = move(slot.Field, FieldRequestBytes(slot.Length));
        }

        return map;
    }

    private static uint Hash(ReadOnlySpan<byte> field) => (uint)KeyHash.Of(field);

    private static nuint BlockBytes(int capacity) => (nuint)sizeof(Header) + ((nuint)capacity * (nuint)sizeof(Slot));

    // The empty field has a block too: address 0 means a free slot.
    private static nuint FieldRequestBytes(int length) => (nuint)Math.Max(length, 1);

    private static long FieldUsableBytes(int length) => (long)NativeHeap.UsableSize(FieldRequestBytes(length));

    private static nint CopyField(ReadOnlySpan<byte> field)
    {
        nint copy = NativeHeap.Allocate(FieldRequestBytes(field.Length));
        field.CopyTo(new Span<byte>((void*)copy, field.Length));
        return copy;
    }

    private static void FreeField(in Slot slot)
    {
        if (slot.Field != 0) NativeHeap.Free(slot.Field, FieldRequestBytes(slot.Length));
    }

    /// <summary>The slot of the field, or the free one where it belongs. There always is a free one.</summary>
    private Slot* Find(ReadOnlySpan<byte> field, uint hash)
    {
        int mask = SlotCount - 1;
        for (int i = (int)hash & mask; ; i = (i + 1) & mask)
        {
            Slot* slot = Slots + i;
            if (slot->Field == 0 || (slot->Hash == hash && slot->Bytes.SequenceEqual(field))) return slot;
        }
    }

    private void Insert(in Slot slot)
    {
        int mask = SlotCount - 1;
        int i = (int)slot.Hash & mask;
        while (Slots[i].Field != 0) i = (i + 1) & mask;
        Slots[i] = slot;
        _header->Count++;
    }

    // Whoever stands behind the gap and was pushed past it by a collision moves into it, which leaves the next gap.
    private void CloseGap(int gap)
    {
        int mask = SlotCount - 1;
        for (int i = (gap + 1) & mask; Slots[i].Field != 0; i = (i + 1) & mask)
        {
            int home = (int)Slots[i].Hash & mask;
            bool mayMove = ((i - home) & mask) >= ((i - gap) & mask);
            if (!mayMove) continue;
            Slots[gap] = Slots[i];
            gap = i;
        }

        Slots[gap] = default;
    }

    private CounterMap Grow()
    {
        CounterMap larger = Create(Count * 2);
        for (int i = 0; i < SlotCount; i++)
        {
            if (Slots[i].Field != 0) larger.Insert(Slots[i]);
        }

        larger._header->FieldBytes = _header->FieldBytes;
        NativeHeap.Free((nint)_header, BlockBytes(_header->Capacity)); // the fields live on in the larger one
        return larger;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public int Count;
        public int Capacity;
        public long FieldBytes;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Slot
    {
        public nint Field;
        public long Counter;
        public int Length;
        public uint Hash;

        public readonly ReadOnlySpan<byte> Bytes
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => new((void*)Field, Length);
        }
    }
}
