// What a table is, apart from its buckets. It lies in native memory beside the data, so that a dataset with a million large
// collections has no managed object for any of them.

namespace Valkey.Structures;

internal unsafe struct TableHeader
{
    /// <summary>Two cache lines: what a lookup needs stands in the first one.</summary>
    public const int SizeBytes = 2 * HashBucket.SizeBytes;

    public BucketArray Buckets;
    public ulong BucketCount;
    public ulong Mask; // the smallest 2^n - 1 that covers all indexes
    public long Count;
    public long GrowAbove;
    public long ShrinkBelow;
    public long ChildCount;

    // For Random: how deep a chain may be. Every chain is rebuilt while the table doubles, so what was noted before the
    // last doubling is forgotten.
    public int DeepestBefore;
    public int Deepest;
    public ulong RoundStart;

    public long OwnerWord;
    public bool ResizePaused;
}
