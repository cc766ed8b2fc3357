// The server as one plugin sees it: passes everything on to the host under the plugin's name and remembers it, so that
// taking the plugin out needs nothing of the plugin's own.
//
// Callbacks go to the host wrapped: what they throw becomes a fault of the plugin. Holds always: after Close nothing of the
// plugin is called any more by anything that was registered here, and registering is refused.
// Command thread only, but for the log, Post, and the work that runs on a helper thread.

using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>One plugin's view of the server, and the list of what it put there.</summary>
internal sealed class PluginContext : IPluginContext,
    ICommandRegistry, IDataTypeRegistry, IOptionRegistry, IInfoRegistry, ITransportRegistry, IPersistenceRegistry,
    IDurabilityRegistry, IPropagationRegistry, IServerControl, IKeyspaceEvents, IClients, ITimers, IBackgroundWork, ILog
{
    private readonly IPluginHost _host;
    private readonly string _name;
    private readonly bool _isModule;
    private readonly ModuleOptionValues _givenOptions;
    private readonly Registrations _registrations = new();
    private readonly List<DataType> _dataTypes = [];
    private volatile bool _isClosed;
    private int _pendingCallbackCount;

    /// <summary>For a plugin of this name.</summary>
    /// <param name="host">The server.</param>
    /// <param name="name">Owner of all registrations; for a module also the prefix of its options.</param>
    /// <param name="isModule">Loaded by name rather than from the plugin directory.</param>
    /// <param name="directory">Where its assembly lies.</param>
    /// <param name="arguments">As given behind its path.</param>
    /// <param name="givenOptions">Values that MODULE LOADEX gave for its options.</param>
    public PluginContext(
        IPluginHost host, string name, bool isModule, string directory, IReadOnlyList<string> arguments,
        ModuleOptionValues givenOptions)
    {
        _host = host;
        _name = name;
        _isModule = isModule;
        _givenOptions = givenOptions;
        Directory = directory;
        Arguments = arguments;
        Faults = new PluginFaults(host);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Arguments { get; }

    /// <inheritdoc/>
    public string Directory { get; }

    /// <inheritdoc/>
    public ICommandRegistry Commands => this;

    /// <inheritdoc/>
    public IDataTypeRegistry DataTypes => this;

    /// <inheritdoc/>
    public IOptionRegistry Options => this;

    /// <inheritdoc/>
    public IInfoRegistry Info => this;

    /// <inheritdoc/>
    public ITransportRegistry Transports => this;

    /// <inheritdoc/>
    public IPersistenceRegistry Persistence => this;

    /// <inheritdoc/>
    public IDurabilityRegistry Durability => this;

    /// <inheritdoc/>
    public IPropagationRegistry Propagation => this;

    /// <inheritdoc/>
    public IServerControl Server => this;

    /// <inheritdoc/>
    public IKeyspaceEvents Events => this;

    /// <inheritdoc/>
    public IClients Clients => this;

    /// <inheritdoc/>
    public ICommandCalls Calls => _host.Calls;

    /// <inheritdoc/>
    public IKeyspace Keyspace => _host.Keyspace;

    /// <inheritdoc/>
    public ITimers Timers => this;

    /// <inheritdoc/>
    public IBackgroundWork Background => this;

    /// <inheritdoc/>
    public ILog Log => this;

    /// <summary>The types that the plugin brought.</summary>
    public IReadOnlyList<DataType> OwnDataTypes => _dataTypes;

    /// <summary>What went wrong in its callbacks.</summary>
    public PluginFaults Faults { get; }

    /// <summary>Background work and posted callbacks that have not ended yet: its code must stay until they have.</summary>
    public int PendingCallbackCount => Volatile.Read(ref _pendingCallbackCount);

    /// <summary>Refuses new registrations and new work, or allows them again when the plugin stays after all.</summary>
    public void RefuseNewWork(bool refuse) => _isClosed = refuse;

    /// <summary>Takes back everything that was registered, and keeps nothing of the plugin.</summary>
    public void Close()
    {
        _isClosed = true;
        _host.ForgetJobs(_name);
        _registrations.DropAll(exception => Faults.Report(_name, "taking back a registration", exception));
        _dataTypes.Clear();
    }

    void ICommandRegistry.Add(CommandDefinition definition) => Keep(() => _host.AddCommand(definition, _name));

    void IDataTypeRegistry.Add(DataType type)
    {
        Keep(() => _host.AddDataType(type, _name));
        _dataTypes.Add(type);
    }

    DataType? IDataTypeRegistry.Find(string name) => _host.FindDataType(name);

    IEnumerable<DataType> IDataTypeRegistry.All => _host.DataTypes;

    void IOptionRegistry.Add(ConfigOption option)
    {
        if (_isModule) option.Name = _name + "." + option.Name;
        Keep(() => _host.AddOption(option, _name));
        _givenOptions.ApplyTo(option);
    }

    // A module asks for its own options by the name that it gave them.
    ConfigOption? IOptionRegistry.Find(string name) =>
        (_isModule ? _host.FindOption(_name + "." + name) : null) ?? _host.FindOption(name);

    void IInfoRegistry.AddSection(string name, Action<InfoWriter> write, bool isDefault) =>
        Keep(() => _host.AddInfoSection(name, writer => Run($"INFO section '{name}'", () => write(writer)), isDefault, _name));

    void ITransportRegistry.Add(ITransport transport) => Keep(() => _host.AddTransport(transport, _name));

    string? ITransportRegistry.Relisten(ITransport transport) => _host.Relisten(transport);

    IDisposable IPersistenceRegistry.Add(IPersistenceProvider provider) => Keep(() => _host.AddPersistence(provider, _name));

    IDisposable IPersistenceRegistry.Add(ISnapshotFormat format) => Keep(() => _host.AddSnapshotFormat(format, _name));

    IDisposable IPersistenceRegistry.Add(IDatasetLoader loader) => Keep(() => _host.AddDatasetLoader(loader, _name));

    ISnapshotFormat? IPersistenceRegistry.Format => _host.SnapshotFormat;

    IDataset IPersistenceRegistry.Dataset => _host.Dataset;

    IHelperThreads IPersistenceRegistry.HelperThreads => _host.HelperThreads;

    bool IPersistenceRegistry.IsBusy => _host.IsDatasetBusy;

    string? IPersistenceRegistry.Start(DatasetJob job)
    {
        ThrowIfClosed();
        return _host.StartJob(job);
    }

    void IPersistenceRegistry.Kill(DatasetJob job) => _host.KillJob(job);

    void IPersistenceRegistry.Abandon(DatasetJob job) => _host.AbandonJob(job);

    string? IPersistenceRegistry.WriteNow(DatasetJob job, string path) => _host.WriteNow(job, path);

    IDisposable IServerControl.RefuseWrites(string error) => Keep(() => _host.RefuseWrites(error));

    IDisposable IServerControl.AtShutdown(IShutdownStep step) => Keep(() => _host.AddShutdownStep(step));

    IDisposable IServerControl.AddMemoryUse(IMemoryUse use) => Keep(() => _host.AddMemoryUse(use));

    IDisposable IServerControl.AddDebugTool(string name, int argumentCount, CommandHandler handler, params string[] help) =>
        Keep(() => _host.AddDebugTool(name, argumentCount, handler, help));

    void IServerControl.ReportLatency(string eventName, long durationMs) => _host.ReportLatency(eventName, durationMs);

    bool IServerControl.IsLoading => _host.IsLoading;

    bool IServerControl.IsInTransaction => _host.IsInTransaction;

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    void IServerControl.Abort() => _host.Abort();

    void IPersistenceRegistry.ReportFork(long durationUs) => _host.ReportFork(durationUs);

    IDisposable IDurabilityRegistry.Add(IDurabilityProvider provider) => Keep(() => _host.Durability.Add(provider));

    void IDurabilityRegistry.Advanced() => _host.Durability.Advanced();

    void IDurabilityRegistry.Changed() => _host.Durability.Changed();

    void IDurabilityRegistry.Failed(string reason) => _host.Durability.Failed(reason);

    bool IDurabilityRegistry.HoldsBack => _host.Durability.HoldsBack;

    long IDurabilityRegistry.CommittedOffset => _host.Durability.CommittedOffset;

    void IDurabilityRegistry.Defer(PostCommitTask task)
    {
        ThrowIfClosed();
        _host.Durability.Defer(_host.Durability.HoldsBack ? new PluginTask(this, task) : task);
    }

    IDisposable IDurabilityRegistry.Observe(Action<long> advanced) =>
        Keep(() => _host.Durability.Observe(offset => Run("a durability observer", () => advanced(offset))));

    void IDurabilityRegistry.WhenCommitted(long offset, Action callback)
    {
        ThrowIfClosed();
        Interlocked.Increment(ref _pendingCallbackCount);
        _host.Durability.WhenCommitted(offset, Call);

        void Call()
        {
            Interlocked.Decrement(ref _pendingCallbackCount);
            if (!_isClosed) Run("a durability callback", callback);
        }
    }

    IDisposable IPropagationRegistry.Add(IPropagationSink sink) => Keep(() => _host.AddSink(sink, _name));

    long IPropagationRegistry.Offset => _host.PropagationOffset;

    IDisposable IKeyspaceEvents.Subscribe(KeyspaceEvent mask, KeyspaceEventHandler handler, KeyEventDelivery delivery) =>
        Keep(() => delivery == KeyEventDelivery.Inline
            ? _host.Subscribe(mask, Guarded(handler), _name)
            : _host.SubscribeDurable(mask, Guarded(handler), _name));

    bool IKeyspaceEvents.AddJob(Action job)
    {
        ThrowIfClosed();
        return _host.AddJob(() => Run("a post-notification job", job), _name);
    }

    IDisposable IKeyspaceEvents.Observe(KeyAccessObserver observer) => Keep(() => _host.Observe(observer, _name));

    IClient? IClients.Current => _host.Clients.Current;

    IClient? IClients.Find(long id) => _host.Clients.Find(id);

    void IClients.Push(IClient client, ReadOnlySpan<byte> resp) => _host.Clients.Push(client, resp);

    ClientState<T> IClients.AddState<T>(Action<IClient, T> ended)
    {
        ThrowIfClosed();
        _registrations.Add(_host.AddClientState<T>((client, state) => Run("a client's end", () => ended(client, state)), out ClientState<T> place));
        return place;
    }

    void IClients.SetSubscriptions(IClient client, in ClientSubscriptions subscriptions) =>
        _host.Clients.SetSubscriptions(client, in subscriptions);

    void IClients.SetTracking(IClient client, in ClientTracking tracking) => _host.Clients.SetTracking(client, in tracking);

    IHeldReply? IClients.HoldReply()
    {
        ThrowIfClosed();
        if (_host.Clients.HoldReply() is not { } held) return null;
        return new KeptReply(_registrations.Add((IDisposable)held));
    }

    IDisposable ITimers.After(TimeSpan delay, Action callback)
    {
        Registrations.Registration? timer = null;
        timer = Keep(() => _host.StartTimer(delay, isRepeating: false, Fire, _name));
        return timer;

        void Fire()
        {
            timer?.Dispose();
            Run("a timer", callback);
        }
    }

    IDisposable ITimers.Every(TimeSpan period, Action callback)
    {
        Registrations.Registration? timer = null;
        timer = Keep(() => _host.StartTimer(period, isRepeating: true, Fire, _name));
        return timer;

        void Fire()
        {
            if (!Run("a timer", callback)) timer?.Dispose();
        }
    }

    void IBackgroundWork.Run(string name, Action work, Action<Exception?>? completed)
    {
        ThrowIfClosed();
        Interlocked.Increment(ref _pendingCallbackCount);
        _host.RunBackground(name, work, Complete, _name);

        void Complete(Exception? exception)
        {
            Interlocked.Decrement(ref _pendingCallbackCount);
            if (exception is not null) Faults.Report(_name, $"background work '{name}'", exception);
            if (completed is not null && !_isClosed) Run($"the end of background work '{name}'", () => completed(exception));
        }
    }

    void IBackgroundWork.Post(Action callback)
    {
        ThrowIfClosed();
        Interlocked.Increment(ref _pendingCallbackCount);
        _host.Post(Call, _name);

        void Call()
        {
            Interlocked.Decrement(ref _pendingCallbackCount);
            if (!_isClosed) Run("a posted callback", callback);
        }
    }

    bool ILog.IsEnabled(LogLevel level) => _host.IsLogEnabled(level);

    void ILog.Write(LogLevel level, string message) => _host.Log(level, $"<{_name}> {message}");

    /// <summary>A held reply that is released with the plugin's other registrations.</summary>
    private sealed class KeptReply(Registrations.Registration registration) : IHeldReply
    {
        public void Release() => registration.Dispose();
    }

    private Registrations.Registration Keep(Func<IDisposable> register)
    {
        ThrowIfClosed();
        return _registrations.Add(register());
    }

    private void ThrowIfClosed()
    {
        if (_isClosed) throw new InvalidOperationException($"the plugin '{_name}' is unloaded or on its way");
    }

    private bool Run(string where, Action callback)
    {
        try
        {
            callback();
            return true;
        }
        catch (Exception e)
        {
            Faults.Report(_name, where, e);
            return false;
        }
    }

    /// <summary>A deferred task of the plugin's: its code must stay until it was run, and is not called after Close.</summary>
    private sealed class PluginTask : PostCommitTask
    {
        private readonly PluginContext _context;
        private readonly PostCommitTask _task;

        public PluginTask(PluginContext context, PostCommitTask task)
        {
            _context = context;
            _task = task;
            Interlocked.Increment(ref context._pendingCallbackCount);
        }

        public override bool OutlivesClient => _task.OutlivesClient;

        public override void Run() => End(drops: false);

        public override void Drop() => End(drops: true);

        private void End(bool drops)
        {
            Interlocked.Decrement(ref _context._pendingCallbackCount);
            if (_context._isClosed) return;
            try
            {
                if (drops) _task.Drop();
                else _task.Run();
            }
            catch (Exception e)
            {
                _context.Faults.Report(_context._name, "a deferred task", e);
            }
        }
    }

    private KeyspaceEventHandler Guarded(KeyspaceEventHandler handler) => (in KeyspaceEventInfo info) =>
    {
        try
        {
            handler(info);
        }
        catch (Exception e)
        {
            Faults.Report(_name, "a key event subscriber", e);
        }
    };
}
