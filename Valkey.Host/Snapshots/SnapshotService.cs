// Saving the dataset: when, by which provider, and what is known about how it went. How a provider does it is its own affair;
// what becomes of the file is SnapshotFile.
//
// Holds always: at most one background snapshot runs; the number of changes that a complete snapshot holds is taken off the
// count when it is installed, not before; a snapshot that was given up is never installed, however it ended. Command thread.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Snapshots;

/// <summary>A snapshot that a provider is taking.</summary>
internal sealed class RunningSnapshot
{
    public required IPersistenceProvider Provider { get; init; }

    /// <summary>Where it is written.</summary>
    public required string TemporaryPath { get; set; }

    public required long StartedUnixSeconds { get; init; }

    /// <summary>Changes that there were when it began.</summary>
    public required long DirtyBefore { get; init; }

    /// <summary>It was given up.</summary>
    public bool IsKilled { get; set; }

    /// <summary>Memory beside the dataset, at its highest.</summary>
    public long CopyOnWritePeakBytes { get; set; }
}

internal sealed class SnapshotService
{
    private const long RetryDelaySeconds = 5;
    private const string NoFormat = "ERR snapshots need the Rdb plugin, which is not loaded";

    private readonly Server _server;
    private readonly SnapshotOptions _options;
    private readonly SnapshotFile _file;
    private readonly List<IPersistenceProvider> _providers = [];
    private (bool IsWanted, string? ProviderName) _scheduled;
    private bool _lastSucceeded = true;

    public SnapshotService(Server server)
    {
        _server = server;
        _options = server.Options.Snapshots;
        _file = new SnapshotFile(server);
        Dataset = new Dataset(server);
        Information = new SnapshotInfo(server);
        Jobs = new DatasetJobs(server);
        LastSaveUnixSeconds = server.StartedAtUnixSeconds;
        _options.SavePoints.Option.Applied = NoteOptions;
        _options.StopWritesOnError.Applied = NoteOptions;
        server.Keyspace.AllFlushed = OnAllFlushed;
    }

    /// <summary>The format of files; null while no plugin brought one.</summary>
    public ISnapshotFormat? Format { get; private set; }

    /// <summary>Ways to take a snapshot.</summary>
    public IReadOnlyList<IPersistenceProvider> Providers => _providers;

    /// <summary>The dataset, for those who save it.</summary>
    public Dataset Dataset { get; }

    /// <summary>Writing the dataset for plugins.</summary>
    public DatasetJobs Jobs { get; }

    /// <summary>The dataset is being written in the background, for whatever purpose.</summary>
    public bool IsBusy => Running is not null || Jobs.IsRunning;

    /// <summary>What is under way; null when nothing is.</summary>
    public RunningSnapshot? Running { get; private set; }

    /// <summary>A save will begin when nothing is in its way.</summary>
    public bool IsScheduled => _scheduled.IsWanted;

    /// <summary>Writes are refused because saving fails: <c>stop-writes-on-bgsave-error</c>.</summary>
    public bool DeniesWrites { get; private set; }

    /// <summary>When the dataset was saved last, or the server started.</summary>
    public long LastSaveUnixSeconds { get; private set; }

    /// <summary>When a background save was tried last.</summary>
    public long LastAttemptUnixSeconds { get; private set; }

    /// <summary>How long the last background save took; -1 before there was one.</summary>
    public long LastDurationSeconds { get; private set; } = -1;

    /// <summary>Whether the last one succeeded.</summary>
    public bool LastSucceeded
    {
        get => _lastSucceeded;
        private set
        {
            _lastSucceeded = value;
            NoteOptions();
        }
    }

    /// <summary>Saves that were begun.</summary>
    public long SaveCount { get; private set; }

    /// <summary>Memory beside the dataset that the last background save took at most.</summary>
    public long LastCopyOnWriteBytes { get; private set; }

    /// <summary>INFO's fields.</summary>
    public SnapshotInfo Information { get; }

    /// <summary>Who took the last background save; null before there was one.</summary>
    public IPersistenceProvider? LastProvider { get; private set; }

    /// <summary>Whether the dataset is saved by itself.</summary>
    public bool HasSavePoints => Format is not null && _options.SavePoints.Points.Count > 0;

    public IDisposable AddFormat(ISnapshotFormat format, string owner)
    {
        if (Format is not null) throw new InvalidOperationException($"the snapshot format '{format.Name}' of '{owner}' is the second one");
        Format = format;
        NoteOptions();
        return new Registration(() => Format = null);
    }

    public IDisposable AddProvider(IPersistenceProvider provider, string owner)
    {
        if (_providers.Exists(other => other.Name == provider.Name))
            throw new InvalidOperationException($"the persistence provider '{provider.Name}' of '{owner}' exists already");
        _providers.Add(provider);
        return new Registration(() => _providers.Remove(provider));
    }

