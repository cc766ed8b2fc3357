// Whether the bytes of compact encodings hold together, every element looked at.

using System.Buffers.Binary;
using Valkey.Structures;

namespace Valkey.Rdb;

internal static class CompactEncodings
{
    private const int IntsetHeaderBytes = 8;

    /// <summary>Refuses what is not a listpack, every element looked at.</summary>
    public static void CheckListpack(ReadOnlySpan<byte> bytes, string what)
    {
        if (!Listpack.IsValid(bytes, everyElement: true)) throw new InvalidDataException($"{what} integrity check failed.");
    }

    /// <summary>Refuses what is not a row of integers in ascending order: [bytes of each: 4][count: 4][integers].</summary>
    public static void CheckIntset(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= IntsetHeaderBytes) throw BadIntset();
        uint width = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[sizeof(uint)..]);
        if (width is not (2 or 4 or 8) || count == 0 || IntsetHeaderBytes + ((ulong)width * count) != (ulong)bytes.Length) throw BadIntset();
        for (int i = 1; i < count; i++)
        {
            if (IntsetAt(bytes, i) <= IntsetAt(bytes, i - 1)) throw BadIntset();
        }
    }

    /// <summary>How many integers an intset has that was checked.</summary>
    public static int IntsetCount(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes[sizeof(uint)..]);

    /// <summary>One of its integers.</summary>
    public static long IntsetAt(ReadOnlySpan<byte> bytes, int index)
    {
        int width = bytes[0];
        ReadOnlySpan<byte> at = bytes[(IntsetHeaderBytes + (index * width))..];
        return width switch
        {
            2 => BinaryPrimitives.ReadInt16LittleEndian(at),
            4 => BinaryPrimitives.ReadInt32LittleEndian(at),
            _ => BinaryPrimitives.ReadInt64LittleEndian(at),
        };
    }

    private static InvalidDataException BadIntset() => new("Intset integrity check failed.");
}
