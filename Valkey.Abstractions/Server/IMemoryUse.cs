namespace Valkey.Abstractions;

/// <summary>
/// Native memory that is neither dataset nor clients: a plugin's buffer. It is part of <c>used_memory_overhead</c>; under
/// a name that Valkey knows, MEMORY STATS and INFO memory show it. Asked on the command thread, outside of a command's way.
/// </summary>
public interface IMemoryUse
{
    /// <summary>Its name in MEMORY STATS: <c>aof.buffer</c>. Uses of one name add up.</summary>
    string Name { get; }

    /// <summary>Bytes now, as <c>used_memory</c> counts them.</summary>
    long Bytes { get; }

    /// <summary>
    /// Those among them that <c>maxmemory</c> leaves out: evictions are logged and sent themselves, so what grows by that would
    /// make more of them, and no key would be left in the end.
    /// </summary>
    long NotCountedBytes { get; }
}
