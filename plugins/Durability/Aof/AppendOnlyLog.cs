// The append-only file as a whole: whether it is on, which file is written, and what happens when that changes.
//
// Off: nothing is logged, and there is no sink. Waiting: it was turned on while the server runs, so a first rewrite has to give
// it a base; what is written meanwhile goes into a temporary increment. On: manifest, base and increments hold the dataset.
// Holds always: the sink is registered exactly while it is not off; the durability provider is enabled exactly while it is on,
// offloaded, and the policy is always. Command thread.

using Valkey.Abstractions;
using Valkey.Aof.Files;
using Valkey.Aof.Offload;
using Valkey.Aof.Rewriting;
using Valkey.Aof.Writing;

namespace Valkey.Aof;

/// <summary>Whether writes are logged.</summary>
internal enum LogState
{
    Off,
    WaitingForRewrite,
    On,
}

internal sealed class AppendOnlyLog : IShutdownStep
{
    private const int CronMs = 100;
    private const int RestMs = 1000; // while nothing is logged: a server at rest hardly wakes up for it
    private const int CronRunsPerSecond = 1000 / CronMs;

    private readonly IPluginContext _context;
    private readonly ILog _log;
    private readonly SyncThread _sync;
    private readonly Action _syncEnded;
    private IDisposable? _sink;
    private int _cronRuns;
    private bool _hasStarted;
    private IDisposable _timer;

    public AppendOnlyLog(IPluginContext context, AofOptions options, AofFolder folder)
    {
        _context = context;
        _log = context.Log;
        Options = options;
        Folder = folder;
        _syncEnded = OnSyncEnded;
        Health = new WriteHealth(context.Server, context.Log);
        Provider = new OffloadProvider(context, Health);
        _sync = new SyncThread(context.Persistence.HelperThreads, () => context.Background.Post(_syncEnded));
        Writer = new AofWriter(context, options, Health, _sync, Provider.Commit);
        Rewrite = new LogRewrite(context, this);
        Waits = new SyncWaits(this);
        Provider.WhenCommitted = Waits.Check;
        options.Enabled.Applied = ApplyEnabled;
        options.Sync.Applied = ApplyPolicy;
        options.Offload.Applied = ApplyPolicy;
        options.KeepsHistory.Applied = ApplyHistory;
        context.Durability.Add(Provider);
        context.Server.AtShutdown(this);
        context.Server.AddMemoryUse(Provider.Commit.Memory);
        _timer = RunIn(CronMs);
    }

    public AofOptions Options { get; }

    public AofFolder Folder { get; }

    public WriteHealth Health { get; }

    public OffloadProvider Provider { get; }

    public AofWriter Writer { get; }

    public LogRewrite Rewrite { get; }

    /// <summary>Clients in WAITAOF.</summary>
    public SyncWaits Waits { get; }

    /// <summary>Whether writes are logged.</summary>
    public LogState State { get; private set; }

    /// <summary>Bytes of the files behind the present one: base and earlier increments.</summary>
    public long EarlierBytes { get; set; }

    /// <summary>Bytes of all files.</summary>
    public long CurrentBytes => EarlierBytes + (Writer.File?.SizeBytes ?? 0);

    /// <summary>Bytes of all files after the last rewrite, or at the start.</summary>
    public long RewriteBaseBytes { get; set; }

    /// <summary>Offset of the stream up to which writes are in synced files that a restart would load; -1 when it is off.</summary>
    public long FsyncedOffset => State switch
    {
        LogState.On => Writer.DurableOffset,
        LogState.WaitingForRewrite => 0,
        _ => -1,
    };

    /// <summary>The server has its dataset: when it is on, logging begins. False, with the reason in the log, ends the start.</summary>
    public bool TryStart()
    {
        _hasStarted = true;
        if (!Options.Enabled.Value) return true;
        if (!Folder.TryCreate()) return false;
        AofManifest manifest = Folder.Manifest;
        bool hadIncrement = manifest.Increments.Count > 0;
        if (manifest.Base is null && !hadIncrement && !Rewrite.TryWriteFirstBase(manifest)) return false;
        AofFile increment = manifest.LastIncrement(Folder.FileName);
        if (IncrementFile.TryOpen(Folder, increment.Name, isNew: false, out int error) is not { } file)
        {
            _log.Write(LogLevel.Warning, $"Can't open the append-only file {increment.Name}: {Libc.TextOf(error)}");
            return false;
        }

        if (hadIncrement && !IsOnDisk(file)) return false;
        if (!Folder.TrySave(manifest)) return false;
        MeasureFiles(increment.Name);
        Begin(file);
        State = LogState.On;
        _log.Write(
            LogLevel.Notice, $"{(hadIncrement ? "Opening" : "Creating")} AOF incr file {increment.Name} on server start");
        if (!Options.KeepsHistory.Value) Folder.TryDeleteHistory();
        ApplyMode();
        return true;
    }

