// The file that tells others our process id. Best effort: a server whose pid file cannot be written runs all the same.

using System.Globalization;
using Valkey.Abstractions;

namespace Valkey.Host.Process;

internal static class PidFile
{
    /// <summary>Where it goes when the server runs in the background and no name was given.</summary>
    public const string DefaultPath = "/var/run/valkey.pid";

    /// <summary>Writes the process id.</summary>
    public static void Write(string path, ILog log)
    {
        try
        {
            File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.Write(LogLevel.Warning, "Failed to write PID file: " + failure.Message);
        }
    }

    /// <summary>Removes it.</summary>
    public static void Remove(string path)
    {
        try
        {
            if (File.Exists(path)) File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The process is leaving; a file that cannot be removed is overwritten by the next start.
        }
    }
}
