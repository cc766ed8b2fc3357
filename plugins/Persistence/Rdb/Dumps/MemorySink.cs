using Valkey.Abstractions;

namespace Valkey.Rdb;

/// <summary>Collects what is written in native memory; used again and again.</summary>
internal sealed class MemorySink : ISnapshotSink, IDisposable
{
    private const int InitialBytes = 4096;
    private const int KeptBytesMax = 1 << 20;

    private readonly GrowingBuffer _buffer = new(InitialBytes);
    private int _used;

    /// <inheritdoc/>
    public long BytesWritten => _used;

    /// <inheritdoc/>
    public int ErrorNumber => 0;

    /// <summary>What was written, valid until the next call.</summary>
    public ReadOnlySpan<byte> Written => _buffer.Bytes[.._used];

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.WithRoomFor(checked(_used + bytes.Length))[_used..]);
        _used += bytes.Length;
    }

    /// <inheritdoc/>
    public void Flush() { }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _used = 0;
        if (_buffer.Capacity > KeptBytesMax) _buffer.Resize(InitialBytes);
    }

    public void Dispose() => _buffer.Dispose();
}
