// The server's idea of the time. It moves between commands only, so that a command, a transaction or a script sees one
// moment. Wall clock time is derived from the monotonic clock and set right once per loop turn.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Valkey.Host;

internal sealed class Clock
{
    private static readonly long s_ticksPerMicrosecond = Math.Max(1, Stopwatch.Frequency / 1_000_000);
    private long _baseTicks;
    private long _baseUnixUs;

    public Clock() => Synchronize();

    /// <summary>Monotonic time at the last update, in the units of <see cref="Stopwatch"/>.</summary>
    public long Ticks { get; private set; }

    /// <summary>Milliseconds since 1970 at the last update.</summary>
    public long UnixMs { get; private set; }

    /// <summary>Microseconds since 1970 at the last update.</summary>
    public long UnixUs { get; private set; }

    /// <summary>Seconds since 1970 at the last update.</summary>
    public long UnixSeconds => UnixMs / 1000;

    /// <summary>Microseconds in a number of ticks.</summary>
    public static long MicrosecondsOf(long ticks) => ticks / s_ticksPerMicrosecond;

    /// <summary>Microseconds since an instant given in ticks.</summary>
    public static long MicrosecondsSince(long startTicks) => MicrosecondsOf(Stopwatch.GetTimestamp() - startTicks);

    /// <summary>Asks the system for the time of day.</summary>
    public void Synchronize()
    {
        _baseUnixUs = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        _baseTicks = Stopwatch.GetTimestamp();
        Advance(_baseTicks);
    }

    /// <summary>Moves to an instant that was just read from <see cref="Stopwatch"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(long ticks)
    {
        Ticks = ticks;
        UnixUs = _baseUnixUs + ((ticks - _baseTicks) / s_ticksPerMicrosecond);
        UnixMs = UnixUs / 1000;
    }
}
