// The hash of keys and members: 64 bits, keyed by a secret of the process so that nobody can prepare colliding keys.
//
// The idea is that of the wyhash family: 64 x 64 -> 128 bit multiplications whose halves are folded together, each operand
// masked by a part of the secret. Up to 16 bytes take two multiplications and no loop; the reads overlap instead of
// branching per length. Every bit of the result is usable: tables take the low bits as index and the top byte as
// fingerprint.
// Holds always: the same seed gives the same hashes in every process on a machine of the same byte order.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Valkey.Structures;

/// <summary>The keyed 64-bit hash of keys, fields and members.</summary>
public static class KeyHash
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedBytes = 16;

    // An odd constant with well mixed bits (the golden ratio), the usual step between derived secrets.
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private static ulong s_first;
    private static ulong s_second;
    private static ulong s_third;
    private static ulong s_fourth;

    static KeyHash()
    {
        Span<byte> seed = stackalloc byte[SeedBytes];
        RandomNumberGenerator.Fill(seed);
        Seed(seed);
    }

    /// <summary>Replaces the random seed that the process started with. Only before the first key is hashed.</summary>
    /// <param name="seed">At least 16 bytes; the first 16 count.</param>
    public static void Seed(ReadOnlySpan<byte> seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seed.Length, SeedBytes);
        ulong low = MemoryMarshal.Read<ulong>(seed);
        ulong high = MemoryMarshal.Read<ulong>(seed[sizeof(ulong)..]);

        s_first = Derive(low, Golden);
        s_second = Derive(high, s_first);
        s_third = Derive(low ^ s_second, high);
        s_fourth = Derive(high ^ s_third, s_first + Golden);
    }

    /// <summary>The hash of a key under the process-wide seed.</summary>
    [SkipLocalsInit]
    public static ulong Of(ReadOnlySpan<byte> key)
    {
        ref byte start = ref MemoryMarshal.GetReference(key);
        nuint length = (uint)key.Length;
        ulong left;
        ulong right;
        ulong state = s_first;

        if (length <= 16)
        {
            if (length >= 8)
            {
                left = Read64(ref start, 0);
                right = Read64(ref start, length - 8);
            }
            else if (length >= 4)
            {
                left = Read32(ref start, 0);
                right = Read32(ref start, length - 4);
            }
            else
            {
                left = length == 0 ? 0 : ReadUpToThree(ref start, length);
                right = 0;
            }
        }
        else
        {
            state = MixBody(ref start, length, state);
            left = Read64(ref start, length - 16);
            right = Read64(ref start, length - 8);
        }

        ulong high = Math.BigMul(left ^ s_second, right ^ state, out ulong low);
        return Mix(low ^ s_third ^ length, high ^ s_fourth);
    }

    /// <summary>Folds all but the last 16 bytes (which the caller reads, perhaps overlapping) into one state.</summary>
    private static ulong MixBody(ref byte start, nuint length, ulong state)
    {
        nuint offset = 0;
        if (length > 48)
        {
            ulong second = state;
            ulong third = state;
            do
            {
                state = Mix(Read64(ref start, offset) ^ s_second, Read64(ref start, offset + 8) ^ state);
                second = Mix(Read64(ref start, offset + 16) ^ s_third, Read64(ref start, offset + 24) ^ second);
                third = Mix(Read64(ref start, offset + 32) ^ s_fourth, Read64(ref start, offset + 40) ^ third);
                offset += 48;
            }
            while (length - offset > 48);
            state ^= second ^ third;
        }

        for (; length - offset > 16; offset += 16)
        {
            state = Mix(Read64(ref start, offset) ^ s_third, Read64(ref start, offset + 8) ^ state);
        }

        return state;
    }

    private static ulong Derive(ulong value, ulong step)
    {
        value += step;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return low ^ high;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read64(ref byte start, nuint offset) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read32(ref byte start, nuint offset) =>
        Unsafe.ReadUnaligned<uint>(ref Unsafe.AddByteOffset(ref start, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadUpToThree(ref byte start, nuint length) =>
        ((ulong)start << 16)
        | ((ulong)Unsafe.AddByteOffset(ref start, length >> 1) << 8)
        | Unsafe.AddByteOffset(ref start, length - 1);
}
