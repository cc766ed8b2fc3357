// Ways to take a snapshot. The server's service decides when, where to and by which provider; a provider does it.

namespace Valkey.Abstractions;

/// <summary>One snapshot to be taken.</summary>
public sealed class SnapshotRequest
{
    /// <summary>A file to be written; the service moves it to its name when the provider says that it is complete and synced. Null when <see cref="Connections"/> receive it.</summary>
    public string? TemporaryPath { get; init; }

    /// <summary>
    /// Creates the file at <see cref="TemporaryPath"/>, with the buffer and the syncing that the options ask for. Command thread,
    /// or the provider's own; in a forked child the sink is used that was opened before. Null when there is no file.
    /// </summary>
    public Func<ISnapshotFileSink>? OpenFile { get; init; }

    /// <summary>Connections that receive the snapshot as it is written.</summary>
    public IReadOnlyList<TransportConnection> Connections { get; init; } = [];

    /// <summary>The format that was chosen.</summary>
    public required ISnapshotFormat Format { get; init; }

    /// <summary>What stands at the head of the snapshot.</summary>
    public required SnapshotHeader Header { get; init; }

    /// <summary>CPUs for a process that the provider starts, as taskset(1) takes them; null for what the provider's own option says.</summary>
    public string? CpuList { get; init; }

    /// <summary>Whether the disk is kept busy while the file grows; null for what <c>rdb-save-incremental-fsync</c> says.</summary>
    public bool? StartsWritingEarly { get; init; }
}

/// <summary>How far a snapshot is.</summary>
public readonly record struct SnapshotProgress(long KeysProcessed, long KeysTotal, long BytesWritten, long CopyOnWriteBytes);

/// <summary>How a snapshot ended.</summary>
/// <param name="Failure">Null for success, else the reason.</param>
/// <param name="WasKilled">It was given up on request: no failure to report to anybody.</param>
/// <param name="CopyOnWriteBytes">Memory that it took beside the dataset.</param>
public readonly record struct SnapshotResult(string? Failure, bool WasKilled, long CopyOnWriteBytes);

/// <summary>Takes snapshots of the dataset as it was at one moment: <c>fork</c>, <c>thread</c>, or a third party's way.</summary>
/// <remarks>All calls come on the command thread; the end is reported there too. One snapshot at a time.</remarks>
public interface IPersistenceProvider
{
    /// <summary>Lower-case name, as BGSAVE takes it.</summary>
    string Name { get; }

    /// <summary>Null when it can take a snapshot now, else the error that BGSAVE answers, with its code.</summary>
    string? Unavailable { get; }

    /// <summary>
    /// Whether it writes the request's file, which becomes the dataset's file when it is complete. False for one that writes in
    /// its own way to a place of its own: its success is none of a save, and what the request says about a file is not for it.
    /// </summary>
    bool WritesSnapshotFile => true;

    /// <summary>
    /// Starts a snapshot of the dataset as it is at this call. A later state will not do: what is written from now on may go elsewhere
    /// (an append-only file's next increment), and would be there twice.
    /// </summary>
    /// <param name="request">What to write and where to.</param>
    /// <param name="ended">Called once on the command thread, never before this method has returned.</param>
    /// <returns>Null when it started, else why it could not.</returns>
    string? Start(SnapshotRequest request, Action<SnapshotResult> ended);

    /// <summary>How far it is.</summary>
    SnapshotProgress Progress { get; }

    /// <summary>Id of the process that writes the snapshot, -1 when it is this one.</summary>
    int ProcessId { get; }

    /// <summary>Fields for INFO about the snapshot that runs now or ran last.</summary>
    /// <param name="writer">Takes them.</param>
    /// <param name="isDebug">True for the debug section, false for the persistence section.</param>
    void WriteInformation(InfoWriter writer, bool isDebug);

    /// <summary>Gives it up; <c>ended</c> is called with that reason soon.</summary>
    void Kill();
}

/// <summary>The server's persistence providers and the format that they write.</summary>
public interface IPersistenceRegistry
{
    /// <summary>Adds a provider. Disposing the result takes it out.</summary>
    IDisposable Add(IPersistenceProvider provider);

    /// <summary>Adds the format. There is one: RDB. Disposing the result takes it out.</summary>
    IDisposable Add(ISnapshotFormat format);

    /// <summary>Adds the loader that may bring the dataset instead of the snapshot file. Disposing the result takes it out.</summary>
    IDisposable Add(IDatasetLoader loader);

    /// <summary>The format; null while no plugin brought it.</summary>
    ISnapshotFormat? Format { get; }

    /// <summary>The dataset, for those who save it.</summary>
    IDataset Dataset { get; }

    /// <summary>A background save or another writing of the whole dataset is under way: nothing of the kind can begin.</summary>
    bool IsBusy { get; }

    /// <summary>Begins to write the dataset in the background, by the provider that plain BGSAVE would take.</summary>
    /// <returns>Null when it began, else why not.</returns>
    string? Start(DatasetJob job);

    /// <summary>Gives it up: its end is reported as killed, soon.</summary>
    void Kill(DatasetJob job);

    /// <summary>
    /// Gives it up for good: nobody is told of its end, a process of its own is killed and the file is removed. Something else may
    /// begin when the provider is through with it, which may take a moment.
    /// </summary>
    void Abandon(DatasetJob job);

    /// <summary>Writes the dataset to a file here and now, synced. Null, or why that failed; the file is removed then.</summary>
    string? WriteNow(DatasetJob job, string path);

    /// <summary>The server's helper threads, for those who fork.</summary>
    IHelperThreads HelperThreads { get; }

    /// <summary>The process was forked: for INFO's latest_fork_usec and total_forks, and the latency event <c>fork</c>. Command thread.</summary>
    /// <param name="durationUs">How long the system call took, microseconds.</param>
    void ReportFork(long durationUs);
}
