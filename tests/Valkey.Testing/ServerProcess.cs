// The real server in a process of its own: a free port, a fresh folder, a configuration file, its log on stdout.
//
// Holds always: StartAsync returns only when PING is answered, and fails with the server's output otherwise. Folder and
// port live until Dispose, so that a restarted server finds its files and its clients find it.

using System.Globalization;
using System.Net.Sockets;

namespace Valkey.Testing;

/// <summary>A started server.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const int StartAttemptsMax = 5;

    private readonly ServerOptions _options;
    private FreePort _port;
    private ChildProcess? _child;

    private ServerProcess(ServerOptions options)
    {
        _options = options;
        _port = FreePort.Claim();
        Folder = Directory.CreateTempSubdirectory("valkey-test-").FullName;
    }

    /// <summary>Address on which it listens.</summary>
    public string Host => "127.0.0.1";

    /// <summary>Port on which it listens.</summary>
    public int Port => _port.Number;

    /// <summary>Its working folder: configuration file, RDB, AOF, Unix socket.</summary>
    public string Folder { get; }

    /// <summary>Path of its configuration file.</summary>
    public string ConfigPath => Path.Combine(Folder, "valkey.conf");

    /// <summary>Process id.</summary>
    public int ProcessId => Child.Id;

    /// <summary>True once the process has ended.</summary>
    public bool HasExited => Child.HasExited;

    /// <summary>Its log and whatever else went to standard output since its last start.</summary>
    public string Log => Child.Output;

    /// <summary>What went to standard error since its last start.</summary>
    public string Errors => Child.Errors;

    private ChildProcess Child => _child ?? throw new InvalidOperationException("The server was not started.");

    /// <summary>Starts a server with these lines in its configuration file.</summary>
    public static Task<ServerProcess> StartAsync(params string[] config) => StartAsync(new ServerOptions { Config = config });

    /// <summary>Starts a server; skips the running test when it is pointed at one that is already there.</summary>
    public static async Task<ServerProcess> StartAsync(ServerOptions options)
    {
        TestEnvironment.SkipIfExternal();
        ServerProcess server = new(options);
        try
        {
            await server.StartAgainAsync().ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return server;
    }

    /// <summary>Connects to it.</summary>
    public Task<RespClient> ConnectAsync(int respVersion = 2) => _options.UnixSocket is { } path
        ? RespClient.ConnectUnixAsync(path, respVersion)
        : RespClient.ConnectAsync(Host, Port, respVersion);

    /// <summary>Starts it again after Stop or Kill: same folder, same port, same configuration.</summary>
    public async Task StartAgainAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            await LaunchAsync().ConfigureAwait(false);
            bool isReady = await WaitFor.HoldsWithinAsync(IsReadyOrGoneAsync, _options.ReadyTimeout).ConfigureAwait(false)
                && !Child.HasExited;
            if (isReady) return;

            bool isPortTaken = Log.Contains("already in use", StringComparison.OrdinalIgnoreCase);
            if (!isPortTaken || attempt == StartAttemptsMax)
            {
                Kill();
                throw new InvalidOperationException($"The server did not start. Its output:\n{Log}{Errors}");
            }

            _port.Dispose();
            _port = FreePort.Claim();
        }
    }

    /// <summary>Stops it by SIGTERM and starts it again.</summary>
    public async Task RestartAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await StartAgainAsync().ConfigureAwait(false);
    }

    /// <summary>Sends SIGTERM and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> StopAsync(TimeSpan? deadline = null)
    {
        Child.Terminate();
        return Child.WaitForExitAsync(deadline);
    }

    /// <summary>Waits for the end that something else has brought about.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> WaitForExitAsync(TimeSpan? deadline = null) => Child.WaitForExitAsync(deadline);

    /// <summary>Ends it at once, as a crash would.</summary>
    public void Kill()
    {
        Child.Kill();
        Child.WaitForExitAsync().GetAwaiter().GetResult();
    }

    /// <summary>Sends a signal by its number.</summary>
    public void Signal(int signal) => Child.Signal(signal);

    /// <summary>Waits until its log contains the text.</summary>
    public Task WaitForLogAsync(string text, TimeSpan? deadline = null)
        => WaitFor.ConditionAsync(() => Log.Contains(text, StringComparison.Ordinal), $"the log says '{text}'", deadline);

    /// <summary>Resident memory of the process in bytes.</summary>
    public long ResidentBytes()
    {
        string statm = File.ReadAllText($"/proc/{ProcessId}/statm");
        return long.Parse(statm.Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _child?.Dispose();
        _port.Dispose();
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task LaunchAsync()
    {
        await WriteConfigOnceAsync().ConfigureAwait(false);
        List<string> arguments = [ConfigPath, "--port", Port.ToString(CultureInfo.InvariantCulture)];
        if (_options.UnixSocket is not null) arguments = [ConfigPath];
        arguments.AddRange(_options.Arguments);
        _child?.Dispose();
        _child = ChildProcess.Start(
            _options.Executable ?? TestEnvironment.ServerExecutable, arguments, Folder, environment: _options.Environment);
    }

    // Written at the first start only: CONFIG REWRITE may have changed it since.
    private async Task WriteConfigOnceAsync()
    {
        if (File.Exists(ConfigPath)) return;

        string[] defaults = ["bind 127.0.0.1", $"dir {Folder}", "save \"\"", "enable-debug-command yes"];
        await File.WriteAllLinesAsync(ConfigPath, [.. defaults, .. _options.Config]).ConfigureAwait(false);
    }

    private async Task<bool> IsReadyOrGoneAsync()
    {
        if (Child.HasExited) return true;

        try
        {
            await using RespClient client = await ConnectAsync().ConfigureAwait(false);
            client.Timeout = TimeSpan.FromSeconds(2);
            RespValue reply = await client.CallAsync("PING").ConfigureAwait(false);
            return !reply.Text.StartsWith("LOADING", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException)
        {
            return false;
        }
    }
}
