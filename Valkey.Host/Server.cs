// The server: what there is, once, and how the parts reach each other. Behaviour lives in the parts.
// Command thread only.

using System.Security.Cryptography;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;
using Valkey.Host.Configuration;
using Valkey.Host.Connections;
using Valkey.Host.Keyspace;
using Valkey.Host.Lifecycle;
using Valkey.Host.Logging;
using Valkey.Host.Loop;
using Valkey.Host.Observability;
using Valkey.Host.Plugins;
using Valkey.Host.Propagation;
using Valkey.Host.Transactions;

namespace Valkey.Host;

internal sealed class Server : IDisposable
{
    public Server(HostOptions options, OptionRegistry optionRegistry, ServerConfiguration configuration, ServerLog log)
    {
        Options = options;
        OptionRegistry = optionRegistry;
        Configuration = configuration;
        Log = log;
        RunId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        StartedAtUnixSeconds = Clock.UnixSeconds;
        Databases = new Database[options.Databases.Value];
        for (int i = 0; i < Databases.Length; i++) Databases[i] = new Database(i);
        AccessClock.Update(Clock.UnixSeconds);
        Errors = new ErrorCounter(this);
        Context = new HostContext(this, new RespReplyWriter(Errors));
        Events = new EventHub(this);
        KeyAccess = new KeyAccess((owner, exception) => Log.Write(LogLevel.Warning, $"A key access observer of {owner} threw: {exception}"));
        Jobs = new NotificationJobs(this);
        Lookup = new KeyspaceLookup(this);
        Keyspace = new KeyspaceService(this);
        HelperThreads = new Background.HelperThreads(options.BioCpuList.Value);
        LazyFree = new LazyFree(
            DataTypes,
            HelperThreads,
            exception => Log.Write(LogLevel.Warning, $"Freeing a value in the background failed: {exception}"));
        Expiry = new Expiry(this);
        Eviction = new Eviction(this);
        Watching = new WatchService(this);
        BackgroundWork = new Background.BackgroundWorker(HelperThreads);
        Loop = new EventLoop(new TimerQueue());
        Sender = new OutputSender(this);
        Clients = new ClientTable(this);
        ClientStates = new ClientStates(this);
        HeldReplies = new HeldReplies(this);
        Blocked = new BlockedClients(this);
        KeyWaits = new KeyWaits(this);
        Authentication = new Authentication(this);
        ClientMemory = new ClientMemory(this);
        OutputLimits = new OutputLimits(this);
        Monitors = new MonitorList(this);
        Pause = new ClientPause(this);
        Durability = new Durability.DurabilityService(this);
        Prefetcher = new Prefetcher(this);
        Dispatcher = new Dispatcher(this);
        Calls = new CommandCalls(this);
        CommandLog = new CommandLog(this);
        Latency = new LatencyMonitor(this);
        Information = new InfoTable(this);
        Listeners = new ListenerTable(this);
        Cron = new ServerCron(this);
        Plugins = new PluginCatalog(new PluginHost(this));
        Modules = new ModuleService(new PluginHost(this), Plugins);
        ModuleService.Resolve = ctx => HostContext.Of(ctx).Server.Modules;
        Config = new ConfigService(optionRegistry, configuration, options, log);
        Shutdown = new ShutdownSequence(this);
        Iterations = new Iteration.IterationService(this);
        Snapshots = new Snapshots.SnapshotService(this);
        Loading = new Snapshots.SnapshotLoader(this);
        DebugTools = new Debugging.DebugTools(this);
    }

    public HostOptions Options { get; }

    public OptionRegistry OptionRegistry { get; }

    public ServerConfiguration Configuration { get; }

    public ConfigService Config { get; }

    public ServerLog Log { get; }

    public Clock Clock { get; } = new();

    public Statistics Statistics { get; } = new();

    public EventLoop Loop { get; }

    public CommandTable Commands { get; } = new();

    public Dispatcher Dispatcher { get; }

    public HostContext Context { get; }

    public Prefetcher Prefetcher { get; }

    public Propagator Propagation { get; } = new();

    public DataTypeRegistry DataTypes { get; } = new();

    public Database[] Databases { get; }

    public KeyspaceLookup Lookup { get; }

    public KeyspaceService Keyspace { get; }

    public EventHub Events { get; }

    /// <summary>Who follows which keys are read and which change.</summary>
    public KeyAccess KeyAccess { get; }

    /// <summary>What plugins do once the running command has ended.</summary>
    public NotificationJobs Jobs { get; }

    /// <summary>Commands run for plugins.</summary>
    public CommandCalls Calls { get; }

    public Expiry Expiry { get; }

    public Eviction Eviction { get; }

    public LazyFree LazyFree { get; }

    public AccessClock AccessClock { get; } = new();

    public WatchService Watching { get; }

    public ClientTable Clients { get; }

    public OutputSender Sender { get; }

    /// <summary>What plugins keep about clients.</summary>
    public ClientStates ClientStates { get; }

    /// <summary>Replies that plugins hold back.</summary>
    public HeldReplies HeldReplies { get; }

    public BlockedClients Blocked { get; }

    /// <summary>Who waits for keys.</summary>
    public KeyWaits KeyWaits { get; }

    public Authentication Authentication { get; }

    public ClientMemory ClientMemory { get; }

    public OutputLimits OutputLimits { get; }

    public MonitorList Monitors { get; }

    public ClientPause Pause { get; }

    public CommandLog CommandLog { get; }

    public LatencyMonitor Latency { get; }

    public InfoTable Information { get; }

    public ErrorCounter Errors { get; }

    public ListenerTable Listeners { get; }

    public ServerCron Cron { get; }

    public PluginCatalog Plugins { get; }

