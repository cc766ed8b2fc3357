// The moment of the fork, in the parent.
//
// A process with the runtime's threads can be forked when, at that moment, nobody is inside of anything that the child needs:
// helpers of ours wait at their gate, no collection runs or can begin (a region without one is entered), and this thread makes
// the call without leaving managed code, so that a collection that somebody asks for has to wait for it. What cannot be
// excluded is a thread of the runtime's that has just asked managed code to stand still: the child then stops at its very first
// step and sends no byte. It is killed, and the process is forked again.
// Holds always: whatever happens, the gate is open and the region is left afterwards. Command thread only.

using System.Runtime;
using Valkey.Abstractions;

namespace Valkey.Persistence.Fork;

/// <summary>A fork that took place.</summary>
internal readonly record struct Forked(int ProcessId, long DurationUs, int Attempts);

internal sealed unsafe class ForkMoment(IHelperThreads helpers, ILog log)
{
    private const int AttemptsMax = 5;
    private const int GateWaitMs = 1000;
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
        for (int attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            long t0 = Native.NowUs();
            using IDisposable? parked = helpers.Park(GateWaitMs);
            if (parked is null) return "a background thread is busy";
            long t1 = Native.NowUs();
            int processId = ForkOnce(child, out long durationUs);
            long t2 = Native.NowUs();
            parked.Dispose();
            if (processId < 0) return Native.TextOf(-processId);
            if (WaitUntilAlive(processId, alivePipe))
            {
                log.Write(LogLevel.Warning, $"FORKTIMES gate {t1 - t0} forkonce {t2 - t1} fork {durationUs} alive {Native.NowUs() - t2}");
                forked = new Forked(processId, durationUs, attempt);
                return null;
            }

            _ = Native.Kill(processId, Native.SigKill);
            int status;
            _ = Native.WaitForProcessWithTransition(processId, &status, 0);
            log.Write(LogLevel.Notice, $"Forked child {processId} did not come to life (attempt {attempt}), forking again");
        }

        return $"no child came to life in {AttemptsMax} attempts";
    }

    private static int ForkOnce(ForkChild child, out long durationUs)
    {
        byte* all = stackalloc byte[Native.SignalSetBytes];
        byte* before = stackalloc byte[Native.SignalSetBytes];
        new Span<byte>(all, Native.SignalSetBytes).Fill(byte.MaxValue);

        bool isRegion = EnterNoCollection();
        // A signal in between would run the parent's handler in the child.
        _ = Native.SignalMask(Native.BlockSignals, all, before);
        long startUs = Native.NowUs();
        int processId = child.Fork(before);
        durationUs = Native.NowUs() - startUs;
        _ = Native.SignalMask(Native.SetSignalMask, before, null);
        if (isRegion) LeaveNoCollection();
        return processId;
    }

    private static bool EnterNoCollection()
    {
        if (Environment.GetEnvironmentVariable("VKF_NOGC") == "0") return false;
        // Somebody else's region (a module's) does as well.
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion) return false;
        return GC.TryStartNoGCRegion(NoCollectionBytes, disallowFullBlockingGC: Environment.GetEnvironmentVariable("VKF_NOGC") != "full");
    }

    private static void LeaveNoCollection()
    {
        try
        {
            GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // Another thread allocated more than the region had: a collection came after the fork, and ended it.
        }
    }

    private static bool WaitUntilAlive(int processId, int alivePipe)
    {
        Native.PollDescriptor wait = new() { Descriptor = alivePipe, Events = Native.PollIn };
        bool wasStuck = false;
        for (int waitedMs = 0; waitedMs < AliveWaitMs; waitedMs += AliveLookMs)
        {
            int ready = Native.PollWithTransition(&wait, 1, AliveLookMs);
            if (ready > 0)
            {
                byte first;
                return (wait.Returned & Native.PollIn) != 0 && Native.Read(alivePipe, &first, 1) == 1;
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
