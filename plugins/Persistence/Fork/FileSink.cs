// A file as a child writes it: through a buffer in native memory, by plain system calls, nothing thrown and nothing allocated.
// Every few megabytes the kernel is asked to start writing, so that the final fsync does not find gigabytes of dirty pages and
// stall every disk user (rdb-save-incremental-fsync).
// Holds always: after the first error nothing is written any more, and its number is kept.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Persistence.Fork;

internal sealed unsafe class FileSink : ISnapshotSink, IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private const long SyncEveryBytes = 4L << 20;

    private readonly int _descriptor;
    private readonly bool _startsWritingEarly;
    private readonly ChildReport* _report;
    private readonly byte* _buffer = (byte*)NativeHeap.Allocate(BufferBytes);
    private int _buffered;
    private long _written;
    private long _handedToDisk;
    private int _errorNumber;

    /// <param name="descriptor">Where to; not closed here.</param>
    /// <param name="startsWritingEarly">Do not leave all of the disk's work to the end.</param>
    /// <param name="report">Told of the bytes.</param>
    public FileSink(int descriptor, bool startsWritingEarly, ChildReport* report)
    {
        _descriptor = descriptor;
        _startsWritingEarly = startsWritingEarly;
        _report = report;
    }

    /// <summary>While set, the sink says that it has failed, whatever it does.</summary>
    public bool IsOutOfOrder { get; set; }

    /// <inheritdoc/>
    public long BytesWritten => _written + _buffered;

    /// <inheritdoc/>
    public int ErrorNumber => IsOutOfOrder ? Native.TryAgain : _errorNumber;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferBytes - _buffered)
        {
            Flush();
            if (bytes.Length >= BufferBytes)
            {
                fixed (byte* start = bytes) WriteOut(start, bytes.Length);
                return;
            }
        }

        bytes.CopyTo(new Span<byte>(_buffer + _buffered, BufferBytes - _buffered));
        _buffered += bytes.Length;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Flush()
    {
        WriteOut(_buffer, _buffered);
        _buffered = 0;
    }

    /// <summary>Everything is on the disk when it returns without an error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sync()
    {
        Flush();
        while (_errorNumber == 0 && Native.Sync(_descriptor) < 0)
        {
            int error = Native.ErrorNumber;
            if (error != Native.Interrupted) _errorNumber = error;
        }
    }

    /// <summary>Forgets what happened so far.</summary>
    public void Reset()
    {
        _buffered = 0;
        _errorNumber = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeHeap.Free((nint)_buffer, BufferBytes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteOut(byte* bytes, int count)
    {
        int done = 0;
        while (done < count && _errorNumber == 0)
        {
            nint written = Native.Write(_descriptor, bytes + done, (nuint)(count - done));
            if (written < 0)
            {
                int error = Native.ErrorNumber;
                if (error != Native.Interrupted) _errorNumber = error;
                continue;
            }

            done += (int)written;
        }

        _written += done;
        _report->BytesWritten = _written;
        if (!_startsWritingEarly || _written - _handedToDisk < SyncEveryBytes) return;
        _ = Native.SyncRange(_descriptor, _handedToDisk, _written - _handedToDisk, Native.SyncRangeWrite);
        _handedToDisk = _written;
    }
}
