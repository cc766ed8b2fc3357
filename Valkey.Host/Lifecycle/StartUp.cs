// From the command line to a server that accepts connections, in an order in which each step can still say clearly what is
// wrong: command line, environment, configuration, log, core, plugins, modules, unknown options, listeners.

using System.Security.Cryptography;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;
using Valkey.Host.Configuration;
using Valkey.Host.Logging;
using Valkey.Host.Plugins;
using Valkey.Host.Process;
using Valkey.Structures;

namespace Valkey.Host.Lifecycle;

internal static class StartUp
{
    /// <summary>Runs the server; returns the exit code.</summary>
    public static int Run(string[] arguments)
    {
        SelfExec.RunIfNeeded(arguments);
        CommandLine commandLine = CommandLine.Parse(arguments);
#pragma warning disable RS0030 // before there is a log, the terminal is where the operator looks
        switch (commandLine.Action)
        {
            case CommandLineAction.ShowVersion:
                Console.Out.WriteLine(CommandLine.VersionText(NativeHeap.AllocatorName));
                return 0;
            case CommandLineAction.ShowHelp:
                Console.Error.Write(CommandLine.HelpText);
                return 1;
            case CommandLineAction.Refuse:
                Console.Error.WriteLine(commandLine.RefusalReason);
                return 1;
        }

        try
        {
            return Serve(commandLine);
        }
        catch (FatalConfigException exception)
        {
            Console.Error.Write(exception.Report());
            return 1;
        }
#pragma warning restore RS0030
    }

    private static int Serve(CommandLine commandLine)
    {
        using ServerLog log = new();
        try
        {
            ServerConfiguration configuration = ServerConfiguration.Load(commandLine, HostProcess.ReadStandardInput);
            OptionRegistry registry = new(configuration);
            HostOptions options = new();
            options.Register(registry);
            KeyHash.Seed(HashSeed(options.HashSeed.Value));
            Entry.ReserveEpochs = options.ForklessOptionsSupported.Value; // before the first entry
            log.Configure(options);
            CrashReport crashReport = new(log, options);
            crashReport.Install();
            using Server server = new(options, registry, configuration, log);
            crashReport.Context = () => CrashContext(server);
            return Serve(server, commandLine);
        }
        catch (StartupException exception)
        {
            log.Write(LogLevel.Warning, exception.Message);
            return 1;
        }
    }

    private static int Serve(Server server, CommandLine commandLine)
    {
        HostProcess process = new(server.Options, server.Log, server.Configuration);
        new CoreCommands(server.Commands).RegisterAll();
        ServerCommands.ServerServices.Connect(server);
        if (!TryLoadPlugins(server)) return 1;
        new DeferredCapabilities().Register(server.OptionRegistry);
        server.OptionRegistry.VerifyNothingUnknown();
        RenameCommands(server);
        if (process.EnterBackground()) return 0;

        StartupLines lines = new(server.Log);
        lines.Starting();
        lines.Configuration(commandLine);
        process.Settle();
        ApplyWhenChanged(server);
        long port = PortOf(server);
        lines.Logo(server.Options, port);
        if (!TryListen(server, port)) return 1;
        if (server.Snapshots.Format is null && server.Options.Snapshots.SavePoints is { WereGiven: true, Points.Count: > 0 })
            server.Log.Write(LogLevel.Notice, "Snapshots are not available without an Rdb plugin: the save points have no effect.");
        ShowTitle(server, process);
        lines.Initialized();
        if (server.Options.MaxMemory.Value is > 0 and < 1024 * 1024) lines.SmallMaxMemory(server.Options.MaxMemory.Value);
        using ShutdownSignals signals = new(server.Log, signal => server.Loop.Post(() => server.Shutdown.OnSignal(signal)));
        signals.IsLoading = () => server.IsLoading;
        signals.BeforeExit = () => Snapshots.SnapshotFile.Remove(Snapshots.SnapshotFile.TemporaryName(Environment.ProcessId));
        server.Shutdown.Aborted = signals.Reset;
        server.Shutdown.AtEnd(process.Stopping);
        server.Shutdown.AtEnd(process.Leave);
        server.Information.Supervisor = process.SupervisorName;
        server.Information.StartupMemoryBytes = NativeHeap.UsedBytes;
        server.Prepare();
        try
        {
            if (!server.Loading.TryLoadAtStart()) return FailedLoading(process);
        }
        catch (Snapshots.LoadingAbandonedException)
        {
            return 0; // the shutdown is behind us
        }

        foreach ((string name, string _) in server.Listeners.Descriptions) lines.ReadyToAccept(name);
        process.Ready();
        server.Run();
        return 0;
    }

