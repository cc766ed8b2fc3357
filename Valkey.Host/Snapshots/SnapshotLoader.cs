// Brings the dataset into the databases: the snapshot file at the start, or what a plugin's loader has in its place, and
// whatever others hand in (a reload, a primary's snapshot).
//
// While it runs the server is in the state of loading: commands that need the dataset are answered -LOADING, and between
// pieces of it clients are served by turns of the event loop. Not when a command does the loading: its own request
// lies in the buffers that a turn would use.
// Holds always: the state of loading ends with the loading, however that ends. Command thread only.

using System.Diagnostics;
using System.Globalization;
using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Snapshots;

/// <summary>How a snapshot is loaded.</summary>
internal sealed class LoadingOptions
{
    /// <summary>Keys and fields are loaded although their time is over: on a replica, and before a tail of commands.</summary>
    public bool KeepsExpired { get; init; }

    /// <summary>A key that is there already is replaced; otherwise it is an error.</summary>
    public bool ReplacesDuplicates { get; init; }

    /// <summary>Called when the head turned out to be readable, before anything of the snapshot is used: the time to empty the databases.</summary>
    public Action? Accepted { get; init; }

    /// <summary>Takes the header's fields by their lower-case names.</summary>
    public Dictionary<string, string>? Fields { get; init; }

    /// <summary>Called for every key that was dropped because its time was over.</summary>
    public ExpiredKeyHandler? Expired { get; init; }

    /// <summary>Set by the loader.</summary>
    internal Func<long, long> Progress { get; set; } = static _ => long.MaxValue;
}

/// <summary>A key was not loaded because its time was over.</summary>
internal delegate void ExpiredKeyHandler(int databaseIndex, ReadOnlySpan<byte> key);

/// <summary>The server is shut down in the middle of loading.</summary>
internal sealed class LoadingAbandonedException : Exception;

internal sealed class SnapshotLoader(Server server)
{
    private const int TurnsMax = 4; // per progress, so that busy clients do not keep the file waiting

    private long _nextEventsAtBytes;

    /// <summary>What INFO shows.</summary>
    public LoadingState State { get; } = new(server);

    /// <summary>Brings the dataset instead of the snapshot file when it wants to; null while no plugin brought one.</summary>
    public IDatasetLoader? Loader { get; private set; }

    public IDisposable AddLoader(IDatasetLoader loader, string owner)
    {
        if (Loader is not null) throw new InvalidOperationException($"the dataset loader of '{owner}' is the second one");
        Loader = loader;
        return new Registration(() => Loader = null);
    }

    /// <summary>Loads the dataset, from wherever it is. False, with the reason in the log, when the server must not start.</summary>
    public bool TryLoadAtStart()
    {
        if (Loader is null) return TryLoadFile();
        if (!Loader.Prepare()) return false;
        bool isLoaded = Loader.IsWanted ? Load(Loader) != LoadOutcome.Failed : TryLoadFile();
        return isLoaded && Loader.Started();
    }

    /// <summary>Has a plugin's loader fill the databases, which are empty.</summary>
    /// <exception cref="LoadingAbandonedException">The server is shut down.</exception>
    public LoadOutcome Load(IDatasetLoader loader) => loader.Load(new DatasetLoading(server, this));

    /// <summary>Loads dir/dbfilename when it is there.</summary>
    private bool TryLoadFile()
    {
        string path = server.Options.Snapshots.FileName.Value;
        if (!File.Exists(path)) return true;
        if (server.Snapshots.Format is null)
        {
            server.Log.Write(LogLevel.Warning, $"There is a file '{path}', and no plugin is loaded that reads it: the server starts without it.");
            return true;
        }

        long startTicks = Stopwatch.GetTimestamp();
        try
        {
            using FileSnapshotSource source = new(path);
            Load(source, new LoadingOptions());
        }
        catch (SnapshotFormatException exception)
        {
            TellFailure(path, exception);
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            server.Log.Write(LogLevel.Warning, $"Fatal error: can't open the RDB file {path} for reading: {exception.Message}");
            server.Log.Write(LogLevel.Warning, "Fatal error loading the DB, check server logs. Exiting.");
            return false;
        }

        double seconds = Stopwatch.GetElapsedTime(startTicks).TotalSeconds;
        server.Log.Write(LogLevel.Notice, string.Create(CultureInfo.InvariantCulture, $"DB loaded from disk: {seconds:F3} seconds"));
        return true;
    }

