// NativeTable: the hash table of keyspaces and of large collections, wholly in native memory. A value of this type is as large
// as a pointer: it views the table's header, and a data type keeps the address as its payload, or inside a struct of its own.
// The table holds native addresses of the caller's (entries, fields, members, nodes of a skiplist) and owns none of them.
//
// How it is used:
//   NativeTable<FieldTraits> table = NativeTable<FieldTraits>.Create();    // TTraits tells the key of what is at an address
//   ulong hash = KeyHash.Of(field);
//   nint entry = table.Find(field, hash);                                  // 0: not there
//   if (entry == 0) table.Insert(Field.Create(field, value), hash);
//   if (table.TryFindSlot(field, hash, out nint slot)) table.ReplaceAt(slot, other);   // or EntryAt, RemoveAt
//   cursor = table.Scan(cursor, ref visitor);  foreach (nint entry in table) ...;  table.Random(ref rngState);
//   table.Free(ref visitor);                                               // the visitor frees each entry
// Keeping the address: table.Address, and new NativeTable<FieldTraits>(address) again.
//
// Linear hashing (W. Litwin, 1980) over buckets of one cache line: the table grows by splitting one bucket when it is a
// little too full and shrinks by merging one, so there is never a second table, never a pause, and the memory per entry
// is the same at every size. With B buckets the hash's low bits give the index, one bit fewer where that exceeds B.
// A lookup touches the bucket's line and, but for one in some hundred, no entry other than the one that it wants.
//
// Holds always: an entry is in the chain of bucket IndexOf(its key's hash); its fingerprint is the hash's top byte; the
// hash is KeyHash.Of(TTraits.KeyOf(entry)), as splitting computes it again. Finding, enumerating, sampling and scanning
// change nothing, so that a snapshot thread may enumerate while commands read.
// One thread changes it at a time: the command thread, or whoever was handed the whole table for freeing.

using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>A hash table of native addresses, by key. Keys are unique. Not for more than one thread at a time.</summary>
/// <remarks>
/// A view as large as a pointer. The table never frees an entry. Slot addresses end with the next change of the table.
/// </remarks>
public readonly unsafe partial struct NativeTable<TTraits> : IEquatable<NativeTable<TTraits>>
    where TTraits : struct, IEntryTraits
{
    private readonly TableHeader* _header;

    /// <summary>Views the table whose <see cref="Address"/> this was.</summary>
    public NativeTable(nint address) => _header = (TableHeader*)address;

    /// <summary>Where the table is; 0 for none. It stays while the table lives.</summary>
    public nint Address => (nint)_header;

    /// <summary>Whether there is no table.</summary>
    public bool IsNull => _header == null;

    /// <summary>Entries in the table.</summary>
    public long Count => _header->Count;

    /// <summary>Top-level buckets.</summary>
    public long BucketCount => (long)_header->BucketCount;

    /// <summary>A word that is the owner's: 0 in a new table, and nothing to the table itself.</summary>
    public long OwnerWord
    {
        get => _header->OwnerWord;
        set => _header->OwnerWord = value;
    }

    /// <summary>Native memory of the table itself, without the entries.</summary>
    public long MemoryBytes =>
        (long)NativeHeap.UsableSize(TableHeader.SizeBytes) + _header->Buckets.MemoryBytes
        + (_header->ChildCount * (long)NativeHeap.UsableSize(HashBucket.SizeBytes));

    /// <summary>A new, empty table, of some two hundred bytes.</summary>
#pragma warning disable CA1000 // the type argument names the table's kind wherever it is used; it cannot be inferred anyway
    public static NativeTable<TTraits> Create()
#pragma warning restore CA1000
    {
        NativeTable<TTraits> table = new(NativeHeap.AllocateAligned(TableHeader.SizeBytes, HashBucket.SizeBytes));
        Debug.Assert(sizeof(TableHeader) <= TableHeader.SizeBytes);
        *table._header = default;
        table.StartEmpty();
        return table;
    }

    /// <summary>Whether both are views of the same table.</summary>
    public static bool operator ==(NativeTable<TTraits> left, NativeTable<TTraits> right) => left._header == right._header;

    /// <summary>Whether they are views of different tables.</summary>
    public static bool operator !=(NativeTable<TTraits> left, NativeTable<TTraits> right) => left._header != right._header;

    /// <inheritdoc/>
    public bool Equals(NativeTable<TTraits> other) => _header == other._header;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NativeTable<TTraits> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

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
        BucketChain.RemoveAt(BucketOf(hash), bucket, slot, ref _header->ChildCount);
        _header->Count--;
        if (_header->Count < _header->ShrinkBelow) ShrinkIfAllowed();
    }

    /// <summary>Adds an entry whose key is known to be absent.</summary>
    public void Insert(nint entry, ulong hash)
    {
        Debug.Assert(entry != 0);
        Debug.Assert(hash == HashOf(entry));
        Debug.Assert(Find(TTraits.KeyOf(entry), hash) == 0);

        Append(BucketOf(hash), entry, HashBucket.FingerprintOf(hash));
        _header->Count++;
        if (_header->Count > _header->GrowAbove) GrowIfAllowed();
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

    /// <summary>Frees the table's own memory, not the entries. No view of it may be used afterwards.</summary>
    public void Free()
    {
        for (ulong i = 0; _header->ChildCount > 0; i++)
        {
            BucketChain.FreeChildren(_header->Buckets.At(i), ref _header->ChildCount);
        }

        _header->Buckets.Free();
        NativeHeap.Free(Address, TableHeader.SizeBytes);
    }

    /// <summary>Shows each entry to the visitor, which may free it, and frees the table.</summary>
    public void Free<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor
    {
        foreach (nint entry in this) visitor.Visit(entry);
        Free();
    }

    private static ulong HashOf(nint entry) => KeyHash.Of(TTraits.KeyOf(entry));

    private void StartEmpty()
    {
        _header->Buckets = BucketArray.Create();
        _header->Buckets.At(0)->Reset();
        _header->Count = 0;
        _header->ChildCount = 0;
        _header->DeepestBefore = 1;
        _header->Deepest = 1;
        _header->RoundStart = 1;
        SetBucketCount(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong IndexOf(ulong hash)
    {
        ulong index = hash & _header->Mask;
        return index < _header->BucketCount ? index : index & (_header->Mask >> 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private HashBucket* BucketOf(ulong hash) => _header->Buckets.At(IndexOf(hash));

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
        int depth = BucketChain.Append(top, entry, fingerprint, ref _header->ChildCount);
        if (depth > _header->Deepest) _header->Deepest = depth;
    }
}
