// NativeTable, walking: scanning with a stateless cursor, sampling, prefetching.
//
// The scan's order: write the hash's bits in reverse (lowest bit first). In that order every bucket covers one contiguous
// range of hashes, whatever the number of buckets: bucket i of a mask m covers all hashes that begin with i's bits
// reversed. Splitting halves a range, merging joins two neighbours. The cursor is the position where the unvisited rest
// begins (stored with its bits reversed back, so that it stays a small number). A call visits the whole bucket that
// contains the position and goes on at that bucket's end.
// Holds always: what lies before the cursor has been visited, or came into the table after the scan had passed its
// place; so what is in the table from the scan's start to its end is seen, at least once, whatever splits or merges.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Valkey.Structures;

public readonly unsafe partial struct NativeTable<TTraits>
{
    private const int SnapshotEntries = 64;
    private const int RandomDraws = 6;
    private const int RandomRoundsMax = 100;
    private const int SampleBucketsPerEntry = 16;

    /// <summary>Visits the entries of one bucket.</summary>
    /// <param name="cursor">0 to start, then what the last call returned.</param>
    /// <param name="visitor">Is shown each entry; see remarks for what it may do.</param>
    /// <returns>The cursor for the next call; 0 when the scan is complete.</returns>
    /// <remarks>
    /// Between calls the table may change in any way. While it is visited, the visitor may remove, replace or free the
    /// entry that it is shown, and insert others; it must not remove or free other entries (remember them, and do it after
    /// the call). An entry may be shown more than once in a scan, when the table resizes meanwhile.
    /// </remarks>
    [SkipLocalsInit]
    public ulong Scan<TVisitor>(ulong cursor, ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor
    {
        ulong index = IndexOf(cursor);
        HashBucket* top = _header->Buckets.At(index);
        ulong next = NextCursor(cursor, index);

        // The visitor works on a copy, because a removal fills its hole from the chain's end.
        Span<nint> entries = stackalloc nint[SnapshotEntries];
        int count = top->HasChild ? BucketChain.CountEntries(top) : top->EntryCount;
        if (count > SnapshotEntries)
        {
            VisitLongChain(top, count, ref visitor);
            return next;
        }

        count = BucketChain.CopyTo(top, entries);
        for (int i = 0; i < count; i++) visitor.Visit(entries[i]);
        return next;
    }

    /// <summary>Visits everything, as one scan without a break.</summary>
    /// <remarks>The visitor may do what it may in <see cref="Scan"/>.</remarks>
    public void ScanAll<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor
    {
        ulong cursor = 0;
        do
        {
            cursor = Scan(cursor, ref visitor);
        }
        while (cursor != 0);
    }

    /// <summary>One entry, each with the same probability; 0 when the table is empty.</summary>
    /// <param name="rngState">Any number to start with; advanced by the call.</param>
    public nint Random(ref ulong rngState)
    {
        if (_header->Count == 0) return 0;

        // A place in a bucket, of as many as the deepest chain has, is drawn; an empty place means to draw again. That is
        // fair, and takes some five draws, so we let the processor fetch several buckets at once. Only in a table that is
        // nearly all holes we give up, and take what is nearby.
        for (int i = 0; i < RandomRoundsMax; i++)
        {
            nint entry = DrawSeveral(ref rngState);
            if (entry != 0) return entry;
        }

        nint nearby = 0;
        _ = Sample(new Span<nint>(ref nearby), ref rngState);
        return nearby;
    }

    /// <summary>Collects entries of neighbouring buckets from a random one on; cheaper and less random than
    /// <see cref="Random"/>.</summary>
    /// <returns>How many: at least one unless the table is empty; fewer than asked for where the table is sparse.</returns>
    /// <param name="into">Receives distinct entries.</param>
    /// <param name="rngState">Any number to start with; advanced by the call.</param>
    public int Sample(Span<nint> into, ref ulong rngState)
    {
        if (_header->Count == 0 || into.IsEmpty) return 0;

        ulong index = Math.BigMul(SplitMix64.Next(ref rngState), _header->BucketCount, out _);
        ulong enoughBuckets = Math.Min(_header->BucketCount, (ulong)into.Length * SampleBucketsPerEntry);
        int found = 0;
        for (ulong walked = 0; walked < _header->BucketCount && found < into.Length; walked++)
        {
            if (walked >= enoughBuckets && found > 0) break;
            found += BucketChain.CopyTo(_header->Buckets.At(index), into[found..]);
            if (++index == _header->BucketCount) index = 0;
        }

        return found;
    }

    /// <summary>Asks the processor for the bucket of a hash, some time before it is looked up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported) Sse.Prefetch0(BucketOf(hash));
    }

    /// <summary>Asks for the entries that a lookup of this hash will compare, after their bucket has arrived.</summary>
    public void PrefetchEntry(ulong hash)
    {
        if (!Sse.IsSupported) return;

        HashBucket* bucket = BucketOf(hash);
        uint candidates = bucket->Candidates(HashBucket.FingerprintOf(hash));
        if (candidates == 0 && bucket->HasChild)
        {
            Sse.Prefetch0(bucket->Child);
            return;
        }

        for (; candidates != 0; candidates &= candidates - 1)
        {
            Sse.Prefetch0((void*)bucket->EntryAt(BitOperations.TrailingZeroCount(candidates)));
        }
    }

    /// <summary>Every entry, in no order; the table must not change meanwhile.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Counts chains by length; walks all buckets.</summary>
    public EntryTableStatistics ReadStatistics()
    {
        long[] chains = new long[Math.Max(_header->Deepest, _header->DeepestBefore) + 1];
        for (ulong i = 0; i < _header->BucketCount; i++) chains[BucketChain.CountBuckets(_header->Buckets.At(i))]++;
        return new EntryTableStatistics(_header->Count, (long)_header->BucketCount, _header->ChildCount, MemoryBytes, chains);
    }

    [SkipLocalsInit]
    private nint DrawSeveral(ref ulong rngState)
    {
        ulong placesPerBucket = (ulong)BucketChain.EntryCountMax(Math.Max(_header->Deepest, _header->DeepestBefore));
        HashBucket** tops = stackalloc HashBucket*[RandomDraws];
        int* places = stackalloc int[RandomDraws];
        for (int i = 0; i < RandomDraws; i++)
        {
            // The fraction that scaling leaves is as random as the index, and independent of it.
            ulong index = Math.BigMul(SplitMix64.Next(ref rngState), _header->BucketCount, out ulong fraction);
            places[i] = (int)Math.BigMul(fraction, placesPerBucket, out _);
            tops[i] = _header->Buckets.At(index);
            if (Sse.IsSupported) Sse.Prefetch0(tops[i]);
        }

        for (int i = 0; i < RandomDraws; i++)
        {
            nint entry = BucketChain.EntryAt(tops[i], places[i]);
            if (entry != 0) return entry;
        }

        return 0;
    }

    private static void PrefetchChain(HashBucket* top)
    {
        if (!Sse.IsSupported) return;

        for (HashBucket* bucket = top; bucket != null; bucket = bucket->Child)
        {
            for (uint present = bucket->Present; present != 0; present &= present - 1)
            {
                Sse.Prefetch0((void*)bucket->EntryAt(BitOperations.TrailingZeroCount(present)));
            }
        }
    }

    private static void VisitLongChain<TVisitor>(HashBucket* top, int count, ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor
    {
        nuint sizeBytes = (nuint)count * (nuint)sizeof(nint);
        nint copy = NativeHeap.Allocate(sizeBytes);
        try
        {
            Span<nint> entries = new((void*)copy, count);
            _ = BucketChain.CopyTo(top, entries);
            for (int i = 0; i < entries.Length; i++) visitor.Visit(entries[i]);
        }
        finally
        {
            NativeHeap.Free(copy, sizeBytes);
        }
    }

    /// <summary>The end of the range that the bucket covers: its bits, reversed, plus one in the last of them.</summary>
    private ulong NextCursor(ulong cursor, ulong index)
    {
        // A bucket whose buddy one bit up does not exist yet covers both ranges.
        ulong halfMask = _header->Mask >> 1;
        bool isUnsplit = index <= halfMask && index + halfMask + 1 >= _header->BucketCount;
        ulong mask = isUnsplit ? halfMask : _header->Mask;
        return ReverseBits(ReverseBits(cursor | ~mask) + 1);
    }

    private static ulong ReverseBits(ulong value)
    {
        value = ((value >> 1) & 0x5555555555555555) | ((value & 0x5555555555555555) << 1);
        value = ((value >> 2) & 0x3333333333333333) | ((value & 0x3333333333333333) << 2);
        value = ((value >> 4) & 0x0F0F0F0F0F0F0F0F) | ((value & 0x0F0F0F0F0F0F0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value);
    }

    /// <summary>Walks a table that does not change.</summary>
    public ref struct Enumerator
    {
        private readonly NativeTable<TTraits> _table;
        private ulong _nextIndex;
        private HashBucket* _bucket;
        private uint _present;

        internal Enumerator(NativeTable<TTraits> table) => _table = table;

        /// <summary>The entry.</summary>
        public nint Current { get; private set; }

        /// <summary>Goes on to the next entry.</summary>
        public bool MoveNext()
        {
            while (_present == 0)
            {
                _bucket = _bucket == null ? null : _bucket->Child;
                if (_bucket == null)
                {
                    if (_nextIndex == _table._header->BucketCount) return false;
                    _bucket = _table._header->Buckets.At(_nextIndex++);
                }

                _present = _bucket->Present;
            }

            Current = _bucket->EntryAt(BitOperations.TrailingZeroCount(_present));
            _present &= _present - 1;
            return true;
        }
    }
}
