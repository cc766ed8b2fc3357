namespace Valkey.Host.Iteration;

/// <summary>How fast an iteration goes, and how much it lends at a time.</summary>
internal sealed record IterationPace
{
    /// <summary>How long a slice of the walk may hold up the commands, microseconds.</summary>
    public long SliceUs { get; init; } = 250;

    /// <summary>The walk's share of the command thread while commands come.</summary>
    public double ShareOfBusyThread { get; init; } = 0.1;

    /// <summary>So many buckets are walked between two looks at the time.</summary>
    public int BucketsPerTimeCheck { get; init; } = 8;

    /// <summary>Entries that are lent at first.</summary>
    public int TargetStart { get; init; } = 256;

    /// <summary>The range in which their number follows the speed of the consumer. It may change on the way.</summary>
    public int TargetMin { get; set; } = 32;

    public int TargetMax { get; set; } = IterationQueue.Capacity / 2;

    /// <summary>What takes no more memory than this is cloned for its writer; for what is larger the writer waits.</summary>
    public long CloneBytesMax { get; init; } = 64 << 10;

    /// <summary>Above this, writers of keys that are not saved yet wait: the least, and the share of the memory in use.</summary>
    public long HeldBytesMin { get; init; } = 8 << 20;

    public double HeldShareOfMemory { get; init; } = 0.04;
}
