// How long the command thread may wait awake for the disk's answer, instead of asleep.
//
// On a fast disk the answer comes within a tenth of a millisecond. Going to sleep and being woken takes a good part of that,
// most of all in a virtual machine, where an idle processor is handed back to the host. So while replies are held the loop looks
// again and again, and serves whoever comes meanwhile. Under load that costs little: it takes what sleeping and waking took.
//
// Where there are fewer processors than work it would take from others what they need, and be made to pause for it at the wrong
// moment. It notices: between two looks more time has passed than looking takes. Then it sleeps as any other for a while, which
// doubles when the next time is no better.
// Holds always: it waits awake no longer than it has worked since it slept last, and never longer than the maximum; so a
// server with little to do, or with a slow disk, sleeps. Command thread only.

using System.Diagnostics;

namespace Valkey.Host.Durability;

internal sealed class AwakeWait
{
    /// <summary>What is not there by then is not worth waiting for.</summary>
    public static readonly long MaxTicks = Stopwatch.Frequency * 300 / 1_000_000;

    /// <summary>Nobody looks so rarely who has a processor of its own.</summary>
    public static readonly long GapTicks = Stopwatch.Frequency * 500 / 1_000_000;

    /// <summary>How long it sleeps as any other after such a gap, at least and at most.</summary>
    public static readonly long RestMinTicks = Stopwatch.Frequency / 1000, RestMaxTicks = Stopwatch.Frequency;

    private const int TrialsOfRest = 8; // so many times the rest without a gap, and the next rest is short again

    private long _earnedTicks;
    private long _idleSinceTicks;
    private long _lastLookTicks;
    private long _restUntilTicks;
    private long _restTicks = RestMinTicks;

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
        else if (_earnedTicks > 0 && nowTicks - _lastLookTicks > GapTicks)
        {
            Rest(nowTicks);
        }

        _lastLookTicks = nowTicks;
        if (isAnswerNear && nowTicks - _idleSinceTicks < _earnedTicks && nowTicks >= _restUntilTicks) return true;
        _earnedTicks = 0;
        return false;
    }

    private void Rest(long nowTicks)
    {
        bool isAgain = nowTicks - _restUntilTicks < _restTicks * TrialsOfRest;
        _restTicks = isAgain ? Math.Min(_restTicks * 2, RestMaxTicks) : RestMinTicks;
        _restUntilTicks = nowTicks + _restTicks;
    }
}
