// The checksum of the format: CRC-64 as Jones published it, with reflected input and output, start and final mask 0
// (the check value of "123456789" is e9c6d914c4b8d9ca).
//
// Two ways with the same result. Where the processor multiplies without carries, 64 bytes at a time are folded into four
// 16-byte lanes (the method of Gopal and others, "Fast CRC Computation Using PCLMULQDQ"), and the last lane is finished
// by the table; elsewhere eight tables take eight bytes a step.
// Holds always: the polynomial of a 64-bit word in memory has its highest power in bit 0 of byte 0. A product of two such
// words comes out one power too high, so the factor for moving by n bits is x^(n-1).

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valkey.Rdb;

internal static class Crc64
{
    public const int SizeBytes = sizeof(ulong);

    private const ulong Polynomial = 0x95AC9329AC4BC9B5; // ad93d23594c935a9, reflected
    private const int LaneBytes = 16;
    private const int StrideBytes = 4 * LaneBytes;
    private const int FoldMinBytes = 2 * StrideBytes;

    private static readonly ulong[][] s_tables = MakeTables();
    private static readonly Vector128<ulong> s_byStride = FactorsFor(StrideBytes * 8);
    private static readonly Vector128<ulong> s_byLane = FactorsFor(LaneBytes * 8);

    /// <summary>The checksum of what came before, given as <paramref name="crc"/> (0 at the start), and these bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Append(ulong crc, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= FoldMinBytes && Pclmulqdq.IsSupported && BitConverter.IsLittleEndian)
        {
            int folded = bytes.Length & ~(StrideBytes - 1);
            crc = Fold(crc, bytes[..folded]);
            bytes = bytes[folded..];
        }

        return AppendByTables(crc, bytes);
    }

    /// <summary>As <see cref="Append"/>, by the tables alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a forked child must not be where the runtime compiles a loop
    public static ulong AppendByTables(ulong crc, ReadOnlySpan<byte> bytes)
    {
        ulong[][] tables = s_tables;
        while (bytes.Length >= sizeof(ulong))
        {
            crc ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            crc = tables[7][(byte)crc] ^ tables[6][(byte)(crc >> 8)] ^ tables[5][(byte)(crc >> 16)] ^ tables[4][(byte)(crc >> 24)]
                ^ tables[3][(byte)(crc >> 32)] ^ tables[2][(byte)(crc >> 40)] ^ tables[1][(byte)(crc >> 48)] ^ tables[0][crc >> 56];
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes) crc = tables[0][(byte)crc ^ value] ^ (crc >> 8);
        return crc;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a forked child must not be where the runtime compiles a loop
    private static ulong Fold(ulong crc, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector128<ulong>> lanes = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        Vector128<ulong> first = lanes[0] ^ Vector128.Create(crc, 0UL);
        Vector128<ulong> second = lanes[1];
        Vector128<ulong> third = lanes[2];
        Vector128<ulong> fourth = lanes[3];
        Vector128<ulong> byStride = s_byStride;
        for (lanes = lanes[4..]; lanes.Length >= 4; lanes = lanes[4..])
        {
            first = Move(first, byStride) ^ lanes[0];
            second = Move(second, byStride) ^ lanes[1];
            third = Move(third, byStride) ^ lanes[2];
            fourth = Move(fourth, byStride) ^ lanes[3];
        }

        Vector128<ulong> byLane = s_byLane;
        Vector128<ulong> all = Move(Move(Move(first, byLane) ^ second, byLane) ^ third, byLane) ^ fourth;
        Span<byte> rest = stackalloc byte[LaneBytes];
        all.AsByte().CopyTo(rest);
        return AppendByTables(0, rest);
    }

    private static Vector128<ulong> Move(Vector128<ulong> lane, Vector128<ulong> factors) =>
        Pclmulqdq.CarrylessMultiply(lane, factors, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, factors, 0x11);

    /// <summary>What the two words of a lane are multiplied with to stand for themselves so many bits further on.</summary>
    private static Vector128<ulong> FactorsFor(int bitCount) => Vector128.Create(PowerOfX(bitCount + 63), PowerOfX(bitCount - 1));

    private static ulong PowerOfX(int exponent)
    {
        ulong value = 1UL << 63; // x^0
        for (; exponent > 0; exponent--) value = (value >> 1) ^ ((value & 1) != 0 ? Polynomial : 0);
        return value;
    }

    private static ulong[][] MakeTables()
    {
        ulong[][] tables = new ulong[sizeof(ulong)][];
        for (int i = 0; i < tables.Length; i++) tables[i] = new ulong[256];
        for (int i = 0; i < 256; i++)
        {
            ulong crc = (ulong)i;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? Polynomial : 0);
            tables[0][i] = crc;
        }

        for (int i = 0; i < 256; i++)
        {
            for (int table = 1; table < tables.Length; table++)
            {
                ulong before = tables[table - 1][i];
                tables[table][i] = tables[0][(byte)before] ^ (before >> 8);
            }
        }

        return tables;
    }
}
