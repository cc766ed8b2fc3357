// The last words: an exception that nobody caught ends the process, and everything that helps to find out why goes into the
// log between two lines that tools look for.
// Holds always: one report per process; a second failure while writing it only ends the process.

using System.Globalization;
using Valkey.Host.Configuration;
using Valkey.Host.Logging;
using LogLevel = Valkey.Abstractions.LogLevel;

namespace Valkey.Host.Process;

/// <summary>Writes the report. Any thread.</summary>
internal sealed class CrashReport(ServerLog log, HostOptions options)
{
    private int _isWritten;

    /// <summary>What was being done: command, plugin, client. Each entry is a heading and its text.</summary>
    public Func<IReadOnlyList<(string Heading, string Text)>> Context { get; set; } = () => [];

    /// <summary>Reports exceptions that reach the end of a thread.</summary>
    public void Install() => AppDomain.CurrentDomain.UnhandledException += (_, failure) =>
    {
        if (failure.ExceptionObject is Exception exception) Write(exception);
    };

    /// <summary>Writes the report, unless <c>crash-log-enabled</c> is off or there was one.</summary>
    public void Write(Exception exception)
    {
        if (!options.CrashLogEnabled.Value || Interlocked.Exchange(ref _isWritten, 1) != 0) return;

        log.WriteRaw(LogLevel.Warning, "\n\n=== VALKEY BUG REPORT START: Cut & paste starting from here ===\n");
        log.Write(LogLevel.Warning, $"Valkey {ServerVersion.Valkey} crashed by exception: {exception.GetType().FullName}: {exception.Message}");
        log.WriteRaw(LogLevel.Warning, $"\n------ STACK TRACE ------\n{exception}\n\n------ STACK TRACE DONE ------\n");
        foreach ((string heading, string text) in SafeContext())
            log.WriteRaw(LogLevel.Warning, $"\n------ {heading} ------\n{text}\n");
        log.WriteRaw(LogLevel.Warning, string.Create(
            CultureInfo.InvariantCulture,
            $"\n------ RUNTIME ------\n.NET {Environment.Version}, {Environment.ProcessorCount} CPUs, managed heap {GC.GetTotalMemory(forceFullCollection: false)} bytes\n"));
        log.WriteRaw(
            LogLevel.Warning,
            "\n=== VALKEY BUG REPORT END. Make sure to include from START to END. ===\n\n"
            + "       Please report the crash, with this report, where you got this server from.\n\n");
    }

    private IReadOnlyList<(string Heading, string Text)> SafeContext()
    {
        try
        {
            return Context();
        }
#pragma warning disable CA1031 // whatever fails here must not hide the failure that is being reported
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return [("CONTEXT", "not available: " + failure.Message)];
        }
    }
}
