// The distribution's redis-cli, redis-benchmark and redis-server, found on the path: the peers that drive our server.

using Xunit;

namespace Valkey.Testing;

/// <summary>How a process ended and what it wrote.</summary>
/// <param name="ExitCode">Exit code; 128 + n for signal n.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
public sealed record ProcessResult(int ExitCode, string Output, string Errors);

/// <summary>Runs the tools that the distribution offers.</summary>
public static class RedisTools
{
    /// <summary>Path of redis-cli; the running test is skipped when it is not there.</summary>
    public static string Cli => Require("redis-cli");

    /// <summary>Path of redis-benchmark; the running test is skipped when it is not there.</summary>
    public static string Benchmark => Require("redis-benchmark");

    /// <summary>Path of redis-server; the running test is skipped when it is not there.</summary>
    public static string Server => Require("redis-server");

    /// <summary>Full path of a program, or null when no folder of PATH has it.</summary>
    public static string? FindOnPath(string program)
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':'))
        {
            string candidate = Path.Combine(folder, program);
            if (File.Exists(candidate)) return candidate;
        }

        return null;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ProcessResult> RunAsync(
        string executable,
        IEnumerable<string> arguments,
        string? standardInput = null,
        string? workingFolder = null,
        TimeSpan? deadline = null)
    {
        using ChildProcess child = ChildProcess.Start(executable, arguments, workingFolder, standardInput);
        int exitCode = await child.WaitForExitAsync(deadline).ConfigureAwait(false);
        return new ProcessResult(exitCode, child.Output, child.Errors);
    }

    private static string Require(string program)
    {
        string? path = FindOnPath(program);
        Skip.If(path is null, $"{program} is not on the path.");
        return path!;
    }
}
