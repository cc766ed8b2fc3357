// How the iteration's thread behaves where there are fewer processors than work.
//
// It works without a pause. On two processors it soon has one of them, and the system keeps the command thread and a client that
// keeps it busy together on the other: they wake each other in turn, so that one never looks overfull, and get half of what they
// had. The thread sees that the command thread waits for a processor and comes to that one's own, which leaves the other to the
// client. There it gives way several thousand times a second: the kernel lets whoever runs have his slice of milliseconds, and
// the command thread would wait for its end. Each time costs the iteration the rest of the slice, as long as anybody is ready.
// The save takes longer so, and the commands lose less. Where a processor is idle the command thread does not wait, and giving
// way returns at once.

using System.Diagnostics;
using Valkey.Host.Background;
using Valkey.Host.Process;

namespace Valkey.Host.Iteration;

/// <param name="helpers">Know where the command thread runs.</param>
/// <param name="commands">The times of the command thread.</param>
internal sealed class IterationCourtesy(HelperThreads helpers, ThreadSchedule commands)
{
    private const double WaitingShareMax = 0.25; // of the command thread's time
    private static readonly long s_yieldTicks = Stopwatch.Frequency / 5000;
    private static readonly long s_lookTicks = Stopwatch.Frequency / 200;

    private long _yieldDueTicks;
    private long _lookedTicks;
    private long _waitedNs;

    /// <summary>Options say which processors the thread runs on.</summary>
    public bool StaysWhereItIs { get; set; }

    /// <summary>Between two entries; takes next to nothing when nothing is due. On the iteration's thread.</summary>
    public void GiveWay()
    {
        long nowTicks = Stopwatch.GetTimestamp();
        if (nowTicks < _yieldDueTicks) return;
        if (nowTicks - _lookedTicks >= s_lookTicks) Look(nowTicks);
        _ = Loop.Libc.YieldProcessor();
        _yieldDueTicks = Stopwatch.GetTimestamp() + s_yieldTicks;
    }

    private void Look(long nowTicks)
    {
        long waitedNs = commands.Read().WaitedNs;
        double elapsedNs = Stopwatch.GetElapsedTime(_lookedTicks, nowTicks).TotalNanoseconds;
        bool isShort = IsShort(waitedNs - _waitedNs, elapsedNs);
        _waitedNs = waitedNs;
        _lookedTicks = nowTicks;
        if (isShort && !StaysWhereItIs) helpers.JoinCommandThread();
    }

    /// <summary>Whether a thread that has waited so long for a processor had too few of them.</summary>
    internal static bool IsShort(long waitedNs, double elapsedNs) => waitedNs > elapsedNs * WaitingShareMax;
}
