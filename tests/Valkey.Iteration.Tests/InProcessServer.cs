// A whole server inside the test's process, with the plugins that the build made, but without its loop: the test decides what
// happens between two commands. Clients are real ones over a connection made of memory.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host;
using Valkey.Host.Clients;
using Valkey.Host.Commands;
using Valkey.Host.Configuration;
using Valkey.Host.Logging;
using Valkey.Host.Plugins;
using Valkey.Host.ServerCommands;
using Valkey.Structures;

namespace Valkey.Iteration.Tests;

internal sealed class InProcessServer : IDisposable
{
    private static readonly string[] s_types = ["Hashes", "Lists", "Sets", "SortedSets", "Strings"];

    private readonly ServerLog _log = new();
    private long _nextClientId = 1_000_000;

    public InProcessServer()
    {
        Entry.ReserveEpochs = true; // for the whole process: no test here has use for entries without
        CommandLine commandLine = CommandLine.Parse(["--forkless-options-supported", "yes", "--databases", "4", "--loglevel", "warning"]);
        ServerConfiguration configuration = ServerConfiguration.Load(commandLine, static () => []);
        OptionRegistry registry = new(configuration);
        HostOptions options = new();
        options.Register(registry);
        _log.Configure(options);
        Server = new Server(options, registry, configuration, _log);
        new CoreCommands(Server.Commands).RegisterAll();
        ServerServices.Connect(Server);
        foreach (string name in s_types)
            Server.Plugins.Load(new PluginSource(Path.Combine(PluginDirectory(), name), [], IsModule: false), new ModuleOptionValues());
    }

    public Server Server { get; }

    public InProcessClient Connect() => new(Server, _nextClientId++);

    /// <summary>What the loop does between two waits.</summary>
    public void Turn()
    {
        Server.Clock.Synchronize();
        _ = Server.Iterations.Step();
        _ = Server.Clients.BeforeSleep();
        _ = Server.Loop.Turn(mayBlock: false);
    }

    /// <summary>Turns until something is so.</summary>
    public void TurnUntil(Func<bool> condition, string what)
    {
        long deadline = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            if (Environment.TickCount64 > deadline) throw new TimeoutException("Not in 20 seconds: " + what);
            Turn();
            Thread.Yield();
        }
    }

    public void Dispose()
    {
        Server.Dispose();
        _log.Dispose();
    }

    private static string PluginDirectory()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Valkey.sln"))) directory = directory.Parent;
        return Path.Combine(directory!.FullName, "artifacts", "bin", "plugins");
    }
}

/// <summary>A client of an <see cref="InProcessServer"/>.</summary>
internal sealed class InProcessClient
{
    private readonly Server _server;
    private readonly MemoryConnection _connection = new();

    public InProcessClient(Server server, long id)
    {
        _server = server;
        Client = new Client(id, _connection);
        server.Authentication.Reset(Client);
    }

    public Client Client { get; }

    /// <summary>The request waits for the background iteration.</summary>
    public bool IsHeld => Client.Has(ClientFlags.HeldByIteration);

    /// <summary>What was replied since the last look.</summary>
    public string TakeReplies()
    {
        _ = _server.Clients.BeforeSleep();
        string text = Encoding.Latin1.GetString(_connection.Sent.ToArray());
        _connection.Sent.SetLength(0);
        return text;
    }

    /// <summary>Sends a request and lets it be executed, or held.</summary>
    public void Send(params string[] arguments)
    {
        StringBuilder request = new();
        request.Append('*').Append(arguments.Length).Append("\r\n");
        foreach (string argument in arguments) request.Append('$').Append(argument.Length).Append("\r\n").Append(argument).Append("\r\n");
        _connection.Incoming = Encoding.Latin1.GetBytes(request.ToString());
        while (_connection.Incoming.Length > 0) _server.Clients.OnReadable(Client);
    }

    /// <summary>Sends a request and gives its reply.</summary>
    public string Call(params string[] arguments)
    {
        _ = TakeReplies();
        Send(arguments);
        return TakeReplies();
    }

    public void Close() => _server.Clients.Free(Client);

    private sealed class MemoryConnection : TransportConnection
    {
        public byte[] Incoming = [];

        public MemoryStream Sent { get; } = new();

        public override int Descriptor => int.MaxValue;

        public override string LastError => "";

        public override string RemoteAddress => "memory:0";

        public override string LocalAddress => "memory:0";

        public override bool IsLocal => true;

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, Incoming.Length);
            if (count == 0) return TransportResult.WouldBlock;
            Incoming.AsSpan(0, count).CopyTo(buffer);
            Incoming = Incoming[count..];
            return count;
        }

        public override int Write(ReadOnlySpan<byte> buffer)
        {
            Sent.Write(buffer);
            return buffer.Length;
        }

        public override unsafe nint Write(ReadOnlySpan<IoSlice> slices)
        {
            nint total = 0;
            foreach (IoSlice slice in slices)
            {
                Sent.Write(new ReadOnlySpan<byte>((void*)slice.Address, (int)slice.LengthBytes));
                total += slice.LengthBytes;
            }

            return total;
        }

        public override void Shutdown() { }

        public override void Close() { }
    }
}
