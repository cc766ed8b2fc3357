// How long the next slice of the walk may be: a share of the time that has passed while commands came, all of a slice when none did.
//
// A loaded server has many short turns. A whole slice in each would leave the commands a fraction of the thread; so the walk saves
// up its share of every turn, and what it overdraws (it looks at the time now and then only) it pays back.
// Holds always: time passes, so the walk gets on, however busy the server is. Command thread only.

using System.Diagnostics;

namespace Valkey.Host.Iteration;

internal sealed class WalkAllowance(IterationPace pace)
{
    private readonly long _sliceTicks = pace.SliceUs * Stopwatch.Frequency / 1_000_000;
    private long _savedTicks;
    private long _lastTicks = Stopwatch.GetTimestamp();

    /// <summary>Ticks that a slice may take which begins now; none when that is negative.</summary>
    /// <param name="nowTicks">The present.</param>
    /// <param name="isIdle">Nobody sent anything.</param>
    public long Earn(long nowTicks, bool isIdle)
    {
        long earned = (long)((nowTicks - _lastTicks) * pace.ShareOfBusyThread);
        _lastTicks = nowTicks;
        _savedTicks = isIdle ? _sliceTicks : Math.Min(_savedTicks + earned, _sliceTicks);
        return _savedTicks;
    }

    /// <summary>A slice took so long.</summary>
    public void Spend(long ticks) => _savedTicks -= ticks;
}
