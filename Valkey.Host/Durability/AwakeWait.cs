// How long the command thread may wait awake for the disk's answer, instead of asleep.
//
// On a fast disk the answer comes within a tenth of a millisecond. Going to sleep and being woken takes a good part of that,
// most of all in a virtual machine, where an idle processor is handed back to the host. So while replies are held the loop looks
// again and again, and serves whoever comes meanwhile. Under load that costs nothing: what it takes is what sleeping took.
// Holds always: it waits awake no longer than it has worked since it slept last, and never longer than the maximum; so a
// server with little to do, or with a slow disk, sleeps. Command thread only.

using System.Diagnostics;

namespace Valkey.Host.Durability;

internal sealed class AwakeWait
{
    /// <summary>What is not there by then is not worth waiting for.</summary>
    public static readonly long MaxTicks = Stopwatch.Frequency * 300 / 1_000_000;

    private long _earnedTicks;
    private long _idleSinceTicks;

    /// <summary>At the end of a turn: whether the loop shall look once more at once, and not sleep.</summary>
    /// <param name="nowTicks">The present.</param>
    /// <param name="turnTicks">What the turn took.</param>
    /// <param name="wasIdle">It had nothing to do.</param>
    /// <param name="isAnswerNear">Somebody waits for the disk.</param>
    public bool GoesOn(long nowTicks, long turnTicks, bool wasIdle, bool isAnswerNear)
    {
        if (!wasIdle)
        {
            _earnedTicks = Math.Min(_earnedTicks + turnTicks, MaxTicks);
            _idleSinceTicks = nowTicks;
        }

        if (isAnswerNear && nowTicks - _idleSinceTicks < _earnedTicks) return true;
        _earnedTicks = 0;
        return false;
    }
}