    /// <summary>Loads a snapshot. The databases are empty, or <see cref="LoadingOptions.Accepted"/> empties them.</summary>
    /// <exception cref="SnapshotFormatException">It cannot be read; what was read by then is in the databases.</exception>
    /// <exception cref="LoadingAbandonedException">The server is shut down.</exception>
    public void Load(ISnapshotSource source, LoadingOptions options)
    {
        using (Begin(source.LengthBytes)) LoadPart(source, options, bytesBefore: 0);
    }

    /// <summary>The state of loading begins, for so many bytes; it ends when the result is disposed.</summary>
    public IDisposable Begin(long totalBytes)
    {
        server.Clock.Synchronize();
        State.Begin(totalBytes);
        server.IsLoading = true;
        server.Propagation.IsSuspended = true;
        server.Durability.AttachKeys();
        return new Registration(End);
    }

    /// <summary>Loads a snapshot that is all or a part of what is being loaded; returns its size.</summary>
    public long LoadPart(ISnapshotSource source, LoadingOptions options, long bytesBefore)
    {
        ISnapshotFormat format = server.Snapshots.Format ?? throw new SnapshotFormatException("no plugin is loaded that reads snapshots") { IsUnknown = true };
        _nextEventsAtBytes = bytesBefore + server.Options.LoadingProcessEventsIntervalBytes.Value;
        options.Progress = bytesRead => Progress(bytesBefore + bytesRead) - bytesBefore;
        long sizeBytes = format.Load(source, new LoadingReceiver(server, State, options));
        string empty = State.EmptyKeys == 0 ? "" : $" empty keys skipped: {State.EmptyKeys},";
        server.Log.Write(
            LogLevel.Notice,
            $"Done loading RDB, keys loaded: {State.KeysLoaded}, keys expired: {State.KeysExpired},{empty} all fields expired hashes: {State.ExpiredHashes}.");
        return sizeBytes;
    }

    /// <summary>So many bytes of the whole were read: clients are served, unless a command does the loading.</summary>
    public void ServeClients(long bytesRead)
    {
        State.LoadedBytes = bytesRead;
        if (server.Dispatcher.IsExecuting) return;
        for (int i = 0; i < TurnsMax && server.Loop.Turn(mayBlock: false) > 0; i++)
        {
        }

        if (server.Shutdown.HasBegun) throw new LoadingAbandonedException();
    }

    private void End()
    {
        server.IsLoading = false;
        server.Propagation.IsSuspended = false;
        server.Durability.AttachKeys();
        server.Clock.Synchronize();
    }

    /// <summary>As <see cref="ServeClients"/>, but not more often than the options say; returns at how many bytes it is due next.</summary>
    private long Progress(long bytesRead)
    {
        State.LoadedBytes = bytesRead;
        if (bytesRead < _nextEventsAtBytes) return _nextEventsAtBytes;
        ServeClients(bytesRead);
        return _nextEventsAtBytes = bytesRead + server.Options.LoadingProcessEventsIntervalBytes.Value;
    }

    private void TellFailure(string path, SnapshotFormatException failure)
    {
        server.Log.Write(LogLevel.Warning, failure.Message);
        if (failure.IsUnknown)
        {
            server.Log.Write(LogLevel.Warning, "Fatal error loading the DB, check server logs. Exiting.");
            return;
        }

        string reason = failure.Message[(failure.Message.LastIndexOf("-> ", StringComparison.Ordinal) + 3)..];
        server.Log.Write(LogLevel.Warning, $"The file '{path}' stays as it is: {reason} (valkey-check-rdb tells more.)");
        server.Log.Write(LogLevel.Warning, "Terminating server after rdb file reading failure.");
    }
}
