// What the server says about itself when it starts and stops, in the words that harnesses and operators' tools look for.

using System.Globalization;
using Valkey.Host.Configuration;
using Valkey.Host.Process;
using LogLevel = Valkey.Abstractions.LogLevel;

namespace Valkey.Host.Logging;

/// <summary>The lines of a server's life, in the order in which the host writes them.</summary>
internal sealed class StartupLines(ServerLog log)
{
    private const int StandardOutput = 1;

    public void Starting()
    {
        log.Write(LogLevel.Notice, "oO0OoO0OoO0Oo Valkey is starting oO0OoO0OoO0Oo");
        log.Write(LogLevel.Notice, string.Create(
            CultureInfo.InvariantCulture,
            $"Valkey version={ServerVersion.Valkey}, bits=64, commit={ServerVersion.Commit}, modified=0, pid={Environment.ProcessId}, just started"));
    }

    /// <summary>Says that there is a configuration, or that there is none.</summary>
    public void Configuration(CommandLine commandLine)
    {
        if (!commandLine.IsEmpty)
        {
            log.Write(LogLevel.Notice, "Configuration loaded");
            return;
        }

        log.Write(
            LogLevel.Warning,
            "Warning: no config file specified, using the default config. In order to specify a config file use "
            + $"{ProcessArguments.Program} /path/to/valkey.conf");
    }

    /// <summary>The logo on a terminal or where <c>always-show-logo</c> asks for it, else one line with the same facts.</summary>
    public void Logo(HostOptions options, long port, string mode = "standalone")
    {
        bool isShown = options.AlwaysShowLogo.Value
            || (!options.SyslogEnabled.Value && options.LogFile.Value.Length == 0 && Libc.IsTerminal(StandardOutput) == 1);
        if (isShown) log.WriteRaw(LogLevel.Notice, LogoText(port, mode));
        else log.Write(LogLevel.Notice, string.Create(CultureInfo.InvariantCulture, $"Running mode={mode}, port={port}."));
    }

    public void Initialized() => log.Write(LogLevel.Notice, "Server initialized");

    /// <summary>One line per transport: <c>tcp</c>, <c>unix</c>, <c>tls</c>.</summary>
    public void ReadyToAccept(string transport) => log.Write(LogLevel.Notice, "Ready to accept connections " + transport);

    public void SmallMaxMemory(long maxMemoryBytes) => log.Write(LogLevel.Warning, string.Create(
        CultureInfo.InvariantCulture,
        $"WARNING: You specified a maxmemory value that is less than 1MB (current value is {maxMemoryBytes} bytes). Are you sure this is what you really want?"));

    public void UserRequestedShutdown() => log.Write(LogLevel.Warning, "User requested shutdown...");

    public void RemovingPidFile() => log.Write(LogLevel.Notice, "Removing the pid file.");

    public void ByeBye() => log.Write(LogLevel.Warning, "Valkey is now ready to exit, bye bye...");

    /// <summary>The logo; its lines about port and process are read by harnesses.</summary>
    public static string LogoText(long port, string mode) => string.Create(
        CultureInfo.InvariantCulture,
        $"""

                 .--------.
              .-'   .--.   '-.        Valkey {ServerVersion.Valkey} ({ServerVersion.Commit}/0) 64 bit, for .NET
             /     /    \     \
            |     | (()) |     |      Running in {mode} mode
            |      \    /      |      Port: {port}
             \      |  |      /       PID: {Environment.ProcessId}
              '-.   |  |=  .-'
                 '--|  |=-'           https://valkey.io
                    '--'


        """);
}
