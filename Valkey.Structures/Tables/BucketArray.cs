// BucketArray: the top-level buckets of a table, numbered from 0, in segments of 1024 behind a small directory.
//
// A table grows by one bucket at a time and must never copy itself: a new segment is added and nothing moves. Only the first
// segment starts with a single bucket and is replaced by larger ones (an eighth at a time) until it has its 1024, so
// that a small table costs what it needs.
// Holds always: buckets are aligned to cache lines; all segments but the first are whole. New buckets are not cleared.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

internal unsafe struct BucketArray
{
    private const int SegmentBits = 10;
    private const int SegmentBuckets = 1 << SegmentBits;
    private const int SpareBucketsMax = SegmentBuckets / 2; // keeps a table that breathes from freeing and allocating

    private HashBucket** _directory;
    private int _directoryCapacity;
    private int _segmentCount;
    private int _firstSegmentBuckets;

    public long Capacity { get; private set; }

    public long MemoryBytes { get; private set; }

    /// <summary>An array with room for one bucket.</summary>
    public static BucketArray Create()
    {
        BucketArray array = default;
        array.ReserveDirectory(1);
        array._directory[0] = array.AllocateSegment(1);
        array._segmentCount = 1;
        array._firstSegmentBuckets = 1;
        array.Capacity = 1;
        return array;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly HashBucket* At(ulong index)
    {
        Debug.Assert(index < (ulong)Capacity);
        return _directory[index >> SegmentBits] + (index & (SegmentBuckets - 1));
    }

    public void EnsureCapacity(long bucketCount)
    {
        while (Capacity < bucketCount)
        {
            if (_firstSegmentBuckets < SegmentBuckets) ResizeFirst(LargerFirst(_firstSegmentBuckets), _firstSegmentBuckets);
            else AddSegment();
        }
    }

    /// <summary>Gives back what is far beyond this many buckets.</summary>
    public void Trim(long bucketCount)
    {
        while (_segmentCount > 1 && bucketCount + SpareBucketsMax <= Capacity - SegmentBuckets)
        {
            FreeSegment(_directory[--_segmentCount], SegmentBuckets);
            Capacity -= SegmentBuckets;
        }

        if (_segmentCount == 1 && bucketCount <= _firstSegmentBuckets / 2)
        {
            ResizeFirst((int)bucketCount, (int)bucketCount);
        }
    }

    public void Free()
    {
        if (_directory == null) return;

        FreeSegment(_directory[0], _firstSegmentBuckets);
        for (int i = 1; i < _segmentCount; i++) FreeSegment(_directory[i], SegmentBuckets);
        NativeHeap.Free((nint)_directory, DirectoryBytes(_directoryCapacity));
        this = default;
    }

    private static nuint SegmentBytes(int bucketCount) => (nuint)bucketCount * HashBucket.SizeBytes;

    private static nuint DirectoryBytes(int capacity) => (nuint)capacity * (nuint)sizeof(HashBucket*);

    /// <summary>An eighth more, and what the allocator rounds up to anyway.</summary>
    private static int LargerFirst(int bucketCount)
    {
        int wanted = bucketCount + 1 + (bucketCount / 8);
        return Math.Min(SegmentBuckets, (int)(NativeHeap.UsableSize(SegmentBytes(wanted)) / HashBucket.SizeBytes));
    }

    private void ResizeFirst(int bucketCount, int keptCount)
    {
        HashBucket* resized = AllocateSegment(bucketCount);
        HashBucket* old = _directory[0];
        Buffer.MemoryCopy(old, resized, SegmentBytes(bucketCount), SegmentBytes(keptCount));
        FreeSegment(old, _firstSegmentBuckets);
        _directory[0] = resized;
        _firstSegmentBuckets = bucketCount;
        Capacity = bucketCount;
    }

    private void AddSegment()
    {
        ReserveDirectory(_segmentCount + 1);
        _directory[_segmentCount++] = AllocateSegment(SegmentBuckets);
        Capacity += SegmentBuckets;
    }

    private void ReserveDirectory(int segmentCount)
    {
        if (segmentCount <= _directoryCapacity) return;

        int capacity = Math.Max(segmentCount, _directoryCapacity * 2);
        nuint oldBytes = DirectoryBytes(_directoryCapacity);
        _directory = (HashBucket**)NativeHeap.Reallocate((nint)_directory, oldBytes, DirectoryBytes(capacity));
        MemoryBytes += (long)NativeHeap.UsableSize(DirectoryBytes(capacity));
        if (_directoryCapacity > 0) MemoryBytes -= (long)NativeHeap.UsableSize(oldBytes);
        _directoryCapacity = capacity;
    }

    private HashBucket* AllocateSegment(int bucketCount)
    {
        HashBucket* segment = (HashBucket*)NativeHeap.AllocateAligned(SegmentBytes(bucketCount), HashBucket.SizeBytes);
        MemoryBytes += (long)NativeHeap.UsableSize(SegmentBytes(bucketCount));
        return segment;
    }

    private void FreeSegment(HashBucket* segment, int bucketCount)
    {
        NativeHeap.Free((nint)segment, SegmentBytes(bucketCount));
        MemoryBytes -= (long)NativeHeap.UsableSize(SegmentBytes(bucketCount));
    }
}
