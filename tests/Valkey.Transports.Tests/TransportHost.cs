// TransportHost: as much of a server as a transport plugin sees: options, a log, and listeners that are exchanged the way
// the host does it (new ones first, the old ones stay when that fails). Disposing it closes every listener.

using Valkey.Abstractions;

namespace Valkey.Transports.Tests;

internal sealed class TransportHost : IPluginContext, IOptionRegistry, ITransportRegistry, ILog, IDisposable
{
    private readonly Dictionary<string, ConfigOption> _options = [];
    private ITransport? _transport;

    public TransportHost(IValkeyPlugin plugin) => plugin.Load(this);

    public ITransport Transport => _transport!;

    public IReadOnlyList<TransportListener> Listeners { get; private set; } = [];

    public List<string> LogLines { get; } = [];

    public IReadOnlyList<string> Arguments => [];

    public string Directory => AppContext.BaseDirectory;

    public ICommandRegistry Commands => throw Unexpected();

    public IDataTypeRegistry DataTypes => throw Unexpected();

    public IOptionRegistry Options => this;

    public IInfoRegistry Info => throw Unexpected();

    public ITransportRegistry Transports => this;

    public IPersistenceRegistry Persistence => throw Unexpected();

    public IDurabilityRegistry Durability => throw Unexpected();

    public IServerControl Server => throw Unexpected();

    public IPropagationRegistry Propagation => throw Unexpected();

    public IKeyspaceEvents Events => throw Unexpected();

    public IClients Clients => throw Unexpected();

    public ICommandCalls Calls => throw Unexpected();

    public IKeyspace Keyspace => throw Unexpected();

    public ITimers Timers => throw Unexpected();

    public IBackgroundWork Background => throw Unexpected();

    public ILog Log => this;

    /// <summary>What the file or command line would say.</summary>
    public TransportHost With(string option, params string[] arguments)
    {
        Assert.Null(_options[option].TrySet(arguments));
        return this;
    }

    /// <summary>CONFIG SET: null, or why not, and then the old value is back.</summary>
    public string? Set(string option, params string[] arguments)
    {
        ConfigOption found = _options[option];
        IReadOnlyList<string> before = found.Snapshot();
        string? error = found.TrySet(arguments) ?? found.Applied?.Invoke();
        if (error is not null) Assert.Null(found.TrySet(before));
        return error;
    }

    public TransportHost Start()
    {
        Listeners = Transport.Listen();
        return this;
    }

    public void Add(ConfigOption option) => _options.Add(option.Name, option);

    public ConfigOption? Find(string name) => _options.GetValueOrDefault(name);

    public void Add(ITransport transport) => _transport = transport;

    public string? Relisten(ITransport transport)
    {
        Assert.Same(_transport, transport);
        IReadOnlyList<TransportListener> previous = Listeners;
        try
        {
            Listeners = transport.Listen();
        }
        catch (TransportException failure)
        {
            return failure.Message;
        }

        foreach (TransportListener listener in previous) listener.Close();
        return null;
    }

    public bool IsEnabled(LogLevel level) => true;

    public void Write(LogLevel level, string message) => LogLines.Add(message);

    public void Dispose()
    {
        foreach (TransportListener listener in Listeners) listener.Close();
    }

    private static InvalidOperationException Unexpected() => new("A transport registers options and a transport, nothing else.");
}
