// A child at work, as the parent sees it: how far it is, whether it still moves, how it ended.
//
// Holds always: the end is reported once. A child that neither moves nor waits for anything that could still come is killed;
// one that waits for a slow disk, or was stopped by a debugger, is left alone.

using System.Diagnostics;
using Valkey.Abstractions;

namespace Valkey.Persistence.Fork;

internal sealed unsafe class RunningChild(
    int processId, ForkChild child, ChildReport* report, long keysTotal, ILog log, Action<SnapshotResult> ended)
{
    private const long StuckMs = 2_000; // waiting for a lock, and nobody is there to release it
    private const long StillMs = 120_000; // computing without writing a byte
    private const int SignalMask = 0x7f;
    private const double BytesPerMegabyte = 1024 * 1024;

    private readonly long _startTicks = Stopwatch.GetTimestamp();
    private long _movedTicks = Stopwatch.GetTimestamp();
    private long _lastKeys;
    private long _lastBytes;
    private IDisposable? _timer;
    private string? _killReason;
    private bool _wasKilled;
    private bool _isOver;

    public int ProcessId { get; } = processId;

    public SnapshotProgress Progress =>
        new(report->KeysWritten, keysTotal, report->BytesWritten, report->CopyOnWriteBytes);

    /// <summary>Takes the timer that looks after it.</summary>
    public void Watch(IDisposable timer) => _timer = timer;

    /// <summary>Called again and again: has it ended, does it move?</summary>
    public void Look()
    {
        if (_isOver) return;
        int status;
        int waited = Native.WaitForProcessWithTransition(ProcessId, &status, Native.WaitNoHang);
        if (waited == ProcessId) End(FailureOf(status));
        else if (waited < 0 && Native.ErrorNumber == Native.NoChild) End(FailureOfReport());
        else KillWhenStuck();
    }

    /// <summary>Gives it up on request.</summary>
    public void Kill()
    {
        if (_isOver) return;
        _wasKilled = true;
        _ = Native.Kill(ProcessId, Native.SigKill);
    }

    /// <summary>Gives it up and does not return before it is gone.</summary>
    public void KillAndWait()
    {
        Kill();
        int status = 0;
        _ = Native.WaitForProcessWithTransition(ProcessId, &status, 0);
        if (!_isOver) End(FailureOf(status));
    }

    private void End(string? failure)
    {
        _isOver = true;
        _timer?.Dispose();
        child.Dispose();
        if (failure is null)
        {
            log.Write(LogLevel.Notice, string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"Fork CoW for RDB: current {report->CopyOnWriteBytes / BytesPerMegabyte:0} MB, peak {report->CopyOnWritePeakBytes / BytesPerMegabyte:0} MB, average {report->CopyOnWritePeakBytes / BytesPerMegabyte:0} MB"));
        }

        if (report->CompiledMethods > 0)
            log.Write(LogLevel.Debug, $"The saving child compiled {report->CompiledMethods} methods that had not been rehearsed");
        ended(new SnapshotResult(failure, _wasKilled, report->CopyOnWritePeakBytes));
    }

    private string? FailureOf(int status)
    {
        int signal = status & SignalMask;
        if (signal == Native.SigUser1) _wasKilled = true; // Valkey's way to tell a child that it is not needed any more
        if (signal == 0) return FailureOfReport();
        return _killReason ?? (_wasKilled ? "killed" : $"terminated by signal {signal}");
    }

    private string? FailureOfReport() => (ChildOutcome)Volatile.Read(ref report->Outcome) switch
    {
        ChildOutcome.Complete => null,
        ChildOutcome.SystemError => Native.TextOf(report->ErrorNumber),
        ChildOutcome.Exception => "a data type or the format threw an exception while writing",
        _ => "the child ended before it was done",
    };

    private void KillWhenStuck()
    {
        if (report->KeysWritten != _lastKeys || report->BytesWritten != _lastBytes)
        {
            _lastKeys = report->KeysWritten;
            _lastBytes = report->BytesWritten;
            _movedTicks = Stopwatch.GetTimestamp();
            return;
        }

        double stillMs = Stopwatch.GetElapsedTime(_movedTicks).TotalMilliseconds;
        if (stillMs < StuckMs || _killReason is not null) return;
        if (ProcessState.IsWaitingForLock(ProcessId)) _killReason = "the child waits for a lock that nobody holds";
        else if (stillMs > StillMs && ProcessState.StateOf(ProcessId) == ProcessState.Running) _killReason = "the child makes no progress";
        else return;
        double ageSeconds = Stopwatch.GetElapsedTime(_startTicks).TotalSeconds;
        log.Write(LogLevel.Warning, $"Killing the saving child {ProcessId} after {ageSeconds:0} s: {_killReason}");
        _ = Native.Kill(ProcessId, Native.SigKill);
    }
}
