// Counts set bits. With AVX-512 or AVX2 64 or 32 bytes at a time: two table look-ups per byte, one for each half of it,
// summed up in bytes as long as they cannot overflow, then widened. What is left over, and all of it on other machines,
// goes by the processor's count for 64 bits.
// Source: Muła, Kurz, Lemire, "Faster population counts using AVX2 instructions", https://arxiv.org/abs/1611.07612

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valkey.Strings;

internal static class BitCount
{
    // A byte holds at most 8 bits, so 31 rounds stay below 256.
    private const int RoundsWithoutOverflow = 31;

    /// <summary>How many bits are set.</summary>
    public static long Count(ReadOnlySpan<byte> bytes)
    {
        long count = 0;
        int done = 0;
        if (Avx512BW.IsSupported && bytes.Length >= Vector512<byte>.Count) count = Count512(bytes, out done);
        else if (Avx2.IsSupported && bytes.Length >= Vector256<byte>.Count) count = Count256(bytes, out done);
        return count + CountWords(bytes[done..]);
    }

    /// <summary>How many bits are set from one bit to another, both included. Bit 0 is the highest of the first byte.</summary>
    public static long Count(ReadOnlySpan<byte> bytes, long firstBit, long lastBit)
    {
        ReadOnlySpan<byte> touched = bytes[(int)(firstBit >> 3)..((int)(lastBit >> 3) + 1)];
        int before = touched[0] & ~(0xFF >> (int)(firstBit & 7));
        int behind = touched[^1] & (0x7F >> (int)(lastBit & 7));
        return Count(touched) - BitOperations.PopCount((uint)before) - BitOperations.PopCount((uint)behind);
    }

    private static Vector128<byte> BitsOfNibble => Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);

    private static long Count512(ReadOnlySpan<byte> bytes, out int done)
    {
        Vector256<byte> halfTable = Vector256.Create(BitsOfNibble, BitsOfNibble);
        Vector512<byte> table = Vector512.Create(halfTable, halfTable);
        Vector512<byte> lowHalf = Vector512.Create((byte)0x0F);
        Vector512<ulong> sum = Vector512<ulong>.Zero;
        ref byte first = ref MemoryMarshal.GetReference(bytes);
        int end = bytes.Length & -Vector512<byte>.Count;
        for (done = 0; done < end;)
        {
            Vector512<byte> counts = Vector512<byte>.Zero;
            int roundEnd = Math.Min(end, done + (RoundsWithoutOverflow * Vector512<byte>.Count));
            for (; done < roundEnd; done += Vector512<byte>.Count)
            {
                Vector512<byte> block = Vector512.LoadUnsafe(ref first, (nuint)done);
                Vector512<byte> high = (block.AsUInt16() >>> 4).AsByte() & lowHalf;
                counts += Avx512BW.Shuffle(table, block & lowHalf) + Avx512BW.Shuffle(table, high);
            }

            sum += Avx512BW.SumAbsoluteDifferences(counts, Vector512<byte>.Zero).AsUInt64();
        }

        return (long)Vector512.Sum(sum);
    }

    private static long Count256(ReadOnlySpan<byte> bytes, out int done)
    {
        Vector256<byte> table = Vector256.Create(BitsOfNibble, BitsOfNibble);
        Vector256<byte> lowHalf = Vector256.Create((byte)0x0F);
        Vector256<ulong> sum = Vector256<ulong>.Zero;
        ref byte first = ref MemoryMarshal.GetReference(bytes);
        int end = bytes.Length & -Vector256<byte>.Count;
        for (done = 0; done < end;)
        {
            Vector256<byte> counts = Vector256<byte>.Zero;
            int roundEnd = Math.Min(end, done + (RoundsWithoutOverflow * Vector256<byte>.Count));
            for (; done < roundEnd; done += Vector256<byte>.Count)
            {
                Vector256<byte> block = Vector256.LoadUnsafe(ref first, (nuint)done);
                Vector256<byte> high = (block.AsUInt16() >>> 4).AsByte() & lowHalf;
                counts += Avx2.Shuffle(table, block & lowHalf) + Avx2.Shuffle(table, high);
            }

            sum += Avx2.SumAbsoluteDifferences(counts, Vector256<byte>.Zero).AsUInt64();
        }

        return (long)Vector256.Sum(sum);
    }

    private static long CountWords(ReadOnlySpan<byte> bytes)
    {
        long count = 0;
        while (bytes.Length >= sizeof(ulong))
        {
            count += BitOperations.PopCount(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte rest in bytes) count += BitOperations.PopCount(rest);
        return count;
    }
}
