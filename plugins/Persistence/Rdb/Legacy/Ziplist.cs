// Ziplists: what listpacks took the place of in version 10. Read only.
//
// [bytes: 4][offset of the last entry: 4][entries: 2, 65535 for unknown] then entries, then 255.
// An entry: [length of the entry before: 1 byte, or 254 and 4 bytes][encoding][content]. Encodings: 00 6 bits, 01 14 bits
// (big-endian), 10 32 bits (big-endian) of a string's length; c0, d0, e0 integers of 16, 32, 64 bits; f0 24 bits; fe 8 bits;
// f1 to fd the numbers 0 to 12.
// Holds always: everything is checked before it is shown: lengths, the way back, the count, the offset of the last entry.

using System.Buffers.Binary;

namespace Valkey.Rdb;

internal static class Ziplist
{
    private const int HeaderBytes = 10;
    private const byte End = 0xFF;
    private const byte LongPrevious = 254;
    private const int CountUnknown = ushort.MaxValue;

    /// <summary>Shows the elements in order; false when the bytes are no ziplist (elements may have been shown by then).</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, IElementSink sink)
    {
        if (bytes.Length < HeaderBytes + 1 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != (uint)bytes.Length) return false;
        if (bytes[^1] != End) return false;
        uint lastOffset = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        int count = 0;
        int position = HeaderBytes;
        int previous = HeaderBytes;
        int previousBytes = 0;
        while (position < bytes.Length - 1)
        {
            int entryBytes = Read(bytes[position..^1], previousBytes, sink);
            if (entryBytes == 0) return false;
            previous = position;
            previousBytes = entryBytes;
            position += entryBytes;
            count++;
        }

        int said = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        return lastOffset == previous && (said == count || said == CountUnknown);
    }

    /// <summary>One entry; its length, or 0 when it is none.</summary>
    private static int Read(ReadOnlySpan<byte> bytes, int previousBytes, IElementSink sink)
    {
        if (bytes[0] == End) return 0;
        int at = bytes[0] < LongPrevious ? 1 : 1 + sizeof(uint);
        if (at >= bytes.Length) return 0;
        uint said = at == 1 ? bytes[0] : BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]);
        if (said != (uint)previousBytes) return 0;
        byte encoding = bytes[at];
        int contentBytes = encoding < 0xC0 ? ReadText(bytes[at..], sink) : ReadInteger(bytes[at..], encoding, sink);
        return contentBytes == 0 ? 0 : at + contentBytes;
    }

    private static int ReadText(ReadOnlySpan<byte> bytes, IElementSink sink)
    {
        int headBytes = (bytes[0] >> 6) switch { 0 => 1, 1 => 2, _ => 1 + sizeof(uint) };
        if (bytes.Length < headBytes) return 0;
        uint length = headBytes switch
        {
            1 => bytes[0],
            2 => ((uint)(bytes[0] & 0x3F) << 8) | bytes[1],
            _ => BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]),
        };
        if (length > (uint)(bytes.Length - headBytes)) return 0;
        sink.Text(bytes.Slice(headBytes, (int)length));
        return headBytes + (int)length;
    }

    private static int ReadInteger(ReadOnlySpan<byte> bytes, byte encoding, IElementSink sink)
    {
        int sizeBytes = encoding switch { 0xC0 => 2, 0xD0 => 4, 0xE0 => 8, 0xF0 => 3, 0xFE => 1, >= 0xF1 and <= 0xFD => 0, _ => -1 };
        if (sizeBytes < 0 || bytes.Length < 1 + sizeBytes) return 0;
        ReadOnlySpan<byte> content = bytes.Slice(1, sizeBytes);
        sink.Integer(sizeBytes switch
        {
            1 => (sbyte)content[0],
            2 => BinaryPrimitives.ReadInt16LittleEndian(content),
            3 => content[0] | (content[1] << 8) | ((sbyte)content[2] << 16),
            4 => BinaryPrimitives.ReadInt32LittleEndian(content),
            8 => BinaryPrimitives.ReadInt64LittleEndian(content),
            _ => (encoding & 0x0F) - 1,
        });
        return 1 + sizeBytes;
    }
}
