// The server's log: NLog behind ILog, in Valkey's line format. NLog is configured in code, with a target of ours: no
// configuration file is looked for and no layout is parsed. Even so its first use costs 40 ms and more of compilation, a good
// part of the whole start; so it is set up on a thread of its own, and lines go straight to its target until it is there.
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
    private readonly ServerLogOutput _output = new();
    private readonly Thread _setup;
    private volatile Pipeline? _pipeline;
    private volatile int _threshold = (int)ValkeyLogLevel.Notice;

    public ServerLog()
    {
        _setup = new Thread(() => _pipeline = new Pipeline(_output)) { Name = "log-setup", IsBackground = true };
        _setup.Start();
    }

    /// <summary>Primary, replica, saving child: the letter behind the pid.</summary>
    public LogRole Role
    {
        get => _output.Role;
        set => _output.Role = value;
    }

    /// <summary>Takes over what the options say, now and whenever CONFIG SET changes them.</summary>
    public void Configure(HostOptions options)
    {
        _output.Configure(options);
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
        if (!IsEnabled(level)) return;
        if (_pipeline is { } pipeline) pipeline.Write(level, message);
        else _output.WriteLine(level, message);
    }

    /// <summary>Writes text as it is, without time and newline: the logo, parts of a crash report.</summary>
    public void WriteRaw(ValkeyLogLevel level, string text)
    {
        if (IsEnabled(level)) _output.WriteRaw(text);
    }

    /// <summary>Lines carry a plugin's name: what plugins are given.</summary>
    public ILog ForPlugin(string name) => new PluginLog(this, name);

    /// <summary>Waits until lines go through NLog: before fork, when no thread may be left in between.</summary>
    public void WaitUntilSetUp() => _setup.Join();

    /// <inheritdoc/>
    public void Dispose()
    {
        _setup.Join();
        _pipeline?.Dispose();
    }

    private string? Follow(HostOptions options)
    {
        _threshold = options.LogLevel.Value;
        _output.Format = (LogFormat)options.LogFormat.Value;
        _output.TimestampFormat = (LogTimestampFormat)options.LogTimestampFormat.Value;
        return null;
    }

    /// <summary>NLog with our target behind it.</summary>
    private sealed class Pipeline : IDisposable
    {
        private static readonly NLog.LogLevel[] s_levels =
            [NLog.LogLevel.Debug, NLog.LogLevel.Info, NLog.LogLevel.Warn, NLog.LogLevel.Error];

        private readonly LogFactory _factory = new() { AutoShutdown = false };
        private readonly ServerLogTarget _target;
        private readonly Logger _logger;

        public Pipeline(ServerLogOutput output)
        {
            _target = new ServerLogTarget(output);
            LoggingConfiguration configuration = new(_factory);
            configuration.AddRule(NLog.LogLevel.Debug, NLog.LogLevel.Fatal, _target);
            _factory.Configuration = configuration;
            _logger = _factory.GetLogger("valkey");
        }

        public void Write(ValkeyLogLevel level, string message) => _logger.Log(s_levels[(int)level], message);

        public void Dispose()
        {
            _factory.Dispose();
            _target.Dispose();
        }
    }

    private sealed class PluginLog(ServerLog log, string name) : ILog
    {
        public bool IsEnabled(ValkeyLogLevel level) => log.IsEnabled(level);

        public void Write(ValkeyLogLevel level, string message) => log.Write(level, $"<{name}> {message}");
    }
}