    private static int FailedLoading(HostProcess process)
    {
        process.Leave();
        return 1;
    }

    /// <summary>What was being done when the process broke down.</summary>
    private static List<(string Heading, string Text)> CrashContext(Server server)
    {
        List<(string, string)> context = [];
        if (server.Context.Command is { } command) context.Add(("LAST COMMAND", $"{command.Name} (of {command.Owner})"));
        if (server.Context.CurrentClient is { } client) context.Add(("LAST CLIENT", ClientInfoLine.ForLog(server, client)));
        if (server.Options.DebugContext.Value is { Length: > 0 } text) context.Add(("DEBUG CONTEXT", text));
        return context;
    }

    private static byte[] HashSeed(string given)
    {
        // A given seed makes SCAN's order the same on all nodes that share it.
        if (given.Length == 0) return RandomNumberGenerator.GetBytes(KeyHash.SeedBytes);
        return SHA256.HashData(Encoding.UTF8.GetBytes(given))[..KeyHash.SeedBytes];
    }

    private static bool TryLoadPlugins(Server server)
    {
        try
        {
            string directory = server.Options.PluginDir.Value is { Length: > 0 } given ? given : DefaultPluginDirectory();
            server.Plugins.LoadDirectory(directory);
            foreach (ConfigDirective module in server.Configuration.Modules)
                server.Modules.LoadOrThrow(module.Arguments[0], new List<string>(module.Arguments)[1..]);
            return true;
        }
        catch (PluginLoadException exception)
        {
            server.Log.Write(LogLevel.Warning, exception.Message);
            return false;
        }
    }

    private static void RenameCommands(Server server)
    {
        foreach (ConfigDirective directive in server.Configuration.RenamedCommands)
        {
            string? error = server.Commands.Rename(directive.Arguments[0], directive.Arguments[1]);
            if (error is not null) throw new FatalConfigException(error, directive);
        }
    }

    /// <summary>Options of the host that do something when they change.</summary>
    private static void ApplyWhenChanged(Server server)
    {
        HostOptions options = server.Options;
        Func<string?>? clampHz = options.Hz.Applied;
        options.Hz.Applied = () =>
        {
            string? error = clampHz?.Invoke();
            server.Cron.ApplyHz();
            return error;
        };
        options.JemallocBgThread.Applied = () => Apply(() => NativeHeap.SetBackgroundThread(options.JemallocBgThread.Value));
        NativeHeap.SetBackgroundThread(options.JemallocBgThread.Value);
        options.ProtoMaxBulkLen.Applied = () => Apply(() => server.Clients.Parser.BulkMaxBytes = options.ProtoMaxBulkLen.Value);
        server.Clients.Parser.BulkMaxBytes = options.ProtoMaxBulkLen.Value;
    }

    private static string? Apply(Action action)
    {
        action();
        return null;
    }

    private static bool TryListen(Server server, long port)
    {
        try
        {
            server.Listeners.Open();
        }
        catch (TransportException)
        {
            // The transport has logged which address and why.
            server.Log.Write(LogLevel.Warning, $"Failed listening on port {port} (tcp), aborting.");
            return false;
        }

        if (server.Listeners.SocketCount > 0) return true;
        server.Log.Write(LogLevel.Warning, "Configured to not listen anywhere, exiting.");
        return false;
    }

    private static void ShowTitle(Server server, HostProcess process)
    {
        string bind = server.OptionRegistry.Find("bind")?.Text.Split(' ')[0] ?? "";
        string unixSocket = server.OptionRegistry.Find("unixsocket")?.Text ?? "";
        process.ShowTitle(bind, PortOf(server), 0, unixSocket, "");
    }

    private static long PortOf(Server server) => server.OptionRegistry.Find("port") is IntegerOption option ? option.Value : 0;

    /// <summary>plugins/ beside the launcher, or beside the executable when it runs from its build folder.</summary>
    private static string DefaultPluginDirectory()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, "plugins");
        return Directory.Exists(beside) ? beside : Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "plugins"));
    }
}
