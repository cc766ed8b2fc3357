// The 24 bits of every entry that eviction goes by: the time of the last access (LRU), or a counter that grows with
// accesses and decays with time (LFU: 16 bits of minutes, 8 bits of a logarithmic counter).
// Source: https://valkey.io/topics/lru-cache/

using System.Runtime.CompilerServices;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class AccessClock
{
    public const uint LruMax = (1 << 24) - 1;
    private const uint InitialCounter = 5;
    private ulong _random = 0x9E3779B97F4A7C15;
    private long _unixSeconds;

    /// <summary>Whether entries carry LFU counters.</summary>
    public bool IsLfu { get; set; }

    public int LogFactor { get; set; } = 10;

    public int DecayMinutes { get; set; } = 1;

    /// <summary>The LRU clock: seconds, modulo 2^24.</summary>
    public uint Now { get; private set; }

    /// <summary>What a new entry starts with.</summary>
    public uint Initial => IsLfu ? (Minutes << 8) | InitialCounter : Now;

    private uint Minutes => (uint)(_unixSeconds / 60) & 0xFFFF;

    /// <summary>Called when the clock moved.</summary>
    public void Update(long unixSeconds)
    {
        _unixSeconds = unixSeconds;
        Now = (uint)unixSeconds & LruMax;
    }

    /// <summary>Seconds since the last access.</summary>
    public long IdleSeconds(uint clock) => Now >= clock ? Now - clock : Now + (LruMax - clock);

    /// <summary>An LFU value after one more access.</summary>
    public uint Increment(uint value)
    {
        uint counter = Decayed(value);
        return (Minutes << 8) | Incremented(counter);
    }

    /// <summary>The LFU counter of now, without counting an access.</summary>
    public uint Decayed(uint value)
    {
        uint counter = value & 0xFF;
        if (DecayMinutes == 0) return counter;
        uint elapsedMinutes = (Minutes - (value >> 8)) & 0xFFFF;
        uint periods = elapsedMinutes / (uint)DecayMinutes;
        return periods >= counter ? 0 : counter - periods;
    }

    /// <summary>Sets an entry's use to what a snapshot or RESTORE says, where the policy in force asks for it; -1 for not given.</summary>
    public void SetUsage(Entry entry, long idleSeconds, int frequency)
    {
        if (IsLfu && frequency >= 0) entry.AccessClock = (Minutes << 8) | (uint)Math.Min(frequency, 255);
        else if (!IsLfu && idleSeconds >= 0) entry.AccessClock = (uint)(Now - idleSeconds) & LruMax;
    }

    private uint Incremented(uint counter)
    {
        if (counter == 255) return 255;
        double above = counter > InitialCounter ? counter - InitialCounter : 0;
        return NextUniform() < 1.0 / ((above * LogFactor) + 1) ? counter + 1 : counter;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double NextUniform()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (_random >> 11) * (1.0 / (1UL << 53));
    }
}
