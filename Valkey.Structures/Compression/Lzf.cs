// LZF: the light compression of the RDB format's strings and of a long list's inner nodes.
//
//   000LLLLL                      L+1 literal bytes follow: 1 to 32
//   LLLooooo oooooooo             L+2 bytes (3 to 8) as they stand o+1 bytes back
//   111ooooo LLLLLLLL oooooooo    L+9 bytes (9 to 264) as they stand o+1 bytes back
// A copy may reach into what it writes itself: that is how runs are told. Source: the format of liblzf 3.6.
// The compressor remembers for each hash of three bytes where they stood last and takes what it finds there. Any thread;
// nothing is allocated on the managed heap. Damaged input is refused, never read or written past.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Valkey.Structures;

/// <summary>Compresses and decompresses in the format of liblzf.</summary>
public static unsafe class Lzf
{
    private const int LiteralMax = 32;
    private const int DistanceMax = 1 << 13;
    private const int MatchMin = 3;
    private const int MatchMax = 264;
    private const int ShortMatchMax = 8;

    private const int TableBitsMin = 8;
    private const int TableBitsMax = 13;

    /// <summary>Compresses.</summary>
    /// <param name="source">What to compress.</param>
    /// <param name="target">Where to; shorter than the source when only a gain is wanted.</param>
    /// <returns>Bytes written; 0 when the target is too short for the result, or there is nothing to compress.</returns>
    [SkipLocalsInit] // the table is cleared here, once
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (source.IsEmpty || target.IsEmpty) return 0;

