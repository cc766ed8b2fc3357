// splitmix64 (Steele, Lea, Flood, 2014): random numbers of good quality from a state of one word, where any state is a good one.
// For choices, not for secrets.

namespace Valkey.Structures;

/// <summary>A small random number generator whose state the caller keeps.</summary>
public static class SplitMix64
{
    /// <summary>The next number.</summary>
    public static ulong Next(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong value = state;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>A number from 0 to the bound, without it; all are equally likely.</summary>
    public static long Below(ref ulong state, long bound) => (long)Math.BigMul(Next(ref state), (ulong)bound, out _);
}
