// The server as a process among others: background or supervised, pid file, title, limits, scores, CPUs. One object that the
// start calls in order and the end calls once; the options that can change later are followed from here.
// Command thread only.

using Valkey.Host.Configuration;
using Valkey.Host.Logging;
using LogLevel = Valkey.Abstractions.LogLevel;

namespace Valkey.Host.Process;

/// <summary>What the process shows to the system.</summary>
internal sealed class HostProcess
{
    private static byte[]? s_standardInput;

    private readonly HostOptions _options;
    private readonly ServerLog _log;
    private readonly ServerConfiguration _configuration;
    private readonly OomScore _oomScore;
    private ProcessTitleValues? _title;
    private Supervision? _supervision;
    private string _pidFile = "";

    public HostProcess(HostOptions options, ServerLog log, ServerConfiguration configuration)
    {
        _options = options;
        _log = log;
        _configuration = configuration;
        _oomScore = new OomScore(options, log);
        options.MaxClients.Applied = () => OpenFilesLimit.TryAdjust(options, log);
        options.OomScoreAdj.Applied = ApplyOomScore;
        options.OomScoreAdjValuesOption.Applied = ApplyOomScore;
        options.ProcTitleTemplate.Applied = ShowTitle;
    }

    /// <summary>Which part we play, for the score.</summary>
    public OomProcessClass OomClass { get; set; } = OomProcessClass.Primary;

    /// <summary>Who supervises us: no, systemd or upstart.</summary>
    public string SupervisorName => (_supervision?.Mode ?? SupervisionMode.No).ToString().ToLowerInvariant();

    /// <summary>Transparent huge pages are in use in this process.</summary>
    public bool UsesHugePages { get; private set; }

    /// <summary>Standard input to its end; kept, because a server that goes to the background hands it on.</summary>
    public static byte[] ReadStandardInput()
    {
#pragma warning disable RS0030 // before the server runs, and a stream of bytes
        using Stream input = Console.OpenStandardInput();
#pragma warning restore RS0030
        using MemoryStream bytes = new();
        input.CopyTo(bytes);
        return s_standardInput = bytes.ToArray();
    }

    /// <summary>Reports to a supervisor, goes to the background where that is asked for, checks the system.</summary>
    /// <returns>Whether this process is to exit with 0 now, because the server runs in the background.</returns>
    /// <exception cref="StartupException">It was not possible to go to the background.</exception>
    public bool EnterBackground()
    {
        _supervision = new Supervision((SupervisionMode)_options.Supervised.Value, _log);
        bool isBackground = _options.Daemonize.Value && !_supervision.IsActive;
        if (isBackground && !Daemon.IsDetached)
        {
            string? error = Daemon.Start(s_standardInput);
            return error is null ? true : throw new StartupException("Can't go to the background: " + error);
        }

        UsesHugePages = SystemChecks.CheckMemory(_options, _log);
        s_standardInput = null;
        _pidFile = _options.PidFile.Value.Length > 0 ? Path.GetFullPath(_options.PidFile.Value)
            : isBackground ? PidFile.DefaultPath
            : "";
        return false;
    }

    /// <summary>Raises limits and writes the pid file. Called when the core stands and before plugins are loaded.</summary>
    /// <exception cref="StartupException">There are too few file descriptors.</exception>
    public void Settle()
    {
        OpenFilesLimit.Adjust(_options, _log);
        if (_pidFile.Length > 0) PidFile.Write(_pidFile, _log);
    }

    /// <summary>Shows the title; called again whenever a listener has changed.</summary>
    public void ShowTitle(string bindAddress, long port, long tlsPort, string unixSocket, string serverMode)
    {
        _title = new ProcessTitleValues(
            ProcessArguments.Program, bindAddress, port, tlsPort, unixSocket, serverMode, _configuration.ConfigFile);
        _ = ShowTitle();
    }

    /// <summary>The server accepts connections; the command thread is the calling one.</summary>
    public void Ready()
    {
        _supervision?.Ready();
        if (!CpuAffinity.Apply(_options.ServerCpuList.Value))
            _log.Write(LogLevel.Warning, $"server-cpulist '{_options.ServerCpuList.Value}' could not be applied.");
        _ = ApplyOomScore();
    }

    /// <summary>The end begins.</summary>
    public void Stopping() => _supervision?.Stopping();

    /// <summary>The last act.</summary>
    public void Leave()
    {
        if (_pidFile.Length == 0) return;
        _log.Write(LogLevel.Notice, "Removing the pid file.");
        PidFile.Remove(_pidFile);
    }

    private string? ApplyOomScore() => _oomScore.Apply(OomClass);

    private string? ShowTitle()
    {
        if (!_options.SetProcTitle.Value || _title is null) return null;
        string? title = ProcessTitle.Expand(_options.ProcTitleTemplate.Value, _title);
        if (title is null) return "failed to set process title";
        ProcessTitle.Set(title);
        return null;
    }
}
