// The allocator's rounding, by arithmetic instead of by asking it.
//
// jemalloc serves 8, then multiples of 16 up to 128, then four classes per doubling (160, 192, 224, 256, 320 ...).
// glibc adds 8 bytes of its own to a chunk, rounds it to 16 and never makes one below 32; blocks that it maps
// directly (128 KB and more) are rounded to pages, which is ignored here: the error is below 4 KB per such block.
// Source: jemalloc(3) "Implementation notes"; glibc malloc internals. A test compares both with the real allocator.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

internal static class SizeClass
{
    private const nuint TinyMax = 8;
    private const nuint QuantumBytes = 16;
    private const nuint QuantumSpacedMax = 128;
    private const int ClassesPerDoublingLog2 = 2;

    private const nuint GlibcChunkHeader = 8;
    private const nuint GlibcUsableMin = 24;

    /// <summary>The bytes that jemalloc sets aside for a request.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint OfJemalloc(nuint sizeBytes)
    {
        if (sizeBytes <= TinyMax) return TinyMax;
        if (sizeBytes <= QuantumSpacedMax) return RoundUp(sizeBytes, QuantumBytes);

        int groupLog2 = BitOperations.Log2(((ulong)sizeBytes << 1) - 1);
        return RoundUp(sizeBytes, (nuint)1 << (groupLog2 - ClassesPerDoublingLog2 - 1));
    }

    /// <summary>The bytes of a glibc chunk that its owner may use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint OfGlibc(nuint sizeBytes) =>
        sizeBytes <= GlibcUsableMin
            ? GlibcUsableMin
            : RoundUp(sizeBytes + GlibcChunkHeader, QuantumBytes) - GlibcChunkHeader;

    private static nuint RoundUp(nuint value, nuint powerOfTwo) => (value + powerOfTwo - 1) & ~(powerOfTwo - 1);
}
