// maxmemory-policy: which keys may go, and which of them goes first. The option counts the policies in this order.

using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal enum EvictionPolicy
{
    VolatileLru = 0,
    VolatileLfu = 1,
    VolatileRandom = 2,
    VolatileTtl = 3,
    AllKeysLru = 4,
    AllKeysLfu = 5,
    AllKeysRandom = 6,
    NoEviction = 7,
}

internal static class EvictionPolicies
{
    /// <summary>Only keys that expire may go.</summary>
    public static bool IsVolatile(this EvictionPolicy policy) => policy <= EvictionPolicy.VolatileTtl;

    public static bool IsLfu(this EvictionPolicy policy) => policy is EvictionPolicy.VolatileLfu or EvictionPolicy.AllKeysLfu;

    public static bool IsRandom(this EvictionPolicy policy) => policy is EvictionPolicy.VolatileRandom or EvictionPolicy.AllKeysRandom;

    /// <summary>How good a key is to evict; higher is better.</summary>
    public static ulong ScoreOf(this EvictionPolicy policy, Entry entry, AccessClock clock)
    {
        if (policy == EvictionPolicy.VolatileTtl) return ulong.MaxValue - (ulong)entry.ExpireAtUnixMs;
        return policy.IsLfu() ? 255 - clock.Decayed(entry.AccessClock) : (ulong)clock.IdleSeconds(entry.AccessClock);
    }
}
