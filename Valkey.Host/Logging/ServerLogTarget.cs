// NLog's end of the log: hands each event to the output.

using NLog;
using NLog.Targets;
using ValkeyLogLevel = Valkey.Abstractions.LogLevel;

namespace Valkey.Host.Logging;

/// <summary>The only target.</summary>
internal sealed class ServerLogTarget(ServerLogOutput output) : Target
{
    /// <inheritdoc/>
    protected override void Write(LogEventInfo logEvent) => output.WriteLine(LevelOf(logEvent.Level), logEvent.Message);

    private static ValkeyLogLevel LevelOf(LogLevel level) =>
        level == LogLevel.Debug ? ValkeyLogLevel.Debug
        : level == LogLevel.Info ? ValkeyLogLevel.Verbose
        : level == LogLevel.Warn ? ValkeyLogLevel.Notice
        : ValkeyLogLevel.Warning;
}
