// The native memory of all command buffers together. They change hands between threads, so each tells here what it takes.
// Holds always: Bytes is what used_memory has of them. Any thread.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Aof.Writing;

internal sealed class BufferMemory : IMemoryUse
{
    private long _bytes;

    /// <inheritdoc/>
    public string Name => "aof.buffer";

    /// <inheritdoc/>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>All of it: an evicted key is a deletion in the log, which waits here to be written.</summary>
    public long NotCountedBytes => Bytes;

    /// <summary>A block of that size was allocated.</summary>
    public void Add(long sizeBytes) => Interlocked.Add(ref _bytes, (long)NativeHeap.UsableSize((nuint)sizeBytes));

    /// <summary>It was freed.</summary>
    public void Remove(long sizeBytes) => Interlocked.Add(ref _bytes, -(long)NativeHeap.UsableSize((nuint)sizeBytes));
}
