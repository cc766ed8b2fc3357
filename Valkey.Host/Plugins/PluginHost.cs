// The server as the plugin loader sees it.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Observability;

namespace Valkey.Host.Plugins;

internal sealed class PluginHost(Server server) : IPluginHost
{
    public IKeyspace Keyspace => server.Keyspace;

    public IDisposable AddCommand(CommandDefinition definition, string owner) => server.Commands.Add(definition, owner);

    public IDisposable AddDataType(DataType type, string owner) => server.DataTypes.Add(type, owner);

    public IDisposable AddOption(ConfigOption option, string owner) => server.OptionRegistry.Add(option, owner);

    public IDisposable AddInfoSection(string name, Action<InfoWriter> write, bool isDefault, string owner) =>
        server.Information.Add(new InfoSection(name, write, isDefault, owner));

    public IDisposable AddTransport(ITransport transport, string owner) => server.Listeners.Add(transport);

    public string? Relisten(ITransport transport) => server.Listeners.Relisten(transport);

    public IDisposable AddPersistence(IPersistenceProvider provider, string owner) => server.Snapshots.AddProvider(provider, owner);

    public IDisposable AddSnapshotFormat(ISnapshotFormat format, string owner) => server.Snapshots.AddFormat(format, owner);

    public IDisposable AddDatasetLoader(IDatasetLoader loader, string owner) => server.Loading.AddLoader(loader, owner);

    public ISnapshotFormat? SnapshotFormat => server.Snapshots.Format;

    public IDataset Dataset => server.Snapshots.Dataset;

    public IHelperThreads HelperThreads => server.HelperThreads;

    public void ReportFork(long durationUs)
    {
        server.Statistics.ForkCount++;
        server.Statistics.LatestForkUs = durationUs;
        server.Latency.Add("fork", durationUs / 1000);
    }

    public bool IsDatasetBusy => server.Snapshots.IsBusy;

    public string? StartJob(DatasetJob job) => server.Snapshots.Jobs.Start(job);

    public void KillJob(DatasetJob job) => server.Snapshots.Jobs.Kill(job);

    public void AbandonJob(DatasetJob job) => server.Snapshots.Jobs.Abandon(job);

    public string? WriteNow(DatasetJob job, string path) => server.Snapshots.Jobs.WriteNow(job, path);

    public IDisposable RefuseWrites(string error) => server.WriteRefusals.Add(error);

    public IDisposable AddShutdownStep(IShutdownStep step) => server.Shutdown.Add(step);

    public IDisposable AddMemoryUse(IMemoryUse use) => server.MemoryUses.Add(use);

    public IDisposable AddDebugTool(string name, int argumentCount, CommandHandler handler, string[] help) =>
        server.DebugTools.Add(new Debugging.DebugTool(name, argumentCount, argumentCount, context => handler(context), help));

    public void ReportLatency(string eventName, long durationMs)
    {
        if (server.Latency.IsEnabled) server.Latency.Add(eventName, durationMs);
    }

    public bool IsLoading => server.IsLoading;

    public bool IsInTransaction => server.Dispatcher.IsExecuting && server.Context.CurrentClient.Has(ClientFlags.ExecutingTransaction);

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public void Abort() => Process.Libc.ExitNow(1);

    public IDurabilityRegistry Durability => server.Durability;

    public long PropagationOffset => server.Propagation.Offset;

    public IDisposable AddSink(IPropagationSink sink, string owner) => server.Propagation.Add(sink);

    public IDisposable Subscribe(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner) =>
        server.Events.Subscribe(mask, handler, owner);

    public IDisposable SubscribeDurable(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner) =>
        server.Events.SubscribeDurable(mask, handler, owner);

    public bool AddJob(Action job, string owner) => server.Jobs.Add(job, owner);

    public void ForgetJobs(string owner) => server.Jobs.Forget(owner);

    public IDisposable Observe(KeyAccessObserver observer, string owner) => server.KeyAccess.Add(observer, owner);

    public IClients Clients { get; } = new Clients.ClientRegistry(server);

    public IDisposable AddClientState<T>(Action<IClient, T> ended, out ClientState<T> state)
        where T : class => server.ClientStates.Add(ended, out state);

    public ICommandCalls Calls => server.Calls;

    public IDisposable StartTimer(TimeSpan delay, bool isRepeating, Action callback, string owner)
    {
        long delayMs = Math.Max(1, (long)delay.TotalMilliseconds);
        return server.Loop.Timers.Start(delayMs, isRepeating ? delayMs : 0, callback);
    }

    public void RunBackground(string name, Action work, Action<Exception?> completed, string owner) =>
        server.BackgroundWork.Run(name, work, exception => server.Loop.Post(() => completed(exception)));

    public void Post(Action callback, string owner) => server.Loop.Post(callback);

    public IEnumerable<DataType> DataTypes => server.DataTypes.All;

    public DataType? FindDataType(string name) => server.DataTypes.Find(name);

    public ConfigOption? FindOption(string name) => server.OptionRegistry.Find(name);

    public long KeyCountOfType(DataType type) =>
        server.Keyspace.KeyCountOfType(type) + server.LazyFree.PendingCount + server.Iterations.PendingCount;

    public bool HasWaitingClients(string owner)
    {
        if (server.Blocked.Count == 0) return false;
        foreach (Clients.Client client in server.Clients.All)
        {
            if (client.Blocked?.Command is { } command && command.Owner.Equals(owner, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    public bool IsLogEnabled(LogLevel level) => server.Log.IsEnabled(level);

    public void Log(LogLevel level, string message) => server.Log.Write(level, message);
}