    /// <summary>The provider of that name, whatever its case, or null.</summary>
    public IPersistenceProvider? Find(string name) =>
        _providers.Find(provider => provider.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What stands at the head of an append-only file's base.</summary>
    public SnapshotHeader HeaderOfLogBase() => _file.Header(isLogBase: true);

    /// <summary>Saves here and now; nobody is served meanwhile. False when it failed; the log says why.</summary>
    public bool SaveNow()
    {
        if (Format is not { } format)
        {
            _server.Log.Write(LogLevel.Warning, "The dataset cannot be saved: no plugin is loaded that writes snapshots.");
            return false;
        }

        SaveCount++;
        if (!_file.Write(format)) return false;
        _server.Log.Write(LogLevel.Notice, "DB saved on disk");
        _server.Dirty = 0;
        LastSaveUnixSeconds = _server.Clock.UnixSeconds;
        LastSucceeded = true;
        return true;
    }

    /// <summary>Begins a background save.</summary>
    /// <param name="provider">Who takes it; null for whom the options name.</param>
    /// <returns>Null when it began, else the error with its code; empty when the log has said it all.</returns>
    public string? Start(IPersistenceProvider? provider)
    {
        if (Format is not { } format) return NoFormat;
        provider ??= Preferred();
        if (provider is null) return "ERR background saving needs a persistence plugin, and none is loaded";
        if (provider.Unavailable is { } unavailable) return unavailable;

        SaveCount++;
        LastAttemptUnixSeconds = _server.Clock.UnixSeconds;
        string path = SnapshotFile.TemporaryName(Environment.ProcessId);
        RunningSnapshot running = new()
        {
            Provider = provider,
            TemporaryPath = path,
            StartedUnixSeconds = _server.Clock.UnixSeconds,
            DirtyBefore = _server.Dirty,
        };
        SnapshotRequest request = new()
        {
            TemporaryPath = path,
            OpenFile = () => _file.Create(path),
            Format = format,
            Header = _file.Header(),
        };
        string? failure = provider.Start(request, result => OnEnded(running, result));
        if (failure is null)
        {
            Begin(running);
            return null;
        }

        LastSucceeded = false;
        SnapshotFile.Remove(path);
        _server.Log.Write(LogLevel.Warning, failure.StartsWith("Can't", StringComparison.Ordinal) ? failure : $"Can't save in background: {failure}");
        return "";
    }

    /// <summary>Begins a background save as soon as nothing is in its way.</summary>
    public void Schedule(IPersistenceProvider? provider) => _scheduled = (true, provider?.Name);

    /// <summary>Forgets a scheduled save.</summary>
    public void Unschedule() => _scheduled = default;

    /// <summary>Gives the running background save up.</summary>
    public void Kill()
    {
        if (Running is not { } running) return;
        _server.Log.Write(LogLevel.Notice, running.Provider.ProcessId > 0
            ? $"Killing running RDB child: {running.Provider.ProcessId}"
            : "Ending the running background saving");
        running.IsKilled = true;
        running.Provider.Kill();
    }

    /// <summary>Gives the running save up for good, because the server ends: nobody will hear of its end any more.</summary>
    public void Abandon()
    {
        if (Running is not { } running) return;
        Kill();
        SnapshotFile.Remove(running.TemporaryPath);
    }

    /// <summary>CONFIG RESETSTAT.</summary>
    public void ResetStatistics()
    {
        SaveCount = 0;
        LastCopyOnWriteBytes = 0;
        if (Running is not null) Running.CopyOnWritePeakBytes = 0;
    }

    /// <summary>Looks whether a save is due.</summary>
    public void Cron()
    {
        if (Running is { } running)
        {
            running.CopyOnWritePeakBytes = Math.Max(running.CopyOnWritePeakBytes, running.Provider.Progress.CopyOnWriteBytes);
            return;
        }

        if (_server.IsLoading || Format is null || Jobs.IsRunning) return;
        bool mayTry = LastSucceeded || _server.Clock.UnixSeconds - LastAttemptUnixSeconds > RetryDelaySeconds;
        if (!mayTry) return;
        if (_scheduled.IsWanted) StartScheduled();
        else if (DuePoint() is { } point) StartAt(point);
    }

    private SavePoint? DuePoint()
    {
        long elapsedSeconds = _server.Clock.UnixSeconds - LastSaveUnixSeconds;
        foreach (SavePoint point in _options.SavePoints.Points)
        {
            if (_server.Dirty >= point.Changes && elapsedSeconds > point.Seconds) return point;
        }

        return null;
    }

    private void StartAt(SavePoint point)
    {
        _server.Log.Write(LogLevel.Notice, $"{point.Changes} changes in {point.Seconds} seconds. Saving...");
        if (Start(provider: null) is { Length: > 0 } error) NoteThatNothingStarted(error);
    }

    private void StartScheduled()
    {
        string? name = _scheduled.ProviderName;
        _scheduled = default;
        if (Start(name is null ? null : Find(name)) is { Length: > 0 } error) NoteThatNothingStarted(error);
    }

    private void NoteThatNothingStarted(string error)
    {
        LastAttemptUnixSeconds = _server.Clock.UnixSeconds;
        LastSucceeded = false;
        _server.Log.Write(LogLevel.Warning, $"Can't save in background: {error}");
    }

    /// <summary>The provider for saves that name none.</summary>
    public IPersistenceProvider? Preferred()
    {
        if (_options.ThreadForBackup.Value && Find("thread") is { Unavailable: null } thread) return thread;
        return Find("fork") ?? Find("thread") ?? _providers.Find(static provider => provider.WritesSnapshotFile);
    }

    private void Begin(RunningSnapshot running)
    {
        Running = running;
        int processId = running.Provider.ProcessId;
        if (processId > 0)
        {
            string path = SnapshotFile.TemporaryName(processId); // a file is named after its writer
            if (Process.Libc.Rename(running.TemporaryPath, path) == 0) running.TemporaryPath = path;
        }

        _server.Log.Write(LogLevel.Notice, processId > 0
            ? $"Background saving started by pid {processId}"
            : $"Background saving started by the provider '{running.Provider.Name}'");
    }

    private void OnEnded(RunningSnapshot running, SnapshotResult result)
    {
        LastProvider = running.Provider;
        LastDurationSeconds = Math.Max(0, _server.Clock.UnixSeconds - running.StartedUnixSeconds);
        LastCopyOnWriteBytes = result.CopyOnWriteBytes;
        if (running.IsKilled || result.WasKilled)
        {
            _server.Log.Write(LogLevel.Warning, "Background saving terminated by signal 10");
            RemoveTemporary(running);
            Running = null;
        }
        else if (result.Failure is null && !running.Provider.WritesSnapshotFile)
        {
            _server.Log.Write(LogLevel.Notice, $"The provider '{running.Provider.Name}' has ended with success");
            Running = null;
        }
        else if (result.Failure is null && _file.Rename(running.TemporaryPath))
        {
            SyncFolder(running);
        }
        else
        {
            Fail(running, result.Failure);
        }
    }

    /// <summary>The file has its name; the disk is waited for beside the commands.</summary>
    private void SyncFolder(RunningSnapshot running)
    {
        string? error = null;
        _server.BackgroundWork.Run(
            "snapshot folder",
            () => error = SnapshotFile.SyncFolder(),
            exception => _server.Loop.Post(() => Succeed(running, exception?.Message ?? error)));
    }

    private void Succeed(RunningSnapshot running, string? syncError)
    {
        if (syncError is not null)
        {
            _file.LogSyncFailure(syncError);
            Fail(running, failure: null);
            return;
        }

        Running = null;
        _server.Log.Write(LogLevel.Notice, "DB saved on disk");
        _server.Log.Write(LogLevel.Notice, "Background saving terminated with success");
        if (!running.IsKilled) _server.Dirty -= Math.Min(running.DirtyBefore, _server.Dirty); // else FLUSHALL has saved since
        LastSaveUnixSeconds = _server.Clock.UnixSeconds;
        LastSucceeded = true;
    }

    private void Fail(RunningSnapshot running, string? failure)
    {
        const string Terminated = "terminated";
        Running = null;
        _server.Log.Write(LogLevel.Warning, failure switch
        {
            null => "Background saving error",
            _ when failure.StartsWith(Terminated, StringComparison.Ordinal) => $"Background saving {failure}",
            _ => $"Background saving error: {failure}",
        });
        LastSucceeded = false;
        RemoveTemporary(running);
    }

    private void RemoveTemporary(RunningSnapshot running)
    {
        long startTicks = System.Diagnostics.Stopwatch.GetTimestamp();
        _file.RemoveInBackground(running.TemporaryPath);
        if (_server.Latency.IsEnabled) _server.Latency.Add("rdb-unlink-temp-file", Clock.MicrosecondsSince(startTicks) / 1000);
    }

    /// <summary>FLUSHALL: what is being saved is not wanted any more, and what is in the file neither.</summary>
    private void OnAllFlushed()
    {
        Kill();
        if (HasSavePoints) SaveNow();
    }

    private string? NoteOptions()
    {
        DeniesWrites = _options.StopWritesOnError.Value && HasSavePoints && !_lastSucceeded;
        return null;
    }
}
