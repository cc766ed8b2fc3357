// Cuts replies out of a byte stream: first finds where a reply ends, reading as needed, then parses the whole of it.
//
// Holds always: bytes behind the reply stay in the buffer for the next one.

using System.Buffers.Text;
using System.Text;

namespace Valkey.Testing;

/// <summary>Reads RESP2 and RESP3 values from a stream.</summary>
internal sealed class RespReader(Stream stream)
{
    private const int InitialBufferBytes = 16 * 1024;

    private readonly Stream _stream = stream;
    private byte[] _buffer = new byte[InitialBufferBytes];
    private int _usedBytes;

    /// <summary>Bytes that were received and not yet read.</summary>
    public int BufferedBytes => _usedBytes;

    /// <summary>Reads one value, whatever its kind.</summary>
    public async Task<RespValue> ReadValueAsync(CancellationToken cancel)
    {
        int end = 0;
        for (long remaining = 1; remaining > 0; remaining--)
        {
            int lineEnd = await FindLineEndAsync(end, cancel).ConfigureAwait(false);
            (long children, long payloadBytes, bool isExtra) = Describe(_buffer.AsSpan(end, lineEnd - end));
            remaining += children + (isExtra ? 1 : 0);
            end = checked((int)(lineEnd + 2 + payloadBytes));
            await FillToAsync(end, cancel).ConfigureAwait(false);
        }

        byte[] raw = await TakeAsync(end, cancel).ConfigureAwait(false);
        int position = 0;
        return RespParser.Parse(raw, ref position);
    }

    /// <summary>Takes exactly so many bytes out of the stream.</summary>
    public async Task<byte[]> TakeAsync(int count, CancellationToken cancel)
    {
        await FillToAsync(count, cancel).ConfigureAwait(false);
        byte[] taken = _buffer.AsSpan(0, count).ToArray();
        _buffer.AsSpan(count, _usedBytes - count).CopyTo(_buffer);
        _usedBytes -= count;
        return taken;
    }

    /// <summary>Receives once; false when the peer has closed.</summary>
    public async Task<bool> ReceiveAsync(CancellationToken cancel)
    {
        if (_usedBytes == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        int received = await _stream.ReadAsync(_buffer.AsMemory(_usedBytes), cancel).ConfigureAwait(false);
        _usedBytes += received;
        return received > 0;
    }

    // An attribute is followed by the value that it describes, so it does not count as one.
    private static (long Children, long PayloadBytes, bool IsExtra) Describe(ReadOnlySpan<byte> line)
    {
        switch ((RespKind)line[0])
        {
            case RespKind.BulkString or RespKind.BulkError or RespKind.VerbatimString:
                long length = ParseLength(line);
                return (0, length < 0 ? 0 : length + 2, false);
            case RespKind.Array or RespKind.Set or RespKind.Push:
                return (Math.Max(0, ParseLength(line)), 0, false);
            case RespKind.Map:
                return (ParseLength(line) * 2, 0, false);
            case RespKind.Attribute:
                return (ParseLength(line) * 2, 0, true);
            case RespKind.SimpleString or RespKind.Error or RespKind.Integer or RespKind.Null or RespKind.Boolean
                or RespKind.Double or RespKind.BigNumber:
                return (0, 0, false);
            default:
                throw new InvalidDataException($"Not a reply: '{Encoding.Latin1.GetString(line)}'.");
        }
    }

    private static long ParseLength(ReadOnlySpan<byte> line)
        => Utf8Parser.TryParse(line[1..], out long length, out int consumed) && consumed == line.Length - 1
            ? length
            : throw new InvalidDataException($"Not a length: '{Encoding.Latin1.GetString(line)}'.");

    private async Task<int> FindLineEndAsync(int start, CancellationToken cancel)
    {
        for (int searched = start; ;)
        {
            int index = _buffer.AsSpan(searched, _usedBytes - searched).IndexOf("\r\n"u8);
            if (index == 0 && searched == start) throw new InvalidDataException("An empty line is not a reply.");
            if (index >= 0) return searched + index;
            searched = Math.Max(start, _usedBytes - 1); // the CR may be here already
            await FillToAsync(_usedBytes + 1, cancel).ConfigureAwait(false);
        }
    }

    private async Task FillToAsync(int count, CancellationToken cancel)
    {
        while (_usedBytes < count)
        {
            if (!await ReceiveAsync(cancel).ConfigureAwait(false))
            {
                string rest = Encoding.Latin1.GetString(_buffer, 0, Math.Min(_usedBytes, 200));
                throw new EndOfStreamException($"The server closed the connection; unread: '{rest}'.");
            }
        }
    }
}

/// <summary>Parses a complete value.</summary>
internal static class RespParser
{
    public static RespValue Parse(byte[] raw, ref int position)
    {
        int start = position;
        RespKind kind = (RespKind)raw[position];
        int lineEnd = position + raw.AsSpan(position).IndexOf("\r\n"u8);
        byte[] line = raw.AsSpan(position + 1, lineEnd - position - 1).ToArray();
        position = lineEnd + 2;

        byte[]? bytes = null;
        RespValue[]? items = null;
        switch (kind)
        {
            case RespKind.BulkString or RespKind.BulkError or RespKind.VerbatimString:
                bytes = ParseBulk(kind, raw, LengthOf(line), ref position);
                break;
            case RespKind.Array or RespKind.Set or RespKind.Push:
                items = ParseItems(raw, LengthOf(line), ref position);
                break;
            case RespKind.Map:
                items = ParseItems(raw, LengthOf(line) * 2, ref position);
                break;
            case RespKind.Attribute:
                _ = ParseItems(raw, LengthOf(line) * 2, ref position);
                return Parse(raw, ref position);
            case RespKind.Null:
                break;
            default:
                bytes = line;
                break;
        }

        return new RespValue(kind, raw.AsMemory(start, position - start), bytes, items);
    }

    private static int LengthOf(byte[] line) => Utf8Parser.TryParse(line, out int length, out _) ? length : -1;

    private static byte[]? ParseBulk(RespKind kind, byte[] raw, int length, ref int position)
    {
        if (length < 0) return null;

        int prefixBytes = kind == RespKind.VerbatimString ? "txt:".Length : 0;
        byte[] bytes = raw.AsSpan(position + prefixBytes, length - prefixBytes).ToArray();
        if (raw[position + length] != '\r' || raw[position + length + 1] != '\n')
        {
            throw new InvalidDataException("A bulk string does not end in CRLF.");
        }

        position += length + 2;
        return bytes;
    }

    private static RespValue[]? ParseItems(byte[] raw, int count, ref int position)
    {
        if (count < 0) return null;

        RespValue[] items = new RespValue[count];
        for (int i = 0; i < count; i++) items[i] = Parse(raw, ref position);
        return items;
    }
}
