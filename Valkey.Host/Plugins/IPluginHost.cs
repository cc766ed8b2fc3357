// What the loader needs from the server: the only way by which plugins reach it.
//
// Every registration names its owner (the plugin's name; the server's own things belong to "core") and is taken back by
// disposing the result. A name that is taken throws NameTakenException, which names both owners.
// Command thread only, unless a member says otherwise. Callbacks that arrive through Subscribe, StartTimer, Post,
// AddInfoSection and the completion of background work are wrapped already: they do not throw.

using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>The server behind <see cref="PluginContext"/>.</summary>
internal interface IPluginHost
{
    /// <summary>Adds a command; a subcommand's container must be there.</summary>
    IDisposable AddCommand(CommandDefinition definition, string owner);

    /// <summary>Adds a type and sets its id.</summary>
    IDisposable AddDataType(DataType type, string owner);

    /// <summary>Adds an option under its full name and applies what the file and the command line say about it.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or the given value is wrong.</exception>
    IDisposable AddOption(ConfigOption option, string owner);

    /// <summary>Adds a section of INFO.</summary>
    IDisposable AddInfoSection(string name, Action<InfoWriter> write, bool isDefault, string owner);

    /// <summary>Adds a transport; the server listens on it when everything is loaded.</summary>
    IDisposable AddTransport(ITransport transport, string owner);

    /// <summary>Opens a transport's listeners afresh; null or why that failed.</summary>
    string? Relisten(ITransport transport);

    /// <summary>Adds a way to take snapshots.</summary>
    IDisposable AddPersistence(IPersistenceProvider provider, string owner);

    /// <summary>Adds the format of snapshots.</summary>
    IDisposable AddSnapshotFormat(ISnapshotFormat format, string owner);

    /// <summary>Adds the loader that may bring the dataset instead of the snapshot file.</summary>
    IDisposable AddDatasetLoader(IDatasetLoader loader, string owner);

    /// <summary>The format of snapshots, if there is one.</summary>
    ISnapshotFormat? SnapshotFormat { get; }

    /// <summary>The dataset, for those who save it.</summary>
    IDataset Dataset { get; }

    /// <summary>The server's helper threads.</summary>
    IHelperThreads HelperThreads { get; }

    /// <summary>The process was forked.</summary>
    void ReportFork(long durationUs);

    /// <summary>The dataset is being written in the background.</summary>
    bool IsDatasetBusy { get; }

    /// <summary>Begins to write the dataset for a plugin; null or why not.</summary>
    string? StartJob(DatasetJob job);

    /// <summary>Gives such a writing up.</summary>
    void KillJob(DatasetJob job);

    /// <summary>Gives it up without a word.</summary>
    void AbandonJob(DatasetJob job);

    /// <summary>Writes the dataset here and now; null or why that failed.</summary>
    string? WriteNow(DatasetJob job, string path);

    /// <summary>Refuses writes with an error.</summary>
    IDisposable RefuseWrites(string error);

    /// <summary>Takes part in the server's end.</summary>
    IDisposable AddShutdownStep(IShutdownStep step);

    /// <summary>Names memory of a plugin's own.</summary>
    IDisposable AddMemoryUse(IMemoryUse use);

    /// <summary>Adds a subcommand of DEBUG.</summary>
    IDisposable AddDebugTool(string name, int argumentCount, CommandHandler handler, string[] help);

    /// <summary>For the latency monitor.</summary>
    void ReportLatency(string eventName, long durationMs);

    /// <summary>The dataset is being loaded.</summary>
    bool IsLoading { get; }

    /// <summary>A transaction is being executed.</summary>
    bool IsInTransaction { get; }

    /// <summary>Ends the process at once with exit code 1.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    void Abort();

    /// <summary>Durability providers and what waits for them.</summary>
    IDurabilityRegistry Durability { get; }

    /// <summary>Offset of the propagation stream.</summary>
    long PropagationOffset { get; }

    /// <summary>Adds a receiver of executed writes.</summary>
    IDisposable AddSink(IPropagationSink sink, string owner);

    /// <summary>Calls the handler inline for the events of the mask.</summary>
    IDisposable Subscribe(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner);

    /// <summary>Calls the handler for the events of the mask once they are durable.</summary>
    IDisposable SubscribeDurable(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner);

    /// <summary>Does something once the running command has ended; false while loading.</summary>
    bool AddJob(Action job, string owner);

    /// <summary>Forgets jobs of an owner.</summary>
    void ForgetJobs(string owner);

    /// <summary>Tells an observer of reads and changes of keys.</summary>
    IDisposable Observe(KeyAccessObserver observer, string owner);

    /// <summary>The clients.</summary>
    IClients Clients { get; }

    /// <summary>A place for a plugin's objects with clients.</summary>
    IDisposable AddClientState<T>(Action<IClient, T> ended, out ClientState<T> state)
        where T : class;

    /// <summary>Commands run as the server.</summary>
    ICommandCalls Calls { get; }

    /// <summary>Calls back on the command thread after the delay, once or until disposed.</summary>
    IDisposable StartTimer(TimeSpan delay, bool isRepeating, Action callback, string owner);

    /// <summary>
    /// Runs work on a helper thread and then, on the command thread, <paramref name="completed"/> with what ended it.
    /// </summary>
    void RunBackground(string name, Action work, Action<Exception?> completed, string owner);

    /// <summary>Calls back on the command thread soon. Any thread.</summary>
    void Post(Action callback, string owner);

    /// <summary>The dataset.</summary>
    IKeyspace Keyspace { get; }

    /// <summary>The type of that name, or null.</summary>
    DataType? FindDataType(string name);

    /// <summary>All types.</summary>
    IEnumerable<DataType> DataTypes { get; }

    /// <summary>The option of that name or alias, or null.</summary>
    ConfigOption? FindOption(string name);

    /// <summary>
    /// How many values of the type are alive: those of keys in all databases, and those that still wait to be freed by
    /// the lazy-free thread or are held by a snapshot. While it is not 0 the type's code must stay.
    /// </summary>
    long KeyCountOfType(DataType type);

    /// <summary>Whether a client waits in a command of this owner.</summary>
    bool HasWaitingClients(string owner);

    /// <summary>Whether a line of this level would be written. Any thread.</summary>
    bool IsLogEnabled(LogLevel level);

    /// <summary>Writes a line to the log. Any thread.</summary>
    void Log(LogLevel level, string message);
}

/// <summary>A name is taken. The line names both owners, so that the operator knows which two do not go together.</summary>
internal sealed class NameTakenException(string kind, string name, string existingOwner, string newOwner)
    : InvalidOperationException($"the {kind} '{name}' of '{newOwner}' exists already: it belongs to '{existingOwner}'");
