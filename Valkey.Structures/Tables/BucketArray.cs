// BucketArray: the top-level buckets of a table, numbered from 0, in segments of 1024 behind a small directory.
//
// A table grows by one bucket at a time and must never copy itself: a new segment is added and the others stay. Only the
// last segment is replaced by larger ones until it has its 1024: the first one from a single bucket on and an eighth
// at a time, the later ones in eight steps, so that little is set aside before it is needed.
// Holds always: buckets are aligned to cache lines; all segments but the last are whole. New buckets are not cleared.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

internal unsafe struct BucketArray
{
    private const int SegmentBits = 10;
    private const int SegmentBuckets = 1 << SegmentBits;
    private const int LaterStepBuckets = SegmentBuckets / 8; // 8 KB: every multiple up to 64 KB is a class of jemalloc's

    private HashBucket** _directory;
    private int _directoryCapacity;
    private int _segmentCount;
    private int _lastSegmentBuckets;

    public long Capacity { get; private set; }

    public long MemoryBytes { get; private set; }

    /// <summary>An array with room for one bucket.</summary>
    public static BucketArray Create()
    {
        BucketArray array = default;
        array.ReserveDirectory(1);
        array._directory[0] = array.AllocateSegment(1);
        array._segmentCount = 1;
        array._lastSegmentBuckets = 1;
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
            if (_lastSegmentBuckets == SegmentBuckets) AddSegment();
            else ResizeLast(LargerThan(_lastSegmentBuckets), _lastSegmentBuckets);
        }
    }

    /// <summary>Gives back what is well beyond this many buckets; what a step of growth would take again stays.</summary>
    public void Trim(long bucketCount)
    {
        while (_segmentCount > 1 && bucketCount + LaterStepBuckets <= Capacity - _lastSegmentBuckets)
        {
            FreeSegment(_directory[--_segmentCount], _lastSegmentBuckets);
            Capacity -= _lastSegmentBuckets;
            _lastSegmentBuckets = SegmentBuckets;
        }

        if (_segmentCount == 1 && bucketCount <= _lastSegmentBuckets / 2) ResizeLast((int)bucketCount, (int)bucketCount);
    }

    public void Free()
    {
        if (_directory == null) return;

        FreeSegment(_directory[--_segmentCount], _lastSegmentBuckets);
        while (_segmentCount > 0) FreeSegment(_directory[--_segmentCount], SegmentBuckets);
        NativeHeap.Free((nint)_directory, DirectoryBytes(_directoryCapacity));
        this = default;
    }

    private static nuint SegmentBytes(int bucketCount) => (nuint)bucketCount * HashBucket.SizeBytes;

    private static nuint DirectoryBytes(int capacity) => (nuint)capacity * (nuint)sizeof(HashBucket*);

    /// <summary>In the first segment an eighth more, and what the allocator rounds up to anyway.</summary>
    private readonly int LargerThan(int bucketCount)
    {
        if (_segmentCount > 1) return bucketCount + LaterStepBuckets;

        int wanted = bucketCount + 1 + (bucketCount / 8);
        return Math.Min(SegmentBuckets, (int)(NativeHeap.UsableSize(SegmentBytes(wanted)) / HashBucket.SizeBytes));
    }

    private void ResizeLast(int bucketCount, int keptCount)
    {
        HashBucket* resized = AllocateSegment(bucketCount);
        HashBucket* old = _directory[_segmentCount - 1];
        Buffer.MemoryCopy(old, resized, SegmentBytes(bucketCount), SegmentBytes(keptCount));
        FreeSegment(old, _lastSegmentBuckets);
        _directory[_segmentCount - 1] = resized;
        Capacity += bucketCount - _lastSegmentBuckets;
        _lastSegmentBuckets = bucketCount;
    }

    private void AddSegment()
    {
        ReserveDirectory(_segmentCount + 1);
        _directory[_segmentCount++] = AllocateSegment(LaterStepBuckets);
        _lastSegmentBuckets = LaterStepBuckets;
        Capacity += LaterStepBuckets;
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
