// BGREWRITEAOF: a new base that holds the dataset of this moment, and a new increment for what is written from now on; when the
// base is complete, it and the increment take the place of all files before, by one change of the manifest.
//
// Holds always: at every moment the manifest on the disk names files that together hold the dataset; what a rewrite has
// replaced is deleted only when the disk has the manifest without it. A failed rewrite leaves one increment more. Command thread.

using System.Diagnostics;
using System.Globalization;
using Valkey.Abstractions;
using Valkey.Aof.Files;
using Valkey.Aof.Writing;

namespace Valkey.Aof.Rewriting;

internal sealed class LogRewrite(IPluginContext context, AppendOnlyLog log)
{
    private readonly ILog _log = context.Log;
    private readonly RewriteLimit _limit = new(context.Log);
    private DatasetJob? _job;
    private bool _isSnapshot;
    private long _startedMs;

    private AofFolder Folder => log.Folder;

    /// <summary>One is under way.</summary>
    public bool IsRunning => _job is not null;

    /// <summary>One begins when nothing is in its way.</summary>
    public bool IsScheduled { get; private set; }

    /// <summary>The last one succeeded, or there was none.</summary>
    public bool LastSucceeded { get; private set; } = true;

    /// <summary>How many began.</summary>
    public long Count { get; set; }

    /// <summary>How many failed, one after the other.</summary>
    public long FailureCount { get; set; }

    /// <summary>How long the last one took; -1 before there was one.</summary>
    public long LastSeconds { get; private set; } = -1;

    /// <summary>How long the present one has run; -1 when there is none.</summary>
    public long CurrentSeconds => IsRunning ? (Environment.TickCount64 - _startedMs) / 1000 : -1;

    /// <summary>Memory beside the dataset that the last one took at most.</summary>
    public long LastCopyOnWriteBytes { get; private set; }

    /// <summary>Begins one as soon as nothing is in its way.</summary>
    public void Schedule() => IsScheduled = true;

    /// <summary>Somebody asked for it by name: at once, however often it failed.</summary>
    public void ScheduleByHand()
    {
        IsScheduled = true;
        FailureCount = 0;
    }

    /// <summary>Forgets a scheduled one. True when there was one.</summary>
    public bool Unschedule()
    {
        bool was = IsScheduled;
        IsScheduled = false;
        return was;
    }

    /// <summary>Begins one. False, with the reason in the log, when that fails.</summary>
    public bool TryStart()
    {
        if (context.Persistence.IsBusy) return false;
        if (!Folder.TryCreate() || !TryBeginIncrement())
        {
            LastSucceeded = false;
            return false;
        }

        Count++;
        _isSnapshot = log.Options.UsesSnapshot.Value && context.Persistence.Format is not null;
        DatasetJob job = NewJob();
        if (context.Persistence.Start(job) is { } failure)
        {
            LastSucceeded = false;
            _log.Write(LogLevel.Warning, $"Can't rewrite append only file in background: {failure}");
            return false;
        }

        _job = job;
        IsScheduled = false;
        _startedMs = Environment.TickCount64;
        _log.Write(LogLevel.Notice, job.ProcessId > 0
            ? $"Background append only file rewriting started by pid {job.ProcessId}"
            : "Background append only file rewriting started by a thread");
        return true;
    }

    /// <summary>Gives the running one up; nobody hears of it any more.</summary>
    public void Abandon()
    {
        if (_job is not { } job) return;
        _log.Write(LogLevel.Notice, $"Killing running AOF rewrite child: {job.ProcessId}");
        _job = null;
        context.Persistence.Abandon(job);
    }

    /// <summary>Looks whether one is due.</summary>
    public void Cron()
    {
        if (IsRunning || context.Persistence.IsBusy || context.Server.IsLoading) return;
        if (IsScheduled && !_limit.Holds(FailureCount, Environment.TickCount64)) _ = TryStart();
        else if (log.State == LogState.On && HasGrown(out long percent) && !_limit.Holds(FailureCount, Environment.TickCount64))
        {
            _log.Write(LogLevel.Notice, $"Starting automatic rewriting of AOF on {percent}% growth");
            _ = TryStart();
        }
    }

    /// <summary>The log begins with an empty manifest: the dataset as it is becomes its base. False, with the reason in the log, when that fails.</summary>
    public bool TryWriteFirstBase(AofManifest manifest)
    {
        _isSnapshot = log.Options.UsesSnapshot.Value && context.Persistence.Format is not null;
        AofFile file = manifest.BeginBase(Folder.FileName, _isSnapshot);
        string path = "temp-rewriteaof-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + ".aof";
        string? failure = context.Persistence.WriteNow(NewJob(), path);
        if (failure is null && Libc.Rename(path, Folder.PathOf(file.Name)) != 0) failure = Libc.LastErrorText;
        if (failure is not null)
        {
            _log.Write(LogLevel.Warning, $"Write error writing append only file on disk: {failure}");
            return false;
        }

        _log.Write(LogLevel.Notice, $"Creating AOF base file {file.Name} on server start");
        return true;
    }

    private bool HasGrown(out long percent)
    {
        percent = 0;
        long percentMin = log.Options.RewritePercentage.Value;
        if (percentMin == 0 || log.CurrentBytes <= log.Options.RewriteSizeMin.Value) return false;
        percent = (long)((Int128)log.CurrentBytes * 100 / Math.Max(log.RewriteBaseBytes, 1)) - 100;
        return percent >= percentMin;
    }

