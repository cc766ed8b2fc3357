// The bytes of a file of commands, read in large pieces and shown where they lie.
//
// Holds always: Start to End is what was read and not consumed yet, and it moves only in TryFill. A command that is longer than
// the buffer makes it grow with what the file really holds, so that a length that is only promised costs nothing.

using System.Runtime.InteropServices;
using Valkey.Aof.Files;
using Valkey.Structures;

namespace Valkey.Aof.Loading;

internal sealed unsafe class AofInput : IDisposable
{
    /// <summary>Small enough to stay in the processor's cache between the reading and the executing.</summary>
    public const int BufferBytes = 256 * 1024;

    private const int ReadMaxBytes = 1 << 30;

    private readonly int _descriptor;
    private byte* _buffer;
    private nint _capacity = BufferBytes;
    private nint _used;
    private nint _position;
    private long _offsetOfBuffer;

    /// <summary>Reads a file from an offset on.</summary>
    /// <param name="descriptor">Stays the caller's.</param>
    /// <param name="offset">Where to begin.</param>
    public AofInput(int descriptor, long offset)
    {
        _descriptor = descriptor;
        _offsetOfBuffer = Libc.Seek(descriptor, offset, Libc.SeekSet);
        if (_offsetOfBuffer < 0) Fail();
        _buffer = (byte*)NativeHeap.Allocate((nuint)_capacity);
    }

    /// <summary>The first byte that was not consumed.</summary>
    public byte* Start => _buffer + _position;

    /// <summary>Behind the last byte that was read.</summary>
    public byte* End => _buffer + _used;

    /// <summary>Bytes from <see cref="Start"/> to <see cref="End"/>.</summary>
    public nint AvailableBytes => _used - _position;

    /// <summary>Offset in the file of <see cref="Start"/>.</summary>
    public long Offset => _offsetOfBuffer + _position;

    /// <summary>What the system said when reading failed; null while it did not.</summary>
    public string? Error { get; private set; }

    /// <summary>Goes on behind these bytes.</summary>
    public void Consume(nint count) => _position += count;

    /// <summary>Reads on. What was shown so far has moved. False at the end of the file, or when reading failed.</summary>
    /// <param name="wantedBytes">How many bytes from <see cref="Start"/> on are needed, as far as that is known.</param>
    public bool TryFill(nint wantedBytes)
    {
        if (Error is not null) return false;
        MoveToFront();
        FitTo(wantedBytes);
        nint free = _capacity - _used;
        nint count;
        do count = Libc.Read(_descriptor, _buffer + _used, (nuint)Math.Min(free, ReadMaxBytes));
        while (count < 0 && Libc.LastError == Libc.ErrorInterrupted);
        if (count < 0) Fail();
        if (count <= 0) return false;
        _used += count;
        return true;
    }

    public void Dispose()
    {
        if (_buffer != null) NativeHeap.Free((nint)_buffer, (nuint)_capacity);
        _buffer = null;
        _used = _position = 0;
    }

    private void MoveToFront()
    {
        if (_position == 0) return;
        _used -= _position;
        NativeMemory.Copy(_buffer + _position, _buffer, (nuint)_used);
        _offsetOfBuffer += _position;
        _position = 0;
    }

    /// <summary>Makes room: twice as much when that is wanted, and not at once what is, since the file may not have it.</summary>
    private void FitTo(nint wantedBytes)
    {
        bool isLarger = _capacity > BufferBytes;
        if (wantedBytes > _capacity) Resize(Math.Min(wantedBytes + BufferBytes, _capacity * 2));
        else if (_used == _capacity) Resize(_capacity * 2);
        else if (isLarger && wantedBytes <= BufferBytes && _used < BufferBytes / 2) Resize(BufferBytes);
    }

    private void Resize(nint capacity)
    {
        if (capacity == _capacity) return;
        _buffer = (byte*)NativeHeap.Reallocate((nint)_buffer, (nuint)_capacity, (nuint)capacity);
        _capacity = capacity;
    }

    private void Fail() => Error = Libc.LastErrorText;
}
