// Bytes on their way into a snapshot: lengths, strings and numbers in the format's encodings, through one buffer whose
// fillings go to the sink and into the checksum.
//
// Holds always: nothing here allocates managed memory after construction, takes a lock or throws, because a forked child
// and the snapshot thread write through it. A failure of the sink stays in the sink; what follows it is of no effect.
// Used by one thread at a time.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed unsafe class RdbOutput : IDisposable
{
    private const int BufferBytes = 128 * 1024;
    private const int EncodedMax = 16; // bytes of the longest length or number, with its mark
    private const int IntegerTextMax = 11; // longer texts are never numbers of 32 bits
    private const int CompressMinBytes = 20; // not worth it below
    private const int ScratchBytes = 256 * 1024;

    private readonly byte* _buffer;
    private readonly byte* _scratch;
    private ISnapshotSink _sink;
    private int _used;

    public RdbOutput(ISnapshotSink sink)
    {
        _sink = sink;
        _buffer = (byte*)NativeMemory.Alloc(BufferBytes);
        _scratch = (byte*)NativeMemory.Alloc(ScratchBytes);
        Crc64.Append(0, []); // its tables are made now, not in a forked child
    }

    /// <summary>Whether strings are compressed where that makes them shorter.</summary>
    public bool Compresses { get; set; }

    /// <summary>Whether the checksum is computed.</summary>
    public bool HasChecksum { get; set; }

    /// <summary>The checksum of what was handed to the sink.</summary>
    public ulong Checksum { get; private set; }

    public ISnapshotSink Sink => _sink;

    /// <summary>Begins anew, towards another sink.</summary>
    public void Reset(ISnapshotSink sink)
    {
        _sink = sink;
        _used = 0;
        Checksum = 0;
    }

    public void Byte(byte value)
    {
        Reserve(1);
        _buffer[_used++] = value;
    }

    /// <summary>An operation and the length behind it.</summary>
    public void Operation(byte operation, ulong length)
    {
        Byte(operation);
        Length(length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Length(ulong value)
    {
        Reserve(EncodedMax);
        if (value < 1 << 6) _buffer[_used++] = (byte)value;
        else LongLength(value);
    }

    /// <summary>8 bytes, little-endian.</summary>
    public void UInt64(ulong value)
    {
        Reserve(sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(_buffer + _used, sizeof(ulong)), value);
        _used += sizeof(ulong);
    }

    /// <summary>A string: as a number where it is one, compressed where wanted, else as it is.</summary>
    public void String(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= IntegerTextMax && IntegerText.TryParse(bytes, out long number) && (int)number == number)
        {
            Integer((int)number);
            return;
        }

        if (Compresses && bytes.Length > CompressMinBytes && TryCompressed(bytes)) return;
        Length((ulong)bytes.Length);
        Raw(bytes);
    }

    /// <summary>A number as the string of its digits.</summary>
    public void IntegerString(long value)
    {
        if ((int)value == value)
        {
            Integer((int)value);
            return;
        }

        byte* digits = stackalloc byte[IntegerText.LengthMax];
        int length = IntegerText.Format(value, new Span<byte>(digits, IntegerText.LengthMax));
        Length((ulong)length);
        Raw(new ReadOnlySpan<byte>(digits, length));
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= BufferBytes - _used)
        {
            bytes.CopyTo(new Span<byte>(_buffer + _used, bytes.Length));
            _used += bytes.Length;
            return;
        }

        Drain();
        if (bytes.Length >= BufferBytes)
        {
            Emit(bytes);
            return;
        }

        bytes.CopyTo(new Span<byte>(_buffer, bytes.Length));
        _used = bytes.Length;
    }

    /// <summary>Hands everything to the sink, and brings the checksum up to date.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // once in a buffer: a forked child may be the first to call it often
    public void Drain()
    {
        if (_used == 0) return;
        Emit(new ReadOnlySpan<byte>(_buffer, _used));
        _used = 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(_buffer);
        NativeMemory.Free(_scratch);
    }

    // Not inlined: the one copy of it is what the rehearsal has run, also for those whose strings are larger than the buffer.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Emit(ReadOnlySpan<byte> bytes)
    {
        if (HasChecksum) Checksum = Crc64.Append(Checksum, bytes);
        if (_sink.ErrorNumber == 0) _sink.Write(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int byteCount)
    {
        if (BufferBytes - _used < byteCount) Drain();
    }

    private void LongLength(ulong value)
    {
        byte* target = _buffer + _used;
        if (value < 1 << 14)
        {
            target[0] = (byte)(0x40 | (value >> 8));
            target[1] = (byte)value;
            _used += 2;
        }
        else if (value <= uint.MaxValue)
        {
            target[0] = 0x80;
            BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(target + 1, sizeof(uint)), (uint)value);
            _used += 1 + sizeof(uint);
        }
        else
        {
            target[0] = 0x81;
            BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(target + 1, sizeof(ulong)), value);
            _used += 1 + sizeof(ulong);
        }
    }

    private void Integer(int value)
    {
        Reserve(EncodedMax);
        byte* target = _buffer + _used;
        int encoding = (sbyte)value == value ? RdbStringEncoding.Int8 : (short)value == value ? RdbStringEncoding.Int16 : RdbStringEncoding.Int32;
        target[0] = (byte)(0xC0 | encoding);
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(target + 1, sizeof(int)), value); // the low bytes come first
        _used += 1 + (1 << encoding);
    }

    private bool TryCompressed(ReadOnlySpan<byte> bytes)
    {
        int roomBytes = bytes.Length - 4; // less is not gained
        if (roomBytes <= ScratchBytes) return TryCompressed(bytes, new Span<byte>(_scratch, roomBytes));

        byte* scratch = (byte*)NativeMemory.Alloc((nuint)roomBytes);
        bool isCompressed = TryCompressed(bytes, new Span<byte>(scratch, roomBytes));
        NativeMemory.Free(scratch);
        return isCompressed;
    }

    private bool TryCompressed(ReadOnlySpan<byte> bytes, Span<byte> scratch)
    {
        int length = Lzf.Compress(bytes, scratch);
        if (length == 0) return false;
        Byte(0xC0 | RdbStringEncoding.Lzf);
        Length((ulong)length);
        Length((ulong)bytes.Length);
        Raw(scratch[..length]);
        return true;
    }
}
