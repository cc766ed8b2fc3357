// The server's log: NLog behind ILog, in Valkey's line format. NLog is configured in code, with a target of ours: no
// configuration file is looked for and no layout is parsed, which keeps the start short.
// Any thread. Never on the way of a command.

using NLog;
using NLog.Config;
using Valkey.Abstractions;
using Valkey.Host.Configuration;
using ValkeyLogLevel = Valkey.Abstractions.LogLevel;

namespace Valkey.Host.Logging;

/// <summary>Writes lines to standard output, to the log file and to syslog.</summary>
internal sealed class ServerLog : ILog, IDisposable
{
    private static readonly NLog.LogLevel[] s_levels = [NLog.LogLevel.Debug, NLog.LogLevel.Info, NLog.LogLevel.Warn, NLog.LogLevel.Error];

    private readonly LogFactory _factory = new() { AutoShutdown = false };
    private readonly ServerLogTarget _target = new();
    private readonly Logger _logger;
    private volatile int _threshold = (int)ValkeyLogLevel.Notice;

    public ServerLog()
    {
        LoggingConfiguration configuration = new(_factory);
        configuration.AddRule(NLog.LogLevel.Debug, NLog.LogLevel.Fatal, _target);
        _factory.Configuration = configuration;
        _logger = _factory.GetLogger("valkey");
    }

    /// <summary>Primary, replica, saving child: the letter behind the pid.</summary>
    public LogRole Role
    {
        get => _target.Role;
        set => _target.Role = value;
    }

    /// <summary>Takes over what the options say, now and whenever CONFIG SET changes them.</summary>
    public void Configure(HostOptions options)
    {
        _target.Configure(options);
        options.LogLevel.Applied = () => Follow(options);
        options.LogFormat.Applied = () => Follow(options);
        options.LogTimestampFormat.Applied = () => Follow(options);
        Follow(options);
    }

    /// <inheritdoc/>
    public bool IsEnabled(ValkeyLogLevel level) => (int)level >= _threshold;

    /// <inheritdoc/>
    public void Write(ValkeyLogLevel level, string message)
    {
        if (IsEnabled(level)) _logger.Log(s_levels[(int)level], message);
    }

    /// <summary>Writes text as it is, without time and newline: the logo, parts of a crash report.</summary>
    public void WriteRaw(ValkeyLogLevel level, string text)
    {
        if (IsEnabled(level)) _target.WriteRaw(text);
    }

    /// <summary>Lines carry a plugin's name: what plugins are given.</summary>
    public ILog ForPlugin(string name) => new PluginLog(this, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        _factory.Dispose();
        _target.Dispose();
    }

    private string? Follow(HostOptions options)
    {
        _threshold = options.LogLevel.Value;
        _target.Format = (LogFormat)options.LogFormat.Value;
        _target.TimestampFormat = (LogTimestampFormat)options.LogTimestampFormat.Value;
        return null;
    }

    private sealed class PluginLog(ServerLog log, string name) : ILog
    {
        public bool IsEnabled(ValkeyLogLevel level) => log.IsEnabled(level);

        public void Write(ValkeyLogLevel level, string message) => log.Write(level, $"<{name}> {message}");
    }
}
