namespace Valkey.Structures;

/// <summary>What the allocator says about itself, in bytes. For libc all but muzzy repeat what we counted.</summary>
public readonly record struct AllocatorStatistics
{
    /// <summary>Handed out to the program.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>In pages that hold at least one allocation; the difference to allocated is internal fragmentation.</summary>
    public long ActiveBytes { get; init; }

    /// <summary>Backed by physical memory, the allocator's own bookkeeping included.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>Returned to the system lazily and perhaps still resident.</summary>
    public long MuzzyBytes { get; init; }
}
