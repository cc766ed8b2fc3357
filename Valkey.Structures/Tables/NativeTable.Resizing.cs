// NativeTable, growing and shrinking: one bucket at a time, at the end of the array.
//
// Splitting makes bucket B and moves to it those entries of its buddy (B without its highest bit) whose next hash bit is
// set; merging is the way back. 6.75 entries per bucket of 7 is where it grows: measured, 13 to 14 bytes per entry with
// all children counted, at every size. Below 4 it shrinks; the distance keeps a table that breathes from working.
// Holds always: after an insert past the threshold at most one bucket was split, and after a removal one was merged.

using System.Numerics;

namespace Valkey.Structures;

public readonly unsafe partial struct NativeTable<TTraits>
{
    private const int GrowQuarters = 27; // a quarter entry each: 6.75 entries per bucket
    private const int ShrinkEntries = 4;
    private const int PausedFactor = 2;

    /// <summary>Pauses the resizing of this table; <see cref="TableResizing.IsPaused"/> does so for all.</summary>
    public bool ResizePaused
    {
        get => _header->ResizePaused;
        set => _header->ResizePaused = value;
    }

    /// <summary>Catches up with splits or merges that were left out, at most this many buckets.</summary>
    /// <returns>Whether there is more to do. False as well while resizing is paused.</returns>
    public bool Step(int bucketCount)
    {
        if (IsResizePaused) return false;

        for (; bucketCount > 0; bucketCount--)
        {
            if (_header->Count > _header->GrowAbove) Split();
            else if (_header->Count < _header->ShrinkBelow) Merge();
            else return false;
        }

        return _header->Count > _header->GrowAbove || _header->Count < _header->ShrinkBelow;
    }

    /// <summary>Makes room for this many entries at once, before many are added. Removals and steps take it back.</summary>
    public void Reserve(long entryCount)
    {
        while (_header->GrowAbove < entryCount) Split();
    }

    /// <summary>Takes out the entries of some buckets, from the last one down, showing each to the visitor.</summary>
    /// <returns>Whether entries are left. Between calls the table is whole and may be used.</returns>
    /// <remarks>The visitor may free the entry it is shown; it must not touch the table.</remarks>
    public bool DrainStep<TVisitor>(ref TVisitor visitor, int bucketCount)
        where TVisitor : struct, IEntryVisitor
    {
        if (_header->Count == 0 && _header->BucketCount == 1) return false;

        for (; bucketCount > 0 && _header->Count > 0; bucketCount--)
        {
            DrainLast(ref visitor);
            if (_header->BucketCount == 1) break;
            SetBucketCount(_header->BucketCount - 1);
            _header->Buckets.Trim((long)_header->BucketCount);
        }

        if (_header->Count > 0) return true;

        _header->Buckets.Free();
        StartEmpty();
        return false;
    }

    /// <summary>Takes out all entries, showing each to the visitor, and gives the memory back.</summary>
    /// <remarks>The visitor may free the entry it is shown; it must not touch the table.</remarks>
    public void Clear<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor
    {
        while (DrainStep(ref visitor, int.MaxValue))
        {
        }
    }

    private bool IsResizePaused => ResizePaused || TableResizing.IsPaused;

    private void GrowIfAllowed()
    {
        if (IsResizePaused && _header->Count <= _header->GrowAbove * PausedFactor) return;
        Split();
    }

    private void ShrinkIfAllowed()
    {
        if (!IsResizePaused) Merge();
    }

    private void SetBucketCount(ulong bucketCount)
    {
        _header->BucketCount = bucketCount;
        _header->Mask = BitOperations.RoundUpToPowerOf2(bucketCount) - 1;
        _header->GrowAbove = (long)bucketCount * GrowQuarters / 4;
        _header->ShrinkBelow = (long)(bucketCount - 1) * ShrinkEntries;
    }

    private ulong BuddyOf(ulong index) => index & (_header->Mask >> 1);

    private void Split()
    {
        ulong newIndex = _header->BucketCount;
        _header->Buckets.EnsureCapacity((long)newIndex + 1);
        SetBucketCount(newIndex + 1);
        HashBucket* target = _header->Buckets.At(newIndex);
        HashBucket* source = _header->Buckets.At(BuddyOf(newIndex));
        target->Reset();
        PrefetchChain(source);

        HashBucket head = *source;
        source->Reset();
        for (HashBucket* bucket = &head; bucket != null; bucket = bucket->Child)
        {
            for (uint present = bucket->Present; present != 0; present &= present - 1)
            {
                nint entry = bucket->EntryAt(BitOperations.TrailingZeroCount(present));
                ulong hash = HashOf(entry);
                Append(IndexOf(hash) == newIndex ? target : source, entry, HashBucket.FingerprintOf(hash));
            }
        }

        BucketChain.FreeChildren(&head, ref _header->ChildCount);
        if (_header->BucketCount == _header->RoundStart * 2) StartRound();
    }

    private void Merge()
    {
        HashBucket* source = _header->Buckets.At(_header->BucketCount - 1);
        HashBucket* target = _header->Buckets.At(BuddyOf(_header->BucketCount - 1));
        for (HashBucket* bucket = source; bucket != null; bucket = bucket->Child)
        {
            for (uint present = bucket->Present; present != 0; present &= present - 1)
            {
                int slot = BitOperations.TrailingZeroCount(present);
                Append(target, bucket->EntryAt(slot), bucket->FingerprintAt(slot));
            }
        }

        BucketChain.FreeChildren(source, ref _header->ChildCount);
        SetBucketCount(_header->BucketCount - 1);
        _header->Buckets.Trim((long)_header->BucketCount);
    }

    private void StartRound()
    {
        _header->RoundStart = _header->BucketCount;
        _header->DeepestBefore = _header->Deepest;
        _header->Deepest = 1;
    }

    private void DrainLast<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor
    {
        HashBucket* top = _header->Buckets.At(_header->BucketCount - 1);
        for (HashBucket* bucket = top; bucket != null; bucket = bucket->Child)
        {
            _header->Count -= bucket->EntryCount;
            for (uint present = bucket->Present; present != 0; present &= present - 1)
            {
                visitor.Visit(bucket->EntryAt(BitOperations.TrailingZeroCount(present)));
            }
        }

        BucketChain.FreeChildren(top, ref _header->ChildCount);
        top->Reset();
    }
}