    /// <summary>
    /// What was loaded is shown to clients from now on. A server that was killed may have left some of it in the system's cache only;
    /// a loss of power would take back what they have read.
    /// </summary>
    private bool IsOnDisk(IncrementFile file)
    {
        if (file.TrySync()) return true;
        _log.Write(LogLevel.Warning, $"Can't sync the append-only file {file.Name}: {Libc.TextOf(file.ErrorNumber)}");
        return Options.Policy != SyncPolicy.Always;
    }

    /// <summary>Brings everything that was logged into the file. False when it cannot be written.</summary>
    public bool TrySettle() => Writer.File is null || (Writer.TrySettle() && Writer.BufferedBytes == 0);

    /// <summary>
    /// Another file will follow the present one, which has to be whole on the disk before that, whatever the policy: a loss of power
    /// may tear the last file only. A sync that fails is no obstacle: the rewrite may be what repairs it. False when it cannot be
    /// written.
    /// </summary>
    public bool TryFinishFile()
    {
        if (!Writer.TrySettle()) return false;
        if (Writer.File is not { } file) return true;
        _sync.Drain();
        _ = file.TrySync();
        return true;
    }

    /// <summary>The first rewrite is complete: base and increment are in the manifest.</summary>
    public void BecomeOn()
    {
        State = LogState.On;
        ApplyMode();
        Waits.Check();
    }

    /// <summary>Commands go to this file from now on; what went to the one before is synced and closed beside the commands.</summary>
    public void Begin(IncrementFile file)
    {
        IncrementFile? before = Writer.SwitchTo(file);
        _sink ??= _context.Propagation.Add(Writer);
        if (before is null) return;
        _sync.SyncAndClose(before.HandOver(), _context.Propagation.Offset);
        Writer.Direct.NoteSynced();
    }

    /// <summary>Nothing is logged until the next file begins: the rewrite that would have needed it came to nothing.</summary>
    public void DropFile()
    {
        _sync.Drain(); // it may be at this very file
        Writer.Close()?.Dispose();
        Health.Forget(); // nothing is left whose writing could show that the disk works again
    }

    /// <inheritdoc/>
    public bool TryEnd(bool isForced)
    {
        if (Rewrite.IsRunning)
        {
            if (State == LogState.WaitingForRewrite)
            {
                _log.Write(LogLevel.Warning, isForced ? "Writing initial AOF. Exit anyway." : "Writing initial AOF, can't exit");
                if (!isForced) return false;
            }

            _log.Write(LogLevel.Warning, "There is a child rewriting the AOF. Killing it!");
            Rewrite.Abandon();
        }

        if (Writer.File is null) return true;
        _log.Write(LogLevel.Notice, "Calling fsync() on the AOF file.");
        bool isSafe = Writer.TrySettle() && Writer.File.TrySync();
        if (!isSafe) _log.Write(LogLevel.Warning, $"Fail to fsync the AOF file: {Libc.TextOf(Writer.File.ErrorNumber)}.");
        return true;
    }

    /// <summary>The plugin goes: threads end.</summary>
    public void Close()
    {
        if (State != LogState.Off) TurnOff();
        Provider.Commit.Stop();
        _sync.Stop();
    }

    private string? ApplyEnabled()
    {
        if (!_hasStarted || Options.Enabled.Value == (State != LogState.Off)) return null;
        if (!Options.Enabled.Value)
        {
            TurnOff();
            return null;
        }

        _timer.Dispose();
        _timer = RunIn(CronMs);
        return TryTurnOn() ? null : "Unable to turn on AOF. Check server logs.";
    }

    private bool TryTurnOn()
    {
        State = LogState.WaitingForRewrite;
        _sink ??= _context.Propagation.Add(Writer);
        if (Rewrite.IsRunning)
        {
            _log.Write(
                LogLevel.Notice,
                "AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and starting a rewrite now.");
            Rewrite.Abandon();
            Rewrite.Schedule();
        }
        else if (_context.Persistence.IsBusy)
        {
            Rewrite.Schedule();
            _log.Write(
                LogLevel.Notice,
                "AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.");
        }
        else if (_context.Server.IsInTransaction)
        {
            Rewrite.Schedule();
            _log.Write(
                LogLevel.Notice,
                "AOF was enabled during a transaction. An AOF background was scheduled to start when possible.");
        }
        else if (!Rewrite.TryStart())
        {
            TakeSinkOut();
            State = LogState.Off;
            _log.Write(
                LogLevel.Warning,
                "The server needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for "
                + "more info about the error.");
            return false;
        }

        Health.Forget();
        return true;
    }