    public ModuleService Modules { get; }

    public ShutdownSequence Shutdown { get; }

    public Debugging.DebugTools DebugTools { get; }

    public Background.BackgroundWorker BackgroundWork { get; }

    /// <summary>Saving and loading the dataset.</summary>
    public Snapshots.SnapshotService Snapshots { get; }

    /// <summary>Walks of the dataset beside the commands.</summary>
    public Iteration.IterationService Iterations { get; }

    /// <summary>Loads snapshots into the databases.</summary>
    public Snapshots.SnapshotLoader Loading { get; }

    /// <summary>The threads beside this one.</summary>
    public Background.HelperThreads HelperThreads { get; }

    /// <summary>Who must confirm a write.</summary>
    public Durability.DurabilityService Durability { get; }

    /// <summary>Why plugins refuse writes.</summary>
    public WriteRefusals WriteRefusals { get; } = new();

    /// <summary>Memory that plugins name.</summary>
    public MemoryUses MemoryUses { get; } = new();

    /// <summary>40 hexadecimal digits, new at every start.</summary>
    public string RunId { get; }

    public long StartedAtUnixSeconds { get; }

    /// <summary>Changes since the dataset was saved last; also tells whether a command changed something.</summary>
    public long Dirty { get; set; }

    /// <summary>The dataset is being loaded.</summary>
    public bool IsLoading { get; set; }

    /// <summary>Expired keys are kept: CLIENT IMPORT-SOURCE.</summary>
    public bool IsImporting { get; set; }

    /// <summary>Expired keys are found although their time is over (a replica, or paused writes): they are hidden, not deleted.</summary>
    public bool IsExpirySuspended { get; set; }

    /// <summary>maxmemory in bytes, 0 for none.</summary>
    public long MaxMemoryBytes => Options.MaxMemory.Value;

    /// <summary>proto-max-bulk-len.</summary>
    public long StringSizeMaxBytes => Options.ProtoMaxBulkLen.Value;

    public bool IsPasswordSet => Options.RequirePass.Value.Length > 0;

    /// <summary>Whether a client that has not authenticated must do so first.</summary>
    public bool IsAuthenticationRequired(Client client) => IsPasswordSet && !client.Has(ClientFlags.Authenticated);

    /// <summary>Propagates that a key is gone.</summary>
    public void PropagateDeletion(int databaseIndex, ReadOnlySpan<byte> key, bool lazily)
    {
        if (!Propagation.IsWanted) return;
        Propagation.Also(databaseIndex, [PropagatedArgument.From(lazily ? "UNLINK"u8 : "DEL"u8), PropagatedArgument.From(key)]);
        if (!Dispatcher.IsExecuting && !Jobs.HasAny) Propagation.Emit(); // else together with what the jobs write
    }

    /// <summary>Makes turns of the loop possible, before <see cref="Run"/>: for serving clients while the dataset is loaded.</summary>
    public void Prepare()
    {
        Loop.BeforeSleep = BeforeSleep;
        Loop.AfterSleep = AfterSleep;
        Loop.Failed = exception => Log.Write(LogLevel.Warning, $"Unexpected failure in the event loop: {exception}");
        Cron.Start();
        new Snapshots.WarmUp(this).Start();
    }

    /// <summary>Runs until it is shut down.</summary>
    public void Run() => Loop.Run();

    public void Dispose()
    {
        Iterations.Dispose();
        LazyFree.Dispose();
        Loop.Dispose();
    }

    private bool BeforeSleep()
    {
        CountTurn();
        Pause.CheckEnd();
        Expiry.FastCycle();
        Jobs.RunOutside();
        if (KeyWaits.HasReady) KeyWaits.Serve(); // keys that came or went without a command
        if (Propagation.IsWanted) FlushPropagation();
        if (Durability.IsWatched) Durability.Look();
        bool workIsLeft = Iterations.Step();
        workIsLeft |= Clients.BeforeSleep();
        long nowTicks = System.Diagnostics.Stopwatch.GetTimestamp();
        long ticks = nowTicks - _turnStartTicks;
        Statistics.EventLoopTicks += ticks;
        Statistics.LoopTicksEver += ticks;
        Statistics.EventLoopTicksMax = Math.Max(Statistics.EventLoopTicksMax, ticks);
        bool waitsAwake = Durability.HoldsBack && _awakeWait.GoesOn(nowTicks, ticks, Loop.WasIdle, Durability.Held.Count > 0);
        waitsAwake |= Sender.HasReleased;
        if (workIsLeft || !waitsAwake) return workIsLeft;
        if (Loop.WasIdle) _ = Libc.YieldProcessor(); // whoever shares the processor may be the one that is waited for
        return true;
    }

    private void FlushPropagation()
    {
        long startTicks = System.Diagnostics.Stopwatch.GetTimestamp();
        Propagation.Flush();
        Statistics.AofTicks += System.Diagnostics.Stopwatch.GetTimestamp() - startTicks;
    }

    private void CountTurn()
    {
        Statistics.EventLoopCycles++;
        long commandCount = Statistics.CommandsProcessed - _commandsBeforeTurn;
        _commandsBeforeTurn = Statistics.CommandsProcessed;
        Statistics.CommandsPerCycleMax = Math.Max(Statistics.CommandsPerCycleMax, commandCount);
    }

    private readonly Durability.AwakeWait _awakeWait = new();
    private long _commandsBeforeTurn;
    private long _turnStartTicks = System.Diagnostics.Stopwatch.GetTimestamp();

    private void AfterSleep()
    {
        Clock.Synchronize();
        _turnStartTicks = Clock.Ticks;
        HelperThreads.NoteCommandThread();
    }
}
