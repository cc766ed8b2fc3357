// Commands on their way to the file, as RESP in native memory: an array of bulk strings each.
//
// Holds always: between two calls the bytes are whole commands, but for the front, where a short write that could not be taken
// back may have left the rest of one (IsTorn). One thread at a time; it changes hands as a whole.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Aof.Writing;

internal sealed unsafe class CommandBuffer(BufferMemory memory) : IDisposable
{
    private const int SizeMin = 16 * 1024;
    private const int KeptMax = 1 << 20; // a buffer that grew beyond is given back once it is empty
    private const int NumberBytesMax = 20 + 3; // a length with its mark and its line end

    private byte* _start;
    private long _sizeBytes;
    private long _first;
    private long _end;

    /// <summary>Bytes in it.</summary>
    public long Length => _end - _first;

    /// <summary>Commands that were appended since it was empty.</summary>
    public int CommandCount { get; private set; }

    /// <summary>Offset of the propagation stream behind the last command in it.</summary>
    public long EndOffset { get; set; }

    /// <summary>It begins in the middle of a command, whose beginning is in the file.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>The first bytes, as many as one span holds.</summary>
    public ReadOnlySpan<byte> Front => new(_start + _first, (int)Math.Min(Length, int.MaxValue));

    /// <summary>Appends a command.</summary>
    public void Append(CommandArguments arguments)
    {
        long sizeMax = NumberBytesMax;
        for (int i = 0; i < arguments.Count; i++) sizeMax += arguments[i].Length + NumberBytesMax + 2;
        byte* target = Reserve(sizeMax);
        PutNumber(ref target, '*', arguments.Count);
        for (int i = 0; i < arguments.Count; i++) PutBulk(ref target, arguments[i]);
        _end = target - _start;
        CommandCount++;
    }

    /// <summary>Appends SELECT.</summary>
    public void AppendSelect(int databaseIndex)
    {
        byte* target = Reserve(64);
        Put(ref target, "*2\r\n$6\r\nSELECT\r\n"u8);
        Span<byte> digits = stackalloc byte[IntegerText.LengthMax + 1];
        PutBulk(ref target, digits[..IntegerText.Format(databaseIndex, digits)]);
        _end = target - _start;
    }

    /// <summary>Appends the remark that what follows was written from that second on.</summary>
    public void AppendTimestamp(long unixSeconds)
    {
        byte* target = Reserve(64);
        Put(ref target, "#TS:"u8);
        Span<byte> digits = stackalloc byte[IntegerText.LengthMax + 1];
        Put(ref target, digits[..IntegerText.Format(unixSeconds, digits)]);
        Put(ref target, "\r\n"u8);
        _end = target - _start;
    }

    /// <summary>Takes over what another one has, behind its own.</summary>
    public void Append(CommandBuffer other)
    {
        if (other.Length == 0) return;
        byte* target = Reserve(other.Length);
        Buffer.MemoryCopy(other._start + other._first, target, other.Length, other.Length);
        _end += other.Length;
        CommandCount += other.CommandCount;
        EndOffset = other.EndOffset;
    }

    /// <summary>The first bytes are in the file.</summary>
    /// <param name="count">How many.</param>
    /// <param name="endsInside">They end in the middle of a command.</param>
    public void Consume(long count, bool endsInside)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        _first += count;
        IsTorn = endsInside;
        if (_first == _end) Clear();
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _first = _end = 0;
        CommandCount = 0;
        IsTorn = false;
        if (_sizeBytes > KeptMax) Dispose();
    }

    /// <summary>Gives the memory back; it is usable, and empty, after that.</summary>
    public void Dispose()
    {
        Release();
        _start = null;
        _sizeBytes = _first = _end = 0;
        CommandCount = 0;
    }

    private byte* Reserve(long bytes)
    {
        if (_sizeBytes - _end < bytes) Grow(bytes);
        return _start + _end;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(long bytes)
    {
        long size = Math.Max(SizeMin, Math.Max(_sizeBytes, 1));
        while (size < Length + bytes) size *= 2;
        byte* grown = (byte*)NativeHeap.Allocate((nuint)size);
        memory.Add(size);
        if (Length > 0) Buffer.MemoryCopy(_start + _first, grown, size, Length);
        Release();
        long length = Length;
        _start = grown;
        _sizeBytes = size;
        _first = 0;
        _end = length;
    }

    private void Release()
    {
        if (_start == null) return;
        NativeHeap.Free((nint)_start, (nuint)_sizeBytes);
        memory.Remove(_sizeBytes);
    }

    private static void PutBulk(ref byte* target, ReadOnlySpan<byte> bytes)
    {
        PutNumber(ref target, '$', bytes.Length);
        Put(ref target, bytes);
        *target++ = (byte)'\r';
        *target++ = (byte)'\n';
    }

    private static void PutNumber(ref byte* target, char mark, int number)
    {
        *target++ = (byte)mark;
        if (number < 10)
        {
            *target++ = (byte)('0' + number);
        }
        else
        {
            target += IntegerText.Format(number, new Span<byte>(target, IntegerText.LengthMax + 1));
        }

        *target++ = (byte)'\r';
        *target++ = (byte)'\n';
    }

    private static void Put(ref byte* target, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(new Span<byte>(target, bytes.Length));
        target += bytes.Length;
    }
}