    private DatasetJob NewJob() => new()
    {
        Purpose = "AOF rewrite",
        Format = _isSnapshot ? context.Persistence.Format! : new CommandFormat(log.Options, context.Persistence.Format),
        PathOf = static processId => string.Create(CultureInfo.InvariantCulture, $"temp-rewriteaof-bg-{processId}.aof"),
        StartsWritingEarly = log.Options.RewriteSyncsEarly.Value,
        CpuList = log.Options.RewriteCpuList.Value,
        Ended = OnEnded,
    };

    /// <summary>A new increment, which begins with the dataset of this moment. Nothing to do when the log is off.</summary>
    private bool TryBeginIncrement()
    {
        if (log.State == LogState.Off) return true;
        if (!log.TryFinishFile())
        {
            _log.Write(LogLevel.Warning, "The AOF is not rewritten: what was written before cannot be brought to the file.");
            return false;
        }

        bool isFirst = log.State == LogState.WaitingForRewrite;
        AofManifest? changed = isFirst ? null : Folder.Manifest.Clone();
        string name = changed is null ? Folder.TemporaryIncrementName : changed.BeginIncrement(Folder.FileName).Name;
        if (IncrementFile.TryOpen(Folder, name, isNew: true, out int error) is not { } file)
        {
            _log.Write(LogLevel.Warning, $"Can't open the append-only file {name}: {Libc.TextOf(error)}");
            return false;
        }

        if (changed is not null && !Folder.TrySave(changed))
        {
            file.Dispose();
            return false;
        }

        _log.Write(LogLevel.Notice, $"Creating AOF incr file {name} on background rewrite");
        log.EarlierBytes += log.Writer.File?.SizeBytes ?? 0;
        log.Begin(file);
        if (isFirst) log.EarlierBytes = 0;
        if (changed is not null) Folder.Manifest = changed;
        return true;
    }

    private void OnEnded(SnapshotResult result)
    {
        DatasetJob job = _job!;
        long startTicks = Stopwatch.GetTimestamp();
        _job = null;
        LastCopyOnWriteBytes = result.CopyOnWriteBytes;
        if (result.WasKilled)
        {
            _log.Write(LogLevel.Warning, "Background AOF rewrite terminated by signal 10");
        }
        else if (result.Failure is { } failure)
        {
            _log.Write(LogLevel.Warning, Describe(failure));
            NoteFailure();
        }
        else
        {
            _log.Write(LogLevel.Notice, "Background AOF rewrite terminated with success");
            if (TryInstall(job)) Succeed();
            else NoteFailure();
        }

        LastSeconds = (Environment.TickCount64 - _startedMs) / 1000;
        if (_log.IsEnabled(LogLevel.Verbose))
            _log.Write(LogLevel.Verbose, $"Background AOF rewrite signal handler took {Stopwatch.GetElapsedTime(startTicks).TotalMicroseconds:F0}us");
        if (log.State != LogState.WaitingForRewrite) return;
        log.DropFile();
        Folder.DeleteTemporaryIncrement();
        Schedule();
    }

    private static string Describe(string failure) =>
        failure.StartsWith("terminated", StringComparison.Ordinal)
            ? $"Background AOF rewrite {failure}"
            : $"Background AOF rewrite terminated with error: {failure}";

    private void NoteFailure()
    {
        LastSucceeded = false;
        FailureCount++;
    }

    private void Succeed()
    {
        LastSucceeded = true;
        FailureCount = 0;
        _log.Write(LogLevel.Notice, "Background AOF rewrite finished successfully");
        if (log.State == LogState.WaitingForRewrite) log.BecomeOn();
    }

    /// <summary>The base is complete: the manifest changes. False, with the reason in the log, when something fails; the old files count then.</summary>
    private bool TryInstall(DatasetJob job)
    {
        AofManifest changed = Folder.Manifest.Clone();
        AofFile newBase = changed.BeginBase(Folder.FileName, _isSnapshot);
        if (!TryRename(job.Path, job.Path, newBase.Name, "base"))
        {
            _ = Libc.Unlink(job.Path);
            return false;
        }

        bool isFirst = log.State == LogState.WaitingForRewrite;
        string? increment = null;
        if (isFirst)
        {
            increment = changed.BeginIncrement(Folder.FileName).Name;
            if (!TryRename(Folder.PathOf(Folder.TemporaryIncrementName), Folder.TemporaryIncrementName, increment, "incr"))
            {
                Folder.Delete(Folder.PathOf(newBase.Name));
                return false;
            }
        }

        changed.RetireIncrements(keepsLast: log.State != LogState.Off);
        if (!Folder.TrySave(changed))
        {
            Folder.Delete(Folder.PathOf(newBase.Name));
            if (increment is not null) Folder.Delete(Folder.PathOf(increment));
            return false;
        }

        Folder.Manifest = changed;
        if (log.State != LogState.Off)
        {
            log.EarlierBytes = Folder.TrySizeOf(newBase.Name, out long baseBytes) ? baseBytes : 0;
            log.RewriteBaseBytes = log.CurrentBytes;
        }

        if (!log.Options.KeepsHistory.Value) Folder.TryDeleteHistory();
        return true;
    }

    private bool TryRename(string fromPath, string fromName, string toName, string kind)
    {
        long startTicks = Stopwatch.GetTimestamp();
        if (Libc.Rename(fromPath, Folder.PathOf(toName)) != 0)
        {
            _log.Write(
                LogLevel.Warning,
                $"Error trying to rename the temporary AOF {kind} file {fromPath} into {Folder.PathOf(toName)}: {Libc.LastErrorText}");
            return false;
        }

        context.Server.ReportLatency("aof-rename", (long)Stopwatch.GetElapsedTime(startTicks).TotalMilliseconds);
        _log.Write(LogLevel.Notice, $"Successfully renamed the temporary AOF {kind} file {fromName} into {toName}");
        return true;
    }
}
