// A server that only remembers: who registered what, and what is called back by hand.

using Valkey.Abstractions;
using Valkey.Host.Plugins;

namespace Valkey.PluginTests.Fakes;

internal sealed class FakeHost : IPluginHost
{
    private readonly Dictionary<string, (string Owner, object Subject)> _registered = [];

    /// <summary>Everything that is registered, as <c>kind name</c>.</summary>
    public IEnumerable<string> Registered => _registered.Keys.Order();

    public List<string> LogLines { get; } = [];

    public Dictionary<string, string> ConfiguredOptions { get; } = [];

    public Dictionary<string, long> KeyCounts { get; } = [];

    public Queue<Action> Posted { get; } = new();

    public Queue<(Action Work, Action<Exception?> Completed)> BackgroundWork { get; } = new();

    public long PropagationOffset => 17;

    public IKeyspace Keyspace => throw new NotSupportedException("The loader's tests have no dataset.");

    public IEnumerable<DataType> DataTypes => All<DataType>("type");

    public CommandHandler Command(string name) => Subject<CommandDefinition>("command", name).Handler!;

    public DataType DataType(string name) => Subject<DataType>("type", name);

    public IEnumerable<T> All<T>(string kind) =>
        _registered.Where(pair => pair.Key.StartsWith(kind + " ", StringComparison.Ordinal))
            .Select(pair => (T)pair.Value.Subject);

    public T Subject<T>(string kind, string name) => (T)_registered[$"{kind} {name}"].Subject;

    public string OwnerOf(string kind, string name) => _registered[$"{kind} {name}"].Owner;

    public Dictionary<string, string> Info(string section)
    {
        FakeInfo info = new();
        Subject<Action<InfoWriter>>("section", section)(info);
        return info.Fields;
    }

    public void Raise(KeyspaceEvent eventClass, string name, string key, int databaseIndex = 0)
    {
        KeyspaceEventInfo info = new(
            eventClass, System.Text.Encoding.UTF8.GetBytes(name), System.Text.Encoding.UTF8.GetBytes(key), databaseIndex);
        foreach ((KeyspaceEvent mask, KeyspaceEventHandler handler) in
            All<(KeyspaceEvent, KeyspaceEventHandler)>("subscription").ToArray())
        {
            if ((mask & eventClass) != 0) handler(info);
        }
    }

    public void FireTimers()
    {
        foreach (Action timer in All<Action>("timer").ToArray()) timer();
    }

    public IDisposable AddCommand(CommandDefinition definition, string owner) =>
        Add("command", definition.Name, definition, owner);

    public IDisposable AddDataType(DataType type, string owner)
    {
        type.Id = (byte)(100 + All<DataType>("type").Count());
        return Add("type", type.Name, type, owner);
    }

    public IDisposable AddOption(ConfigOption option, string owner)
    {
        IDisposable registration = Add("option", option.Name, option, owner);
        if (ConfiguredOptions.TryGetValue(option.Name, out string? value) && option.TrySet([value]) is { } error)
        {
            registration.Dispose();
            throw new InvalidOperationException(error);
        }

        return registration;
    }

    public IDisposable AddInfoSection(string name, Action<InfoWriter> write, bool isDefault, string owner) =>
        Add("section", name, write, owner);

    public IDisposable AddTransport(ITransport transport, string owner) => Add("transport", transport.Name, transport, owner);

    public string? Relisten(ITransport transport) => null;

    public IDisposable AddSnapshotFormat(ISnapshotFormat format, string owner) => throw new NotSupportedException();

    public IDisposable AddDatasetLoader(IDatasetLoader loader, string owner) => throw new NotSupportedException();

    public ISnapshotFormat? SnapshotFormat => null;

    public IDataset Dataset => throw new NotSupportedException();

    public IHelperThreads HelperThreads => throw new NotSupportedException();

    public void ReportFork(long durationUs) => throw new NotSupportedException();

    public bool IsDatasetBusy => false;

    public string? StartJob(DatasetJob job) => throw new NotSupportedException();

    public void KillJob(DatasetJob job) => throw new NotSupportedException();

    public void AbandonJob(DatasetJob job) => throw new NotSupportedException();

    public string? WriteNow(DatasetJob job, string path) => throw new NotSupportedException();

    public IDisposable RefuseWrites(string error) => Add("refusal", error, error, "");

