// Timers of the command thread, by due time. A timer may cancel itself or others while it runs.

using System.Diagnostics;

namespace Valkey.Host.Loop;

/// <summary>What runs when its time has come.</summary>
internal sealed class LoopTimer : IDisposable
{
    internal Action? Callback;
    internal long PeriodMs;

    /// <summary>The time between runs may change while it lives; it holds from the next run on.</summary>
    public void ChangePeriod(long periodMs) => PeriodMs = periodMs;

    /// <summary>Cancels it.</summary>
    public void Dispose() => Callback = null;
}

/// <summary>All timers of a loop. Command thread only.</summary>
internal sealed class TimerQueue
{
    private const int LongestWaitMs = 1000;

    private readonly PriorityQueue<LoopTimer, long> _queue = new();

    /// <summary>Milliseconds of a clock that never goes back.</summary>
    public static long NowMs => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);

    /// <summary>Runs a callback after a delay, and again after each period when it is above 0.</summary>
    public LoopTimer Start(long delayMs, long periodMs, Action callback)
    {
        LoopTimer timer = new() { Callback = callback, PeriodMs = periodMs };
        _queue.Enqueue(timer, NowMs + delayMs);
        return timer;
    }

    /// <summary>How long a wait may take, in milliseconds.</summary>
    public int MillisecondsUntilNext()
    {
        if (!_queue.TryPeek(out _, out long dueMs)) return LongestWaitMs;
        return (int)Math.Clamp(dueMs - NowMs, 0, LongestWaitMs);
    }

    /// <summary>Runs what is due. A timer that throws is reported and ends.</summary>
    public void RunDue(Action<Exception>? failed)
    {
        if (!_queue.TryPeek(out _, out long firstDueMs)) return;
        long nowMs = NowMs;
        while (firstDueMs <= nowMs)
        {
            LoopTimer timer = _queue.Dequeue();
            Run(timer, failed);
            if (timer.Callback is not null && timer.PeriodMs > 0) _queue.Enqueue(timer, NowMs + timer.PeriodMs);
            if (!_queue.TryPeek(out _, out firstDueMs)) return;
        }
    }

    private static void Run(LoopTimer timer, Action<Exception>? failed)
    {
        try
        {
            timer.Callback?.Invoke();
        }
        catch (Exception exception) when (failed is not null)
        {
            timer.Callback = null;
            failed(exception);
        }
    }
}