        // A table as large as the input needs: clearing it must not cost more than compressing.
        int tableBits = Math.Clamp(BitOperations.Log2((uint)source.Length), TableBitsMin, TableBitsMax);
        int* lastSeen = stackalloc int[1 << tableBits];
        new Span<int>(lastSeen, 1 << tableBits).Clear();
        fixed (byte* input = source)
        fixed (byte* output = target)
        {
            return Compress(input, source.Length, output, target.Length, lastSeen, 32 - tableBits);
        }
    }

    /// <summary>Decompresses.</summary>
    /// <param name="source">What <see cref="Compress(ReadOnlySpan{byte}, Span{byte})"/> or liblzf wrote, or anything.</param>
    /// <param name="target">Exactly as long as the content.</param>
    /// <returns>False when the source is damaged or its content has another length; the target is then undefined.</returns>
    public static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* input = source)
        fixed (byte* output = target)
        {
            byte* end = output + target.Length;
            byte* reached = Decompress(input, input + source.Length, output, end);
            return reached == end && reached != null;
        }
    }

    private static int Compress(byte* input, int inputLength, byte* output, int outputLength, int* lastSeen, int hashShift)
    {
        byte* at = input;
        byte* inputEnd = input + inputLength;
        byte* matchEnd = inputEnd - MatchMin;
        byte* literals = input; // from here on nothing is written yet
        byte* write = output;
        byte* writeEnd = output + outputLength;
        while (at <= matchEnd)
        {
            int* slot = lastSeen + Hash(at, hashShift);
            byte* candidate = input + *slot - 1; // positions are stored plus one: 0 is "never"
            *slot = (int)(at - input) + 1;
            if (candidate < input || at - candidate > DistanceMax || !BeginsMatch(candidate, at))
            {
                at++;
                continue;
            }

            int length = MatchLength(candidate, at, (int)Math.Min(inputEnd - at, MatchMax));
            write = WriteLiterals(literals, at, write, writeEnd);
            if (write == null || writeEnd - write < (length <= ShortMatchMax ? 2 : 3)) return 0;

            write = WriteMatch(write, (int)(at - candidate) - 1, length);
            byte* next = at + length;
            Remember(input, next - 2, next, matchEnd, lastSeen, hashShift);
            at = literals = next;
        }

        write = WriteLiterals(literals, inputEnd, write, writeEnd);
        return write == null ? 0 : (int)(write - output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(byte* at, int shift)
    {
        uint three = (uint)(Unsafe.ReadUnaligned<ushort>(at) | (at[2] << 16));
        return three * 2654435761u >> shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool BeginsMatch(byte* candidate, byte* at) =>
        Unsafe.ReadUnaligned<ushort>(candidate) == Unsafe.ReadUnaligned<ushort>(at) && candidate[2] == at[2];

    private static int MatchLength(byte* candidate, byte* at, int lengthMax)
    {
        int length = MatchMin;
        while (length + sizeof(ulong) <= lengthMax)
        {
            ulong difference = Unsafe.ReadUnaligned<ulong>(candidate + length) ^ Unsafe.ReadUnaligned<ulong>(at + length);
            if (difference != 0) return length + (BitOperations.TrailingZeroCount(difference) >> 3);
            length += sizeof(ulong);

            // Most matches end above; those that do not are often long.
            while (length + Vector256<byte>.Count <= lengthMax)
            {
                uint equal = Vector256.Equals(Vector256.Load(candidate + length), Vector256.Load(at + length)).ExtractMostSignificantBits();
                if (equal != uint.MaxValue) return length + BitOperations.TrailingZeroCount(~equal);
                length += Vector256<byte>.Count;
            }
        }

        while (length < lengthMax && candidate[length] == at[length]) length++;
        return length;
    }

    /// <summary>Enters the last places of a match, so that what follows can refer to them.</summary>
    private static void Remember(byte* input, byte* from, byte* to, byte* matchEnd, int* lastSeen, int hashShift)
    {
        for (byte* at = from; at < to && at <= matchEnd; at++) lastSeen[Hash(at, hashShift)] = (int)(at - input) + 1;
    }

    private static byte* WriteLiterals(byte* from, byte* to, byte* write, byte* writeEnd)
    {
        while (from < to)
        {
            int length = (int)Math.Min(to - from, LiteralMax);
            if (writeEnd - write < length + 1) return null;

            *write = (byte)(length - 1);
            Unsafe.CopyBlockUnaligned(write + 1, from, (uint)length);
            write += length + 1;
            from += length;
        }

        return write;
    }

    private static byte* WriteMatch(byte* write, int distanceLessOne, int length)
    {
        if (length <= ShortMatchMax)
        {
            *write++ = (byte)(((length - 2) << 5) | (distanceLessOne >> 8));
        }
        else
        {
            *write++ = (byte)((7 << 5) | (distanceLessOne >> 8));
            *write++ = (byte)(length - ShortMatchMax - 1);
        }

        *write++ = (byte)distanceLessOne;
        return write;
    }

    private static byte* Decompress(byte* read, byte* readEnd, byte* output, byte* writeEnd)
    {
        byte* write = output;
        while (read < readEnd)
        {
            int control = *read++;
            if (control < LiteralMax)
            {
                int length = control + 1;
                if (length > readEnd - read || length > writeEnd - write) return null;

                Unsafe.CopyBlockUnaligned(write, read, (uint)length);
                read += length;
                write += length;
                continue;
            }

            int matchLength = (control >> 5) + 2;
            if (matchLength == ShortMatchMax + 1)
            {
                if (read == readEnd) return null;
                matchLength += *read++;
            }

            if (read == readEnd) return null;
            int distance = (((control & 0x1F) << 8) | *read++) + 1;
            if (distance > write - output || matchLength > writeEnd - write) return null;

            CopyMatch(write, distance, matchLength);
            write += matchLength;
        }

        return write;
    }

    private static void CopyMatch(byte* write, int distance, int length)
    {
        byte* from = write - distance;
        if (distance >= length)
        {
            Unsafe.CopyBlockUnaligned(write, from, (uint)length);
            return;
        }

        for (int i = 0; i < length; i++) write[i] = from[i]; // byte by byte: it reads what it wrote
    }
}
