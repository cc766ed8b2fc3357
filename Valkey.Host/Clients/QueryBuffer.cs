// A client's private query buffer: bytes that were received and not executed yet.
//
// Most clients never need one: requests are read into a buffer that all clients share and executed from there. Only what is
// incomplete moves here, and stays until the rest has come.
// Holds always: position <= used <= capacity; the bytes from position to used are not consumed yet.

using Valkey.Structures;

namespace Valkey.Host.Clients;

internal unsafe struct QueryBuffer
{
    public const int ReadSizeBytes = 16 * 1024;
    public const int BigArgumentBytes = 32 * 1024;

    private byte* _start;
    private nint _capacity;
    private nint _used;

    /// <summary>Largest use since the last look of the cron.</summary>
    public nint PeakBytes;

    public readonly bool IsAllocated => _start != null;

    public readonly byte* Start => _start;

    public readonly nint UsedBytes => _used;

    public readonly nint CapacityBytes => _capacity;

    public readonly nint FreeBytes => _capacity - _used;

    /// <summary>Where a read may put its bytes.</summary>
    public readonly Span<byte> FreeSpace => new(_start + _used, (int)Math.Min(_capacity - _used, int.MaxValue));

    /// <summary>Makes room for so many bytes more; exactly so many when <paramref name="exactly"/>, else with room to grow.</summary>
    public void EnsureFree(nint sizeBytes, bool exactly)
    {
        if (_capacity - _used >= sizeBytes) return;
        nint needed = _used + sizeBytes;
        Resize(exactly ? needed : needed < 1024 * 1024 ? needed + (needed / 2) : needed + (1024 * 1024));
    }

    /// <summary>Bytes that a read put into <see cref="FreeSpace"/>.</summary>
    public void Advance(nint count)
    {
        _used += count;
        if (_used > PeakBytes) PeakBytes = _used;
    }

    /// <summary>Appends a copy.</summary>
    public void Append(byte* bytes, nint count)
    {
        EnsureFree(count, exactly: _start == null); // the next read, not this tail, says how much room is wanted
        Buffer.MemoryCopy(bytes, _start + _used, _capacity - _used, count);
        Advance(count);
    }

    /// <summary>Drops consumed bytes at the front.</summary>
    public void Consume(nint count)
    {
        if (count == 0) return;
        _used -= count;
        if (_used > 0) Buffer.MemoryCopy(_start + count, _start, _capacity, _used);
    }

    /// <summary>Changes the capacity, never below what is used.</summary>
    public void Resize(nint capacity)
    {
        capacity = Math.Max(capacity, Math.Max(_used, 1));
        _start = (byte*)(_start == null
            ? NativeHeap.Allocate((nuint)capacity)
            : NativeHeap.Reallocate((nint)_start, (nuint)_capacity, (nuint)capacity));
        _capacity = capacity;
    }

    /// <summary>Gives the memory back.</summary>
    public void Free()
    {
        if (_start == null) return;
        NativeHeap.Free((nint)_start, (nuint)_capacity);
        _start = null;
        _capacity = 0;
        _used = 0;
        PeakBytes = 0;
    }
}
