// From the command line to a server that accepts connections, in an order in which each step can still say clearly what is
// wrong: command line, configuration, log, core, plugins, modules, unknown options, listeners.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Configuration;
using Valkey.Host.Logging;
using Valkey.Host.Plugins;
using Valkey.Structures;

namespace Valkey.Host.Lifecycle;

internal static class StartUp
{
    /// <summary>Runs the server; returns the exit code.</summary>
    public static int Run(string[] arguments)
    {
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
        catch (FatalConfigException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
        catch (StartupException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    private static int Serve(CommandLine commandLine)
    {
        ServerConfiguration configuration = ServerConfiguration.Load(commandLine, ReadStandardInput);
        OptionRegistry registry = new(configuration);
        HostOptions options = new();
        options.Register(registry);
        using ServerLog log = new();
        log.Configure(options);
        log.Write(LogLevel.Notice, "oO0OoO0OoO0Oo Valkey is starting oO0OoO0OoO0Oo");
        using Server server = new(options, registry, configuration, log);
        new CoreCommands(server.Commands).RegisterAll();
        if (!TryLoadPlugins(server)) return 1;
        new DeferredCapabilities().Register(registry, log);
        registry.VerifyNothingUnknown();
        log.WriteRaw(LogLevel.Notice, $" PID: {Environment.ProcessId}\n");
        if (!TryListen(server)) return 1;
        log.Write(LogLevel.Notice, "Server initialized");
        foreach ((string name, string _) in server.Listeners.Descriptions) log.Write(LogLevel.Notice, $"Ready to accept connections {name}");
        server.Run();
        return 0;
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

    private static bool TryListen(Server server)
    {
        try
        {
            server.Listeners.Open();
        }
        catch (TransportException exception)
        {
            server.Log.Write(LogLevel.Warning, exception.Message);
            server.Log.Write(LogLevel.Warning, "Failed listening on port, aborting.");
            return false;
        }

        if (server.Listeners.SocketCount > 0) return true;
        server.Log.Write(LogLevel.Warning, "Configured to not listen anywhere, exiting.");
        return false;
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
