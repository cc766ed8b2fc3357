// The moment of the fork, in the parent.
//
// A process with the runtime's threads can be forked when, at that moment, nobody is inside of anything that the child needs:
// helpers of ours wait at their gate; no collection runs or can begin (a region without one is entered); the runtime's own
// threads sleep; and this thread makes the call without leaving managed code, so that a collection that somebody asks for has
// to wait for it. What cannot be excluded is a thread that has just asked managed code to stand still: the child then stops at
// its very first step and sends no byte. It is killed, and the process is forked again, after waits that grow: whoever was in
// the middle of something (a thread that waits for a page from a slow disk, or whose processor a busy host has taken away for
// a second) needs time to come out of it.
// Holds always: whatever happens, the gate is open, the region is left and signals arrive afterwards. Command thread only.

using System.Runtime;
using Valkey.Abstractions;

namespace Valkey.Persistence.Fork;

/// <summary>A fork that took place.</summary>
internal readonly record struct Forked(int ProcessId, long DurationUs, int Attempts);

internal sealed unsafe class ForkMoment(IHelperThreads helpers, ILog log)
{
    private const int AttemptsMin = 5; // and it goes on until so much time has passed:
    private const long PersistUs = 8_000_000;
    private const int FirstPauseMs = 10, PauseMaxMs = 500; // twice as long after each attempt
    private const int GateWaitMs = 1000; // a helper that frees one huge value does not come sooner
    private const long CalmWaitUs = 50_000;
    private const int CalmLookMs = 1;
    private const int AliveWaitMs = 2000;
    private const int AliveLookMs = 5;
    private const long NoCollectionBytes = 1 << 20;

    /// <summary>Forks until a child is alive.</summary>
    /// <param name="child">What it does.</param>
    /// <param name="alivePipe">The end of the pipe that its first byte arrives at.</param>
    /// <param name="forked">The child, when null is returned.</param>
    /// <returns>Null, or why there is no child.</returns>
    public string? TryFork(ForkChild child, int alivePipe, out Forked forked)
    {
        forked = default;
        long startUs = Native.NowUs();
        int pauseMs = FirstPauseMs;
        for (int attempt = 1; ; attempt++)
        {
            int processId = ForkParked(child, out long durationUs);
            if (processId < 0) return Native.TextOf(-processId);
            if (WaitUntilAlive(processId, alivePipe))
            {
                forked = new Forked(processId, durationUs, attempt);
                return null;
            }

            _ = Native.Kill(processId, Native.SigKill);
            int status;
            _ = Native.WaitForProcessWithTransition(processId, &status, 0);
            log.Write(LogLevel.Notice, $"Forked child {processId} did not come to life (attempt {attempt})");
            if (attempt >= AttemptsMin && Native.NowUs() - startUs > PersistUs) return $"no child came to life in {attempt} attempts";
            _ = Native.PollWithTransition(null, 0, pauseMs);
            pauseMs = Math.Min(pauseMs * 2, PauseMaxMs);
        }
    }

    /// <summary>
    /// Forks while helpers stand still and no collection can begin. A helper that does not come is forked beside, as threads are that
    /// pass no gate at all, a module's say: what it was in the middle of is nothing that the child reads.
    /// </summary>
    private int ForkParked(ForkChild child, out long durationUs)
    {
        using IDisposable parked = helpers.Park(GateWaitMs, out string missing);
        if (missing.Length > 0) log.Write(LogLevel.Notice, $"Forking beside background threads that are busy: {missing}");
        bool isRegion = EnterNoCollection();
        WaitForCalm();
        int processId = ForkDeaf(child, out durationUs);
        if (isRegion) LeaveNoCollection();
        return processId;
    }

    /// <summary>Forks while no signal can come: the parent's handlers must not run in the child.</summary>
    private static int ForkDeaf(ForkChild child, out long durationUs)
    {
        byte* all = stackalloc byte[Native.SignalSetBytes];
        byte* before = stackalloc byte[Native.SignalSetBytes];
        new Span<byte>(all, Native.SignalSetBytes).Fill(byte.MaxValue);
        _ = Native.SignalMask(Native.BlockSignals, all, before);
        long startUs = Native.NowUs();
        int processId = child.Fork(before);
        durationUs = Native.NowUs() - startUs;
        _ = Native.SignalMask(Native.SetSignalMask, before, null);
        return processId;
    }

    private static bool EnterNoCollection()
    {
        // Somebody else's region (a module's) does as well.
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion) return false;
        return GC.TryStartNoGCRegion(NoCollectionBytes, disallowFullBlockingGC: true);
    }

    private static void LeaveNoCollection()
    {
        try
        {
            GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // Other threads allocated more than the region had: a collection came after the fork, and ended it.
        }
    }

    /// <summary>
    /// Gives the runtime's compiler and the thread pool a moment to finish what they do. Some module may keep them busy for
    /// ever, so the wait is short: a child that was rehearsed needs nothing of what they hold.
    /// </summary>
    private static void WaitForCalm()
    {
        int ownThreadId = Native.ThreadId();
        long deadlineUs = Native.NowUs() + CalmWaitUs;
        while (!OtherThreads.AreAsleep(ownThreadId) && Native.NowUs() < deadlineUs)
            _ = Native.PollWithTransition(null, 0, CalmLookMs);
    }

    private static bool WaitUntilAlive(int processId, int alivePipe)
    {
        Native.PollDescriptor wait = new() { Descriptor = alivePipe, Events = Native.PollIn };
        bool wasStuck = false;
        for (int waitedMs = 0; waitedMs < AliveWaitMs; waitedMs += AliveLookMs)
        {
            if (Native.PollWithTransition(&wait, 1, AliveLookMs) > 0)
            {
                byte first;
                return Native.Read(alivePipe, &first, 1) == 1;
            }

            if (ProcessState.StateOf(processId) == ProcessState.Dead) return false;

            // Twice in a row: the first look may have met it between two things.
            bool isStuck = ProcessState.IsWaitingForLock(processId);
            if (isStuck && wasStuck) return false;
            wasStuck = isStuck;
        }

        return false;
    }
}
