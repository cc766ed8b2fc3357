// EntryTable: the hash table of keyspaces and of large collections. It holds native addresses and owns none of them.
//
// Linear hashing (W. Litwin, 1980) over buckets of one cache line: the table grows by splitting one bucket when it is a
// little too full and shrinks by merging one, so there is never a second table, never a pause, and the memory per entry
// is the same at every size. With B buckets the hash's low bits give the index, one bit fewer where that exceeds B.
// A lookup touches the bucket's line and, but for one in some hundred, no entry other than the one that it wants.
//
// Holds always: an entry is in the chain of bucket IndexOf(its key's hash); its fingerprint is the hash's top byte; the
// hash is KeyHash.Of(TTraits.KeyOf(entry)), as splitting computes it again.
// One thread at a time: the command thread, or whoever was handed the whole table for freeing. Dispose frees it;
// there is no finalizer.

using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>A hash table of native addresses, by key. Keys are unique. Not for more than one thread at a time.</summary>
/// <remarks>The table never frees an entry. Slot addresses end with the next change of the table.</remarks>
public sealed unsafe partial class EntryTable<TTraits> : IDisposable
    where TTraits : struct, IEntryTraits
{
    private BucketArray _buckets;
    private ulong _bucketCount;
    private ulong _mask; // the smallest 2^n - 1 that covers all indexes
    private long _count;
    private long _childCount;
    private long _growAbove;
    private long _shrinkBelow;

    /// <summary>An empty table, of some hundred bytes.</summary>
    public EntryTable() => StartEmpty();

    /// <summary>Entries in the table.</summary>
    public long Count => _count;

    /// <summary>Top-level buckets.</summary>
    public long BucketCount => (long)_bucketCount;

    /// <summary>Native memory of the table itself, without the entries.</summary>
    public long MemoryBytes => _buckets.MemoryBytes + (_childCount * (long)NativeHeap.UsableSize(HashBucket.SizeBytes));

    /// <summary>The entry with this key; 0 when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hash"><see cref="KeyHash.Of"/> of the key.</param>
    public nint Find(ReadOnlySpan<byte> key, ulong hash)
    {
        nint* slot = Locate(key, hash);
        return slot == null ? 0 : *slot;
    }

    /// <summary>Where the entry with this key is held, to be given to the methods that end in At.</summary>
    public bool TryFindSlot(ReadOnlySpan<byte> key, ulong hash, out nint slotAddress)
    {
        slotAddress = (nint)Locate(key, hash);
        return slotAddress != 0;
    }

    /// <summary>The entry in a slot that was found since the last change of the table.</summary>
    public nint EntryAt(nint slotAddress) => *(nint*)slotAddress;

    /// <summary>Puts another entry with the same key into a slot. The old one is the caller's to free.</summary>
    public void ReplaceAt(nint slotAddress, nint newEntry)
    {
        Debug.Assert(newEntry != 0);
        *(nint*)slotAddress = newEntry;
    }

    /// <summary>Takes the entry out of a slot. It is the caller's to free.</summary>
    /// <param name="slotAddress">The slot.</param>
    /// <param name="hash">The hash that it was found by.</param>
    public void RemoveAt(nint slotAddress, ulong hash)
    {
        // Buckets are aligned to their size, so a slot's address tells both the bucket and the slot's number.
        HashBucket* bucket = (HashBucket*)(slotAddress & ~(HashBucket.SizeBytes - 1));
        int slot = ((int)(slotAddress & (HashBucket.SizeBytes - 1)) / sizeof(nint)) - 1;
        BucketChain.RemoveAt(BucketOf(hash), bucket, slot, ref _childCount);
        _count--;
        if (_count < _shrinkBelow) ShrinkIfAllowed();
    }

    /// <summary>Adds an entry whose key is known to be absent.</summary>
    public void Insert(nint entry, ulong hash)
    {
        Debug.Assert(entry != 0);
        Debug.Assert(hash == HashOf(entry));
        Debug.Assert(Find(TTraits.KeyOf(entry), hash) == 0);

        Append(BucketOf(hash), entry, HashBucket.FingerprintOf(hash));
        _count++;
        if (_count > _growAbove) GrowIfAllowed();
    }

    /// <summary>Takes the entry with this key out; it is the caller's to free.</summary>
    /// <returns>The entry; 0 when there is none.</returns>
    public nint Remove(ReadOnlySpan<byte> key, ulong hash)
    {
        nint* slot = Locate(key, hash);
        if (slot == null) return 0;

        nint entry = *slot;
        RemoveAt((nint)slot, hash);
        return entry;
    }

    /// <summary>Takes out this very entry, compared by address.</summary>
    public bool RemoveExact(nint entry, ulong hash)
    {
        nint* slot = LocateExact(entry, hash);
        if (slot == null) return false;

        RemoveAt((nint)slot, hash);
        return true;
    }

    /// <summary>Puts an entry with the same key in the place of this very entry, compared by address.</summary>
    public bool Replace(nint oldEntry, nint newEntry, ulong hash)
    {
        Debug.Assert(newEntry != 0);
        nint* slot = LocateExact(oldEntry, hash);
        if (slot == null) return false;

        *slot = newEntry;
        return true;
    }

    /// <summary>A new table with everything that this one holds; this one is empty afterwards.</summary>
    /// <remarks>For freeing on another thread: the new table is handed over as a whole.</remarks>
    public EntryTable<TTraits> DetachAll()
    {
        EntryTable<TTraits> detached = new();
        detached._buckets.Free();
        detached._buckets = _buckets;
        detached._childCount = _childCount;
        detached._deepestBefore = _deepestBefore;
        detached._deepest = _deepest;
        detached._roundStart = _roundStart;
        detached._count = _count;
        detached.SetBucketCount(_bucketCount);
        StartEmpty();
        return detached;
    }

    /// <summary>Frees the table's own memory, not the entries. The table must not be used afterwards.</summary>
    public void Dispose()
    {
        for (ulong i = 0; _childCount > 0; i++) BucketChain.FreeChildren(_buckets.At(i), ref _childCount);
        _buckets.Free();
        _count = 0;
        _bucketCount = 0;
    }

    private static ulong HashOf(nint entry) => KeyHash.Of(TTraits.KeyOf(entry));

    private void StartEmpty()
    {
        _buckets = BucketArray.Create();
        _buckets.At(0)->Reset();
        _count = 0;
        _childCount = 0;
        _deepestBefore = 1;
        _deepest = 1;
        _roundStart = 1;
        SetBucketCount(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong IndexOf(ulong hash)
    {
        ulong index = hash & _mask;
        return index < _bucketCount ? index : index & (_mask >> 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private HashBucket* BucketOf(ulong hash) => _buckets.At(IndexOf(hash));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint* Locate(ReadOnlySpan<byte> key, ulong hash)
    {
        byte fingerprint = HashBucket.FingerprintOf(hash);
        HashBucket* bucket = BucketOf(hash);
        do
        {
            for (uint candidates = bucket->Candidates(fingerprint); candidates != 0; candidates &= candidates - 1)
            {
                int slot = BitOperations.TrailingZeroCount(candidates);
                if (TTraits.KeyOf(bucket->EntryAt(slot)).SequenceEqual(key)) return bucket->SlotAddress(slot);
            }

            bucket = bucket->Child;
        }
        while (bucket != null);

        return null;
    }

    private nint* LocateExact(nint entry, ulong hash)
    {
        byte fingerprint = HashBucket.FingerprintOf(hash);
        for (HashBucket* bucket = BucketOf(hash); bucket != null; bucket = bucket->Child)
        {
            for (uint candidates = bucket->Candidates(fingerprint); candidates != 0; candidates &= candidates - 1)
            {
                int slot = BitOperations.TrailingZeroCount(candidates);
                if (bucket->EntryAt(slot) == entry) return bucket->SlotAddress(slot);
            }
        }

        return null;
    }

    private void Append(HashBucket* top, nint entry, byte fingerprint)
    {
        int depth = BucketChain.Append(top, entry, fingerprint, ref _childCount);
        if (depth > _deepest) _deepest = depth;
    }
}
