namespace Valkey.Structures;

/// <summary>The shape of a table at one moment.</summary>
/// <param name="Count">Entries.</param>
/// <param name="BucketCount">Top-level buckets.</param>
/// <param name="ChildBucketCount">Buckets chained to others.</param>
/// <param name="MemoryBytes">Native memory of the table itself.</param>
/// <param name="ChainCounts">At [n], how many top-level buckets are chains of n buckets; [0] is 0.</param>
public sealed record EntryTableStatistics(
    long Count, long BucketCount, long ChildBucketCount, long MemoryBytes, IReadOnlyList<long> ChainCounts);
