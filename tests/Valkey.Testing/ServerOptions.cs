namespace Valkey.Testing;

/// <summary>How a server is to be started.</summary>
public sealed class ServerOptions
{
    /// <summary>Lines of the configuration file, after the fixture's own (port, dir, save "", ...).</summary>
    public IReadOnlyList<string> Config { get; init; } = [];

    /// <summary>Command line arguments behind the configuration file.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment of the process, over the test host's; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>Executable to start instead of the server under test.</summary>
    public string? Executable { get; init; }

    /// <summary>Unix socket path to talk to instead of the TCP port, when the configuration closes the latter.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>How long the server may take until it answers.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(30 * TestEnvironment.TimeoutFactor);
}
