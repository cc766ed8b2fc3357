// EntryTable, growing and shrinking: one bucket at a time, at the end of the array.
//
// Splitting makes bucket B and moves to it those entries of its buddy (B without its highest bit) whose next hash bit is
// set; merging is the way back. 6.75 entries per bucket of 7 is where it grows: measured, 13 to 14 bytes per entry with
// all children counted, at every size. Below 4 it shrinks; the distance keeps a table that breathes from working.
// Holds always: after an insert past the threshold at most one bucket was split, and after a removal one was merged.

using System.Numerics;

namespace Valkey.Structures;

public sealed unsafe partial class EntryTable<TTraits>
{
    private const int GrowQuarters = 27; // a quarter entry each: 6.75 entries per bucket
    private const int ShrinkEntries = 4;
    private const int PausedFactor = 2;

    // For Random: how deep a chain may be. Every chain is rebuilt while the table doubles, so what was noted before the
    // last doubling is forgotten.
    private int _deepestBefore;
    private int _deepest;
    private ulong _roundStart;

    /// <summary>Pauses the resizing of this table; <see cref="TableResizing.IsPaused"/> does so for all.</summary>
    public bool ResizePaused { get; set; }

    /// <summary>Catches up with splits or merges that were left out, at most this many buckets.</summary>
    /// <returns>Whether there is more to do. False as well while resizing is paused.</returns>
    public bool Step(int bucketCount)
    {
        if (IsResizePaused) return false;

        for (; bucketCount > 0; bucketCount--)
        {
            if (_count > _growAbove) Split();
            else if (_count < _shrinkBelow) Merge();
            else return false;
        }

        return _count > _growAbove || _count < _shrinkBelow;
    }

    /// <summary>Makes room for this many entries at once, before many are added. Removals and steps take it back.</summary>
    public void Reserve(long entryCount)
    {
        while (_growAbove < entryCount) Split();
    }

    /// <summary>Takes out the entries of some buckets, from the last one down, showing each to the visitor.</summary>
    /// <returns>Whether entries are left. Between calls the table is whole and may be used.</returns>
    /// <remarks>The visitor may free the entry it is shown; it must not touch the table.</remarks>
    public bool DrainStep<TVisitor>(ref TVisitor visitor, int bucketCount)
        where TVisitor : struct, IEntryVisitor
    {
        if (_count == 0 && _bucketCount == 1) return false;

        for (; bucketCount > 0 && _count > 0; bucketCount--)
        {
            DrainLast(ref visitor);
            if (_bucketCount == 1) break;
            SetBucketCount(_bucketCount - 1);
            _buckets.Trim((long)_bucketCount);
        }

        if (_count > 0) return true;

        _buckets.Free();
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
        if (IsResizePaused && _count <= _growAbove * PausedFactor) return;
        Split();
    }

    private void ShrinkIfAllowed()
    {
        if (!IsResizePaused) Merge();
    }

    private void SetBucketCount(ulong bucketCount)
    {
        _bucketCount = bucketCount;
        _mask = BitOperations.RoundUpToPowerOf2(bucketCount) - 1;
        _growAbove = (long)bucketCount * GrowQuarters / 4;
        _shrinkBelow = (long)(bucketCount - 1) * ShrinkEntries;
    }

    private ulong BuddyOf(ulong index) => index & (_mask >> 1);

    private void Split()
    {
        ulong newIndex = _bucketCount;
        _buckets.EnsureCapacity((long)newIndex + 1);
        SetBucketCount(newIndex + 1);
        HashBucket* target = _buckets.At(newIndex);
        HashBucket* source = _buckets.At(BuddyOf(newIndex));
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

        BucketChain.FreeChildren(&head, ref _childCount);
        if (_bucketCount == _roundStart * 2) StartRound();
    }

    private void Merge()
    {
        HashBucket* source = _buckets.At(_bucketCount - 1);
        HashBucket* target = _buckets.At(BuddyOf(_bucketCount - 1));
        for (HashBucket* bucket = source; bucket != null; bucket = bucket->Child)
        {
            for (uint present = bucket->Present; present != 0; present &= present - 1)
            {
                int slot = BitOperations.TrailingZeroCount(present);
                Append(target, bucket->EntryAt(slot), bucket->FingerprintAt(slot));
            }
        }

        BucketChain.FreeChildren(source, ref _childCount);
        SetBucketCount(_bucketCount - 1);
        _buckets.Trim((long)_bucketCount);
    }

    private void StartRound()
    {
        _roundStart = _bucketCount;
        _deepestBefore = _deepest;
        _deepest = 1;
    }

    private void DrainLast<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor
    {
        HashBucket* top = _buckets.At(_bucketCount - 1);
        for (HashBucket* bucket = top; bucket != null; bucket = bucket->Child)
        {
            _count -= bucket->EntryCount;
            for (uint present = bucket->Present; present != 0; present &= present - 1)
            {
                visitor.Visit(bucket->EntryAt(BitOperations.TrailingZeroCount(present)));
            }
        }

        BucketChain.FreeChildren(top, ref _childCount);
        top->Reset();
    }
}
