// From the command line to a server that accepts connections, in an order in which each step can still say clearly what is
// wrong: command line, environment, configuration, log, core, plugins, modules, unknown options, listeners.

using System.Security.Cryptography;
using System.Text;
using Valkey.Abstractions;
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
        ProcessArguments.Capture();
        CommandLine commandLine = CommandLine.Parse(arguments);
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
        catch (Exception exception) when (exception is FatalConfigException or StartupException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    private static int Serve(CommandLine commandLine)
    {
        byte[]? standardInput = null;
        ServerConfiguration configuration = ServerConfiguration.Load(commandLine, () => standardInput = ReadStandardInput());
        OptionRegistry registry = new(configuration);
        HostOptions options = new();
        options.Register(registry);
        KeyHash.Seed(HashSeed(options.HashSeed.Value));

        using ServerLog log = new();
        log.Configure(options);
        Supervision supervision = new((SupervisionMode)options.Supervised.Value, log);
        bool inBackground = options.Daemonize.Value && !supervision.IsActive;
        if (inBackground && !Daemon.IsDetached) return Detach(standardInput, log);

        new CrashReport(log, options).Install();
        StartupLines lines = new(log);
        lines.Starting();
        lines.Configuration(commandLine);
        CpuAffinity.Apply(options.ServerCpuList.Value);

        using Server server = new(options, registry, configuration, log);
        new CoreCommands(server.Commands).RegisterAll();
        ServerCommands.ServerServices.Connect(server);
        if (!TryLoadPlugins(server)) return 1;
        new DeferredCapabilities().Register(registry, log);
        registry.VerifyNothingUnknown();
        RenameCommands(server);
        OpenFilesLimit.Adjust(options, log);
        ApplyWhenChanged(server);

        long port = server.OptionRegistry.Find("port") is IntegerOption option ? option.Value : 0;
        lines.Logo(options, port);
        if (!TryListen(server, port)) return 1;
        SystemChecks.CheckMemory(options, log);
        WritePidFile(server, inBackground);
        ShowTitle(server, commandLine);
        lines.Initialized();
        if (options.MaxMemory.Value is > 0 and < 1024 * 1024) lines.SmallMaxMemory(options.MaxMemory.Value);
        foreach ((string name, string _) in server.Listeners.Descriptions) lines.ReadyToAccept(name);
        supervision.Ready();

        using ShutdownSignals signals = new(log, signal => server.Loop.Post(() => server.Shutdown.OnSignal(signal)));
        server.Shutdown.Aborted = signals.Reset;
        server.Shutdown.AtEnd(supervision.Stopping);
        server.Information.Supervisor = supervision.Mode.ToString().ToLowerInvariant();
        server.Information.StartupMemoryBytes = NativeHeap.UsedBytes;
        server.Run();
        return 0;
    }

    private static byte[] HashSeed(string given)
    {
        // A given seed makes SCAN's order the same on all nodes that share it.
        if (given.Length == 0) return RandomNumberGenerator.GetBytes(KeyHash.SeedBytes);
        return SHA256.HashData(Encoding.UTF8.GetBytes(given))[..KeyHash.SeedBytes];
    }

    private static int Detach(byte[]? standardInput, ServerLog log)
    {
        string? failure = Daemon.Start(standardInput);
        if (failure is null) return 0;
        log.Write(LogLevel.Warning, "Can't go to the background: " + failure);
        return 1;
    }

    private static bool TryLoadPlugins(Server server)
    {
        try
        {
            string directory = server.Options.PluginDir.Value is { Length: > 0 } given ? given : DefaultPluginDirectory();
            server.Plugins.LoadDirectory(directory);
            foreach (ConfigDirective module in server.Configuration.Modules)
                server.Modules.LoadOrThrow(module.Arguments[0], [.. module.Arguments.Skip(1)]);
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
        options.MaxClients.Applied = () => OpenFilesLimit.TryAdjust(options, server.Log);
        options.ProtoMaxBulkLen.Applied = () => Apply(() => server.Clients.Parser.BulkMaxBytes = options.ProtoMaxBulkLen.Value);
        server.Clients.Parser.BulkMaxBytes = options.ProtoMaxBulkLen.Value;
        OomScore oomScore = new(options, server.Log);
        options.OomScoreAdj.Applied = () => oomScore.Apply();
        options.OomScoreAdjValuesOption.Applied = () => oomScore.Apply();
        oomScore.Apply();
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

    private static void WritePidFile(Server server, bool inBackground)
    {
        string path = server.Options.PidFile.Value;
        if (path.Length == 0 && inBackground) path = PidFile.DefaultPath;
        if (path.Length == 0) return;
        PidFile.Write(path, server.Log);
        server.Shutdown.AtEnd(() =>
        {
            server.Log.Write(LogLevel.Notice, "Removing the pid file.");
            PidFile.Remove(path);
        });
    }

    private static void ShowTitle(Server server, CommandLine commandLine)
    {
        if (!server.Options.SetProcTitle.Value) return;
        server.Options.ProcTitleTemplate.Applied = () => Apply(Show);
        Show();

        void Show()
        {
            string bind = server.OptionRegistry.Find("bind")?.Text.Split(' ')[0] ?? "";
            string unixSocket = server.OptionRegistry.Find("unixsocket")?.Text ?? "";
            long port = server.OptionRegistry.Find("port") is IntegerOption option ? option.Value : 0;
            ProcessTitleValues values = new(ProcessArguments.Program, bind, port, 0, unixSocket, "", commandLine.ConfigFile);
            if (ProcessTitle.Expand(server.Options.ProcTitleTemplate.Value, values) is { } title) ProcessTitle.Set(title);
        }
    }

    /// <summary>plugins/ beside the launcher, or beside the executable when it runs from its build folder.</summary>
    private static string DefaultPluginDirectory()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, "plugins");
        return Directory.Exists(beside) ? beside : Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "plugins"));
    }

    private static byte[] ReadStandardInput()
    {
        using Stream input = Console.OpenStandardInput();
        using MemoryStream bytes = new();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }
}
