// The bytes of a snapshot that is read: bounded, counted, and put through the checksum as they go by.
//
// Reads are large; what is asked for is shown where it lies in the buffer. A string longer than the buffer makes it grow
// with what really arrives, so that a length that the file only promises costs nothing.
// Holds always: nothing is returned that was not read; the end of the data is an InvalidDataException. Spans are valid until
// the next call.

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed unsafe class RdbInput : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private const int KeptBytesMax = 8 << 20;
    private const int LzfRatioMax = 264; // no reference of 2 or 3 bytes stands for more than 264
    private const int SmallBytes = 512;

    private readonly GrowingBuffer? _buffer;
    private readonly GrowingBuffer _inflated = new(SmallBytes);
    private readonly ISnapshotSource? _source;
    private readonly long _sourceBytes;
    private byte* _start;
    private int _position;
    private int _limit;
    private int _summedTo;
    private long _offsetOfStart;
    private ulong _checksum;

    /// <summary>Reads from a source.</summary>
    public RdbInput(ISnapshotSource source)
    {
        _source = source;
        _sourceBytes = source.LengthBytes;
        _buffer = new GrowingBuffer(BufferBytes);
        _start = StartOf(_buffer);
    }

    /// <summary>Reads from memory; see <see cref="Reset"/>.</summary>
    public RdbInput() => _sourceBytes = -1;

    /// <summary>Whether the checksum is computed.</summary>
    public bool HasChecksum { get; set; }

    /// <summary>Called when bytes were taken from the source, with how many there were so far.</summary>
    public Action<long>? Refilled { get; set; }

    /// <summary>Bytes that were read, from the beginning of the snapshot.</summary>
    public long Offset => _offsetOfStart + _position;

    /// <summary>Bytes that may still come; <see cref="long.MaxValue"/> when nobody knows.</summary>
    public long RemainingBytes => _source is null ? _limit - _position : _sourceBytes < 0 ? long.MaxValue : Math.Max(_sourceBytes - Offset, 0);

    /// <summary>The checksum of everything that was read so far.</summary>
    public ulong Checksum
    {
        get
        {
            Sum(_position);
            return _checksum;
        }
    }

    /// <summary>Reads these bytes, which do not move until the next reset.</summary>
    public void Reset(byte* start, int byteCount)
    {
        _start = start;
        _position = 0;
        _summedTo = 0;
        _limit = byteCount;
        _offsetOfStart = 0;
        _checksum = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Byte()
    {
        if (_position == _limit) Require(1);
        return _start[_position++];
    }

    /// <summary>That many bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (_limit - _position < count) Require(count);
        ReadOnlySpan<byte> bytes = new(_start + _position, count);
        _position += count;
        return bytes;
    }

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(sizeof(ulong)));

    /// <summary>A length or an unsigned number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Length()
    {
        byte first = Byte();
        return first < 1 << 6 ? first : LongLength(first);
    }

    /// <summary>A length that must fit what is left, at so many bytes for each at least.</summary>
    public int Count(int bytesEach)
    {
        ulong count = Length();
        if (count > int.MaxValue || (long)count > RemainingBytes / bytesEach) ThrowTooLong(count);
        return (int)count;
    }

    /// <summary>A string, whatever its encoding. Numbers are formatted into <paramref name="scratch"/>, of at least 20 bytes.</summary>
    public ReadOnlySpan<byte> String(Span<byte> scratch)
    {
        byte first = Byte();
        if (first < 1 << 6) return Bytes(first);
        return (first >> 6) == 3 ? EncodedString(first & 0x3F, scratch) : LongString(LongLength(first));
    }

    /// <summary>Passes over bytes without keeping them.</summary>
    public void Skip(long count)
    {
        if (count > RemainingBytes) ThrowTruncated();
        while (count > 0)
        {
            int step = (int)Math.Min(count, BufferBytes);
            if (_limit - _position < step) Require(step);
            _position += step;
            count -= step;
        }
    }

    /// <summary>Passes over a string.</summary>
    public void SkipString()
    {
        byte first = Byte();
        if (first >> 6 != 3)
        {
            ulong length = first < 1 << 6 ? first : LongLength(first);
            if (length > long.MaxValue) ThrowTooLong(length);
            Skip((long)length);
            return;
        }

        switch (first & 0x3F)
        {
            case RdbStringEncoding.Int8: Skip(1); return;
            case RdbStringEncoding.Int16: Skip(2); return;
            case RdbStringEncoding.Int32: Skip(4); return;
            case RdbStringEncoding.Lzf:
                ulong compressed = Length();
                _ = Length();
                if (compressed > long.MaxValue) ThrowTooLong(compressed);
                Skip((long)compressed);
                return;
            default: ThrowUnknownEncoding(first & 0x3F); return;
        }
    }

    public void Dispose()
    {
        _buffer?.Dispose();
        _inflated.Dispose();
    }

    private static byte* StartOf(GrowingBuffer buffer) => (byte*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(buffer.Bytes));

    private ulong LongLength(byte first)
    {
        if (first < 0x80) return ((ulong)(first & 0x3F) << 8) | Byte();
        if (first == 0x80) return BinaryPrimitives.ReadUInt32BigEndian(Bytes(sizeof(uint)));
        if (first == 0x81) return BinaryPrimitives.ReadUInt64BigEndian(Bytes(sizeof(ulong)));
        throw new InvalidDataException($"Unknown length encoding {first} in rdbLoadLen()");
    }

    private ReadOnlySpan<byte> LongString(ulong length)
    {
        if (length > int.MaxValue || (long)length > RemainingBytes) ThrowTooLong(length);
        return Bytes((int)length);
    }

    private ReadOnlySpan<byte> EncodedString(int encoding, Span<byte> scratch)
    {
        long number;
        switch (encoding)
        {
            case RdbStringEncoding.Int8:
                number = (sbyte)Byte();
                break;
            case RdbStringEncoding.Int16:
                number = BinaryPrimitives.ReadInt16LittleEndian(Bytes(sizeof(short)));
                break;
            case RdbStringEncoding.Int32:
                number = BinaryPrimitives.ReadInt32LittleEndian(Bytes(sizeof(int)));
                break;
            case RdbStringEncoding.Lzf:
                return CompressedString();
            default:
                ThrowUnknownEncoding(encoding);
                return default;
        }

        return scratch[..IntegerText.Format(number, scratch)];
    }

    private ReadOnlySpan<byte> CompressedString()
    {
        ulong compressedBytes = Length();
        ulong inflatedBytes = Length();
        if (compressedBytes > int.MaxValue || (long)compressedBytes > RemainingBytes) ThrowTooLong(compressedBytes);
        if (inflatedBytes > Entry.KeyLengthMax * 2UL || inflatedBytes > compressedBytes * LzfRatioMax)
            throw new InvalidDataException($"Invalid LZF compressed string: {compressedBytes} bytes cannot stand for {inflatedBytes}");
        ReadOnlySpan<byte> compressed = Bytes((int)compressedBytes);
        if (_inflated.Capacity > KeptBytesMax && inflatedBytes < KeptBytesMax) _inflated.Resize(SmallBytes);
        Span<byte> inflated = _inflated.WithRoomFor((int)inflatedBytes);
        if (!Lzf.TryDecompress(compressed, inflated)) throw new InvalidDataException("Invalid LZF compressed string");
        return inflated;
    }

    /// <summary>Makes that many bytes stand behind the position.</summary>
    private void Require(int count)
    {
        if (_source is null || count > RemainingBytes) ThrowTruncated();
        Sum(_position);
        while (_limit - _position < count)
        {
            MakeRoom(count);
            int read = _source!.Read(_buffer!.Bytes[_limit..]);
            if (read <= 0) ThrowTruncated();
            _limit += read;
            Refilled?.Invoke(_offsetOfStart + _limit);
        }
    }

    private void MakeRoom(int count)
    {
        int kept = _limit - _position;
        if (_position > 0)
        {
            _buffer!.Bytes.Slice(_position, kept).CopyTo(_buffer.Bytes);
            _offsetOfStart += _position;
            _position = 0;
            _summedTo = 0;
            _limit = kept;
        }

        if (_buffer!.Capacity > KeptBytesMax && count <= BufferBytes && kept <= BufferBytes / 2) _buffer.Resize(BufferBytes);
        else if (_limit == _buffer.Capacity) _buffer.Resize((int)Math.Min(Math.Min((long)_buffer.Capacity * 2, (long)count + BufferBytes), Array.MaxLength));
        _start = StartOf(_buffer);
    }

    private void Sum(int upTo)
    {
        if (HasChecksum && upTo > _summedTo) _checksum = Crc64.Append(_checksum, new ReadOnlySpan<byte>(_start + _summedTo, upTo - _summedTo));
        _summedTo = upTo;
    }

    [DoesNotReturn]
    private static void ThrowTruncated() => throw new InvalidDataException("Unexpected EOF reading RDB file");

    [DoesNotReturn]
    private static void ThrowTooLong(ulong length) =>
        throw new InvalidDataException($"Unexpected EOF reading RDB file: a length of {length} is more than there is");

    [DoesNotReturn]
    private static void ThrowUnknownEncoding(int encoding) => throw new InvalidDataException($"Unknown RDB string encoding type {encoding}");
}
