// What members are picked by: one generator, seeded by the system's entropy. Command thread only.

using System.Security.Cryptography;
using Valkey.Structures;

namespace Valkey.Sets;

internal static class SetRandom
{
    private static ulong s_state = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>The generator's state, for tables that draw by themselves.</summary>
    public static ref ulong State => ref s_state;

    /// <summary>A number from 0 to the bound, without it; all are equally likely.</summary>
    public static long Below(long bound) => SplitMix64.Below(ref s_state, bound);
}