    public IDisposable AddShutdownStep(IShutdownStep step) => throw new NotSupportedException();

    public IDisposable AddMemoryUse(IMemoryUse use) => Add("memory", use.Name, use, "");

    public IDisposable AddDebugTool(string name, int argumentCount, CommandHandler handler, string[] help) =>
        Add("debug", name, handler, "");

    public void ReportLatency(string eventName, long durationMs) => throw new NotSupportedException();

    public bool IsLoading => false;

    public bool IsInTransaction => false;

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public void Abort() => throw new NotSupportedException();

    public IDisposable AddPersistence(IPersistenceProvider provider, string owner) =>
        Add("persistence", provider.Name, provider, owner);

    public IDurabilityRegistry Durability =>
        new FakeDurability(provider => Add("durability", provider.Name, provider, "unknown"));

    public IDisposable AddSink(IPropagationSink sink, string owner) => Add("sink", NextNumber(), sink, owner);

    public IDisposable Subscribe(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner) =>
        Add("subscription", NextNumber(), (mask, handler), owner);

    public IDisposable SubscribeDurable(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner) =>
        Add("subscription", NextNumber(), (mask, handler), owner);

    public bool AddJob(Action job, string owner)
    {
        Add("job", NextNumber(), job, owner);
        return true;
    }

    public void ForgetJobs(string owner)
    {
        foreach (string name in _registered.Keys.ToArray())
        {
            if (name.StartsWith("job ", StringComparison.Ordinal) && _registered[name].Owner == owner) _registered.Remove(name);
        }
    }

    public IDisposable Observe(KeyAccessObserver observer, string owner) => Add("observer", NextNumber(), observer, owner);

    public IClients Clients => throw new NotSupportedException("The loader's tests have no clients.");

    public IDisposable AddClientState<T>(Action<IClient, T> ended, out ClientState<T> state)
        where T : class => throw new NotSupportedException("The loader's tests have no clients.");

    public ICommandCalls Calls => throw new NotSupportedException("The loader's tests have no commands to call.");

    public IDisposable StartTimer(TimeSpan delay, bool isRepeating, Action callback, string owner) =>
        Add("timer", NextNumber(), callback, owner);

    public void RunBackground(string name, Action work, Action<Exception?> completed, string owner) =>
        BackgroundWork.Enqueue((work, completed));

    public void Post(Action callback, string owner) => Posted.Enqueue(callback);

    public DataType? FindDataType(string name) => Find<DataType>("type", name);

    public ConfigOption? FindOption(string name) => Find<ConfigOption>("option", name);

    public bool HasWaitingClients(string owner) => false;

    public long KeyCountOfType(DataType type) => KeyCounts.GetValueOrDefault(type.Name);

    public bool IsLogEnabled(LogLevel level) => level != LogLevel.Debug;

    public void Log(LogLevel level, string message) => LogLines.Add($"{level} {message}");

    public void EndBackgroundWork()
    {
        (Action work, Action<Exception?> completed) = BackgroundWork.Dequeue();
        Exception? ended = null;
        try
        {
            work();
        }
        catch (FormatException e)
        {
            ended = e;
        }

        completed(ended);
    }

    private Registration Add(string kind, string name, object subject, string owner)
    {
        string key = $"{kind} {name}";
        if (_registered.TryGetValue(key, out (string Owner, object Subject) existing))
            throw new NameTakenException(kind, name, existing.Owner, owner);
        _registered[key] = (owner, subject);
        return new Registration(() => _registered.Remove(key));
    }

    private T? Find<T>(string kind, string name) where T : class =>
        _registered.TryGetValue($"{kind} {name}", out (string Owner, object Subject) found) ? (T)found.Subject : null;

    private int _lastNumber;

    private string NextNumber() => (++_lastNumber).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Registration(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }

    private sealed class FakeInfo : InfoWriter
    {
        public Dictionary<string, string> Fields { get; } = [];

        public override void Field(string name, string value) => Fields[name] = value;

        public override void Field(string name, long value) =>
            Fields[name] = value.ToString(System.Globalization.CultureInfo.InvariantCulture);

        public override void Field(string name, double value, int decimals) =>
            Fields[name] = value.ToString("F" + decimals, System.Globalization.CultureInfo.InvariantCulture);
    }
}
