// Memory that plugins name: buffers beside dataset and clients. What of it maxmemory leaves out is Eviction's business.
// Command thread.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Keyspace;

internal sealed class MemoryUses
{
    private readonly List<IMemoryUse> _uses = [];

    /// <summary>Bytes of all.</summary>
    public long TotalBytes
    {
        get
        {
            long bytes = 0;
            foreach (IMemoryUse use in _uses) bytes += use.Bytes;
            return bytes;
        }
    }

    /// <summary>Bytes that maxmemory leaves out.</summary>
    public long NotCountedBytes
    {
        get
        {
            long bytes = 0;
            foreach (IMemoryUse use in _uses) bytes += use.NotCountedBytes;
            return bytes;
        }
    }

    /// <summary>Names memory until the result is disposed.</summary>
    public IDisposable Add(IMemoryUse use)
    {
        _uses.Add(use);
        return new Registration(() => _uses.Remove(use));
    }

    /// <summary>Bytes under one name of MEMORY STATS.</summary>
    public long BytesOf(string name)
    {
        long bytes = 0;
        foreach (IMemoryUse use in _uses)
        {
            if (use.Name == name) bytes += use.Bytes;
        }

        return bytes;
    }
}
