// Random numbers for picking members: splitmix64 (Steele, Lea, Flood, 2014), seeded by the system's entropy. Command thread only.

using System.Security.Cryptography;

namespace Valkey.Sets;

internal static class SetRandom
{
    private static ulong s_state = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>The state, for tables that draw by themselves.</summary>
    public static ref ulong State => ref s_state;

    /// <summary>A number from 0 to the bound, without it; all are equally likely.</summary>
    public static long Below(long bound)
    {
        s_state += 0x9E3779B97F4A7C15;
        ulong value = s_state;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return (long)Math.BigMul(value ^ (value >> 31), (ulong)bound, out _);
    }
}
