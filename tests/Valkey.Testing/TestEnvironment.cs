// Where this test run happens: which server it starts, or which running one it talks to.
//
// VALKEY_SERVER names another executable (default: artifacts/bin/valkey-server under the repository's root).
// VALKEY_TEST_HOST and VALKEY_TEST_PORT point the run at a server that is already there: nothing is started then.
// VALKEY_TEST_TIMEOUT_FACTOR stretches every deadline, for slow machines and debuggers.

using System.Globalization;
using Xunit;

namespace Valkey.Testing;

/// <summary>Facts about this test run, read from the environment once.</summary>
public static class TestEnvironment
{
    private const string SolutionFileName = "Valkey.sln";

    /// <summary>Root folder of the repository.</summary>
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>Path of the server that tests start.</summary>
    public static string ServerExecutable { get; } = Environment.GetEnvironmentVariable("VALKEY_SERVER")
        ?? Path.Combine(RepositoryRoot, "artifacts", "bin", "valkey-server");

    /// <summary>True when the started server is the one that this repository builds.</summary>
    public static bool IsOurServer { get; } = ServerExecutable.StartsWith(
        Path.Combine(RepositoryRoot, "artifacts"), StringComparison.Ordinal);

    /// <summary>Host of the already running server, or null when tests start their own.</summary>
    public static string? ExternalHost { get; } = Environment.GetEnvironmentVariable("VALKEY_TEST_HOST")
        ?? (ExternalPortText is null ? null : "127.0.0.1");

    /// <summary>Port of the already running server.</summary>
    public static int ExternalPort { get; } = ExternalPortText is null
        ? 6379
        : int.Parse(ExternalPortText, CultureInfo.InvariantCulture);

    /// <summary>True when tests talk to a server that is already there.</summary>
    public static bool IsExternal => ExternalHost is not null;

    /// <summary>By how much every deadline is stretched; 1 unless the environment says otherwise.</summary>
    public static double TimeoutFactor { get; } = double.Parse(
        Environment.GetEnvironmentVariable("VALKEY_TEST_TIMEOUT_FACTOR") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>How long a test waits for what should happen at once. Long, because it only matters on failure.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(15 * TimeoutFactor);

    /// <summary>How many rounds a test with the tag soak makes: VALKEY_SOAK_ROUNDS, or what the test says.</summary>
    public static int SoakRounds(int usual) =>
        Environment.GetEnvironmentVariable("VALKEY_SOAK_ROUNDS") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    private static string? ExternalPortText => Environment.GetEnvironmentVariable("VALKEY_TEST_PORT");

    /// <summary>Skips the running test when it is pointed at a server that is already there.</summary>
    public static void SkipIfExternal()
        => Skip.If(IsExternal, "This test starts a server of its own.");

    /// <summary>Skips the running test when the server under test is not the one that this repository builds.</summary>
    public static void SkipUnlessOurServer()
    {
        SkipIfExternal();
        Skip.IfNot(IsOurServer, "This test describes this repository's server.");
    }

    private static string FindRepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, SolutionFileName))) folder = folder.Parent;

        return folder?.FullName
            ?? throw new DirectoryNotFoundException($"No {SolutionFileName} above {AppContext.BaseDirectory}.");
    }
}
