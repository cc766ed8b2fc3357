// Zipmaps: how small hashes were stored before version 4. Read only.
//
// [fields: 1, 254 for more] then pairs, then 255. A pair: [length][field][length][unused bytes: 1][value][unused].
// A length: 1 byte below 254, or 254 and 4 bytes, little-endian.

using System.Buffers.Binary;

namespace Valkey.Rdb;

internal static class Zipmap
{
    private const byte End = 0xFF;
    private const byte LongLength = 254;

    /// <summary>Shows field, value, field, value; false when the bytes are no zipmap (elements may have been shown by then).</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, IElementSink sink)
    {
        if (bytes.Length < 2 || bytes[^1] != End) return false;
        int said = bytes[0];
        int count = 0;
        ReadOnlySpan<byte> rest = bytes[1..^1];
        while (!rest.IsEmpty)
        {
            if (!TryLength(ref rest, out int fieldBytes) || fieldBytes > rest.Length) return false;
            ReadOnlySpan<byte> field = rest[..fieldBytes];
            rest = rest[fieldBytes..];
            if (!TryLength(ref rest, out int valueBytes) || rest.IsEmpty) return false;
            int unusedBytes = rest[0];
            rest = rest[1..];
            if (valueBytes > rest.Length || unusedBytes > rest.Length - valueBytes) return false;
            sink.Text(field);
            sink.Text(rest[..valueBytes]);
            rest = rest[(valueBytes + unusedBytes)..];
            count++;
        }

        return count > 0 && (said >= LongLength || said == count); // an empty hash was never written
    }

    private static bool TryLength(ref ReadOnlySpan<byte> rest, out int length)
    {
        length = 0;
        if (rest.IsEmpty || rest[0] == End) return false;
        int headBytes = rest[0] < LongLength ? 1 : 1 + sizeof(uint);
        if (rest.Length < headBytes) return false;
        uint value = headBytes == 1 ? rest[0] : BinaryPrimitives.ReadUInt32LittleEndian(rest[1..]);
        if (value > int.MaxValue) return false;
        length = (int)value;
        rest = rest[headBytes..];
        return true;
    }
}
