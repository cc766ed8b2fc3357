// Writes what was logged to the file on the command thread, by the rules of appendfsync.
//
// always: written and synced before the replies of this turn of the loop go out; what fails ends the server, since it has
// promised what it cannot keep. everysec: written at once, synced once per second on another thread; while such a sync is
// under way a write would wait for it in the system, so it is put off for up to two seconds. no: written at once.
// Holds always: the file ends with a whole command, or the buffer begins with the rest of one. Command thread.

using System.Diagnostics;
using Valkey.Abstractions;
using Valkey.Aof.Files;

namespace Valkey.Aof.Writing;

internal sealed class DirectFlush(IPluginContext context, AofOptions options, SyncThread sync, WriteHealth health)
{
    private const long SyncEveryMs = 1000;
    private const long PostponeMaxMs = 2000;

    private readonly IServerControl _server = context.Server;
    private long _postponedSinceMs;
    private long _lastSyncMs = Environment.TickCount64;

    /// <summary>A write was put off because a sync is under way.</summary>
    public bool IsPostponed => _postponedSinceMs != 0;

    /// <summary>Writes that could be put off no longer: aof_delayed_fsync.</summary>
    public long DelayedCount { get; set; }

    /// <summary>DEBUG AOF-FLUSH-SLEEP: microseconds to wait before each write.</summary>
    public uint SleepUs { get; set; }

    /// <summary>The next sync comes a second from now.</summary>
    public void NoteSynced() => _lastSyncMs = Environment.TickCount64;

    /// <summary>Brings the buffer to the file, and the file to the disk, as far as the policy asks for it now.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="buffer">What.</param>
    /// <param name="isForced">It is not put off.</param>
    public void Run(IncrementFile file, CommandBuffer buffer, bool isForced)
    {
        SyncPolicy policy = options.Policy;
        if (buffer.Length > 0)
        {
            if (policy == SyncPolicy.EverySecond && !isForced && MustPostpone()) return;
            if (!TryWrite(file, buffer, policy)) return;
        }

        Sync(file, policy);
    }

    private bool MustPostpone()
    {
        if (sync.PendingSyncs == 0) return false;
        long nowMs = Environment.TickCount64;
        if (_postponedSinceMs == 0) _postponedSinceMs = nowMs;
        if (nowMs - _postponedSinceMs < PostponeMaxMs) return true;
        DelayedCount++;
        context.Log.Write(
            LogLevel.Notice,
            "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to "
            + "complete, this may slow down the server.");
        return false;
    }

    private bool TryWrite(IncrementFile file, CommandBuffer buffer, SyncPolicy policy)
    {
        if (SleepUs > 0) _ = Libc.SleepMicroseconds(SleepUs);
        bool isSyncing = sync.PendingSyncs > 0;
        long startTicks = Stopwatch.GetTimestamp();
        WriteOutcome outcome = file.Write(buffer, out long shortBytes);
        Report(isSyncing, (long)Stopwatch.GetElapsedTime(startTicks).TotalMilliseconds);
        _postponedSinceMs = 0;
        if (outcome == WriteOutcome.Complete)
        {
            buffer.Clear();
            health.NoteWritten();
            return true;
        }

        Fail(file, buffer, policy, outcome, shortBytes);
        return false;
    }

    private void Fail(IncrementFile file, CommandBuffer buffer, SyncPolicy policy, WriteOutcome outcome, long shortBytes)
    {
        if (health.MayLog()) LogFailure(file, buffer, outcome, shortBytes);
        if (policy == SyncPolicy.Always)
        {
            context.Log.Write(
                LogLevel.Warning, "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...");
            _server.Abort();
        }

        health.NoteWriteError(file.ErrorNumber);
        if (outcome == WriteOutcome.Torn) buffer.Consume(file.TornBytes, endsInside: true);
    }

    private void LogFailure(IncrementFile file, CommandBuffer buffer, WriteOutcome outcome, long shortBytes)
    {
        if (shortBytes < 0)
        {
            context.Log.Write(LogLevel.Warning, $"Error writing to the AOF file: {Libc.TextOf(file.ErrorNumber)}");
            return;
        }

        context.Log.Write(
            LogLevel.Warning, $"Short write while writing to the AOF file: (nwritten={shortBytes}, expected={buffer.Length})");
        if (outcome == WriteOutcome.Torn)
        {
            context.Log.Write(
                LogLevel.Warning,
                "Could not remove short write from the append-only file.  The server may refuse to load the AOF the next time it "
                + $"starts.  ftruncate: {Libc.TextOf(file.ErrorNumber)}");
        }
    }

    private void Sync(IncrementFile file, SyncPolicy policy)
    {
        bool isDue = file.SyncedBytes != file.SizeBytes;
        if (!isDue)
        {
            // The stream may have gone on without anything for this file.
            if (policy != SyncPolicy.Never && sync.PendingJobs == 0) sync.Confirm(context.Propagation.Offset);
            return;
        }

        if (options.NoSyncOnRewrite.Value && context.Persistence.IsBusy) return;
        if (policy == SyncPolicy.Always) SyncNow(file);
        else if (policy == SyncPolicy.EverySecond) SyncBeside(file);
    }

    private void SyncNow(IncrementFile file)
    {
        long startTicks = Stopwatch.GetTimestamp();
        if (!file.TrySync())
        {
            context.Log.Write(
                LogLevel.Warning,
                "Can't persist AOF for fsync error when the AOF fsync policy is 'always': "
                + $"{Libc.TextOf(file.ErrorNumber)}. Exiting...");
            _server.Abort();
        }

        _server.ReportLatency("aof-fsync-always", (long)Stopwatch.GetElapsedTime(startTicks).TotalMilliseconds);
        file.SyncedBytes = file.SizeBytes;
        sync.Confirm(context.Propagation.Offset);
        NoteSynced();
    }

    private void SyncBeside(IncrementFile file)
    {
        if (Environment.TickCount64 - _lastSyncMs < SyncEveryMs || sync.PendingSyncs > 0) return;
        sync.Sync(file.Descriptor, context.Propagation.Offset);
        file.SyncedBytes = file.SizeBytes;
        NoteSynced();
    }

    private void Report(bool isSyncing, long durationMs)
    {
        if (durationMs == 0) return;
        _server.ReportLatency(
            isSyncing ? "aof-write-pending-fsync" : context.Persistence.IsBusy ? "aof-write-active-child" : "aof-write-alone",
            durationMs);
        _server.ReportLatency("aof-write", durationMs);
    }
}
