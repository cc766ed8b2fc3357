// From 64-bit hashes to offsets, in native memory: 16 bytes a slot, open addressing, linear probing.
//
// The hash is all that is kept of what it stands for. Two things with the same hash are one here; with hashes that are keyed
// and mixed well, that is once in 2^64 pairs, and who uses this table must be able to live with it.
// Holds always: at most three of four slots are used, so probing ends; a removed slot is closed by moving later ones up, so
// there are no tombstones; a slot whose value is the mark of emptiness is free. One thread at a time.

using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>A map from 64-bit hashes to offsets in native memory. Dispose it to give the memory back.</summary>
public sealed unsafe class OffsetTable : IDisposable
{
    private const long Empty = long.MinValue;
    private const int SmallestCapacity = 64;

    private Slot* _slots;
    private int _capacity;

    /// <summary>Number of hashes in it.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of native memory that it takes.</summary>
    public long SizeBytes => (long)_capacity * sizeof(Slot);

    /// <summary>Finds the offset of a hash.</summary>
    public bool TryGet(ulong hash, out long offset)
    {
        offset = 0;
        if (Count == 0) return false;
        Slot* slot = Probe(hash);
        if (slot->Offset == Empty) return false;
        offset = slot->Offset;
        return true;
    }

    /// <summary>Sets the offset of a hash.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="offset">Any but <see cref="long.MinValue"/>.</param>
    /// <returns>Whether the hash is new.</returns>
    public bool Set(ulong hash, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(offset, Empty);
        if ((Count + 1L) * 4 > _capacity * 3L) Resize(Math.Max(SmallestCapacity, checked(_capacity * 2)));
        Slot* slot = Probe(hash);
        bool isNew = slot->Offset == Empty;
        slot->Hash = hash;
        slot->Offset = offset;
        if (isNew) Count++;
        return isNew;
    }

    /// <summary>Removes a hash; whether it was there.</summary>
    public bool Remove(ulong hash)
    {
        if (Count == 0) return false;
        Slot* slot = Probe(hash);
        if (slot->Offset == Empty) return false;
        CloseGap((int)(slot - _slots));
        Count--;
        if (_capacity > SmallestCapacity && Count * 8L < _capacity) Resize(_capacity / 2);
        return true;
    }

    /// <summary>Removes everything and gives the memory back. The table can be used again.</summary>
    public void Clear()
    {
        if (_slots != null) NativeHeap.Free((nint)_slots, (nuint)SizeBytes);
        _slots = null;
        _capacity = Count = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>The slot of a hash, or the free one where it belongs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Slot* Probe(ulong hash)
    {
        int index = Home(hash);
        while (_slots[index].Offset != Empty && _slots[index].Hash != hash) index = (index + 1) & (_capacity - 1);
        return _slots + index;
    }

    /// <summary>The multiplication spreads hashes that differ in their upper bits only.</summary>
    private int Home(ulong hash) => (int)((hash * 0x9E3779B97F4A7C15UL) >> 32) & (_capacity - 1);

    /// <summary>Frees a slot: whatever follows in the same run and may stand nearer to its home moves up.</summary>
    private void CloseGap(int gap)
    {
        int mask = _capacity - 1;
        for (int index = (gap + 1) & mask; _slots[index].Offset != Empty; index = (index + 1) & mask)
        {
            int distanceFromHome = (index - Home(_slots[index].Hash)) & mask;
            int distanceFromGap = (index - gap) & mask;
            if (distanceFromHome < distanceFromGap) continue;
            _slots[gap] = _slots[index];
            gap = index;
        }

        _slots[gap].Offset = Empty;
    }

    private void Resize(int capacity)
    {
        Slot* old = _slots;
        int oldCapacity = _capacity;
        _slots = (Slot*)NativeHeap.Allocate((nuint)capacity * (nuint)sizeof(Slot));
        _capacity = capacity;
        for (int i = 0; i < capacity; i++) _slots[i].Offset = Empty;
        for (int i = 0; i < oldCapacity; i++)
        {
            if (old[i].Offset != Empty) *Probe(old[i].Hash) = old[i];
        }

        if (old != null) NativeHeap.Free((nint)old, (nuint)oldCapacity * (nuint)sizeof(Slot));
    }

    private struct Slot
    {
        public ulong Hash;
        public long Offset;
    }
}