    private void TurnOff()
    {
        if (Writer.File is not null)
        {
            LeaveOffload();
            Writer.Flush(isForced: true);
            _sync.Drain();
            if (!Writer.File.TrySync()) _log.Write(LogLevel.Warning, $"Fail to fsync the AOF file: {Libc.TextOf(Writer.File.ErrorNumber)}");
            else if (Writer.BufferedBytes == 0) _sync.Confirm(_context.Propagation.Offset);
        }

        TakeSinkOut();
        State = LogState.Off;
        if (Rewrite.Unschedule())
            _log.Write(LogLevel.Notice, "AOF was disabled but there is a scheduled AOF background, cancel it.");
        Rewrite.Abandon();
        Health.Forget();
        EarlierBytes = RewriteBaseBytes = 0;
        Waits.Check();
    }

    private void TakeSinkOut()
    {
        Writer.Close()?.Dispose();
        _sink?.Dispose();
        _sink = null;
    }

    /// <summary>appendfsync or bio-aof-offload-enabled changed.</summary>
    private string? ApplyPolicy()
    {
        if (!_hasStarted || State == LogState.Off) return null;
        // From now on a reply may mean that its write is on the disk: also what was left to another thread.
        if (Options.Policy == SyncPolicy.Always) _sync.Drain();
        ApplyMode();
        return null;
    }

    /// <summary>aof-disable-auto-gc changed: what was kept is deleted now.</summary>
    private string? ApplyHistory()
    {
        if (_hasStarted && !Options.KeepsHistory.Value) Folder.TryDeleteHistory();
        return null;
    }

    /// <summary>Brings the way of writing in line with options and state.</summary>
    private void ApplyMode()
    {
        bool isWanted = State == LogState.On && Options.Offload.Value && Options.Policy == SyncPolicy.Always;
        if (isWanted == Writer.IsOffloaded) return;
        if (!isWanted)
        {
            LeaveOffload();
        }
        else if (Writer.TryBeginOffload())
        {
            Provider.Enable(true);
        }
        else
        {
            if (Health.MayLog()) _log.Write(LogLevel.Warning, "Writing the AOF in the background begins when the file can be written again.");
        }
    }

    private void LeaveOffload()
    {
        if (!Writer.IsOffloaded) return;
        Writer.EndOffload();
        Provider.Enable(false);
    }

    private void MeasureFiles(string presentName)
    {
        EarlierBytes = 0;
        RewriteBaseBytes = 0;
        foreach (AofFile file in Folder.Manifest.Loaded)
        {
            if (!Folder.TrySizeOf(file.Name, out long bytes)) continue;
            if (file.Name != presentName) EarlierBytes += bytes;
            if (file.Type == AofFileType.Base) RewriteBaseBytes = bytes; // what grew since is due to be rewritten, also after a restart
        }
    }

    /// <summary>Soon after each sync beside the commands. Command thread.</summary>
    private void OnSyncEnded()
    {
        int error = _sync.ErrorNumber;
        bool hadFailed = Health.SyncFailed;
        if (!Writer.IsOffloaded) Health.NoteSync(error);
        if (error != 0)
        {
            if (Health.MayLog() || !hadFailed) _log.Write(LogLevel.Warning, $"Fail to fsync the AOF file: {Libc.TextOf(error)}");
            if (Writer.File is { } file) file.SyncedBytes = -1; // so that it is tried again
        }
        else if (hadFailed)
        {
            // What the system had given up may be missing in the middle of the file, and a sync that succeeds says nothing of it.
            _log.Write(LogLevel.Warning, "The AOF file can be synced again. It is rewritten, since parts of it may be lost.");
            Rewrite.Schedule();
        }

        Waits.Check();
    }

    private IDisposable RunIn(int delayMs) => _context.Timers.After(TimeSpan.FromMilliseconds(delayMs), RunCron);

    private void RunCron()
    {
        try
        {
            Cron();
        }
        finally
        {
            bool rests = State == LogState.Off && !Rewrite.IsRunning && !Rewrite.IsScheduled;
            _timer = RunIn(rests ? RestMs : CronMs);
        }
    }

    private void Cron()
    {
        if (!_hasStarted) return;
        bool isFullSecond = ++_cronRuns % CronRunsPerSecond == 0;
        Rewrite.Cron();
        if (State == LogState.Off || Writer.File is null) return;
        if (isFullSecond) Provider.RetryWhereNeeded();
        if (Writer.IsOffloaded)
        {
            ReportSlowest();
            return;
        }

        bool isFailing = Health.WriteFailed;
        if (!isFailing || isFullSecond) Writer.Flush(isForced: false);
        if (isFullSecond) ApplyMode(); // what could not begin before may now
        Waits.Check();
    }

    private void ReportSlowest()
    {
        (long writeMs, long syncMs) = Provider.Commit.TakeSlowest();
        if (writeMs > 0) _context.Server.ReportLatency("aof-write", writeMs);
        if (syncMs > 0) _context.Server.ReportLatency("aof-fsync-always", syncMs);
    }
}
