// The process above us: systemd is told our state through its socket, upstart waits for us to stop ourselves once.

using System.Net.Sockets;
using System.Text;
using Valkey.Abstractions;

namespace Valkey.Host.Process;

/// <summary>supervised.</summary>
internal enum SupervisionMode
{
    Upstart,
    Systemd,
    Auto,
    No,
}

/// <summary>Talks to the supervisor. Command thread only.</summary>
internal sealed class Supervision
{
    private const int SignalStop = 19;

    private readonly ILog _log;

    public Supervision(SupervisionMode mode, ILog log)
    {
        _log = log;
        if (mode == SupervisionMode.Auto) mode = Detect();
        IsActive = mode switch
        {
            SupervisionMode.Upstart => StartUnderUpstart(),
            SupervisionMode.Systemd => StartUnderSystemd(),
            _ => false,
        };
        Mode = IsActive ? mode : SupervisionMode.No;
    }

    /// <summary>Who supervises us; never Auto.</summary>
    public SupervisionMode Mode { get; }

    /// <summary>We are supervised, so we stay in the foreground.</summary>
    public bool IsActive { get; }

    /// <summary>The server accepts connections.</summary>
    public void Ready()
    {
        if (Mode == SupervisionMode.Systemd) _ = Notify("STATUS=Ready to accept connections\nREADY=1\n");
    }

    /// <summary>What the server is doing, for <c>systemctl status</c>.</summary>
    public void Status(string text)
    {
        if (Mode == SupervisionMode.Systemd) _ = Notify($"STATUS={text}\n");
    }

    /// <summary>The server is going down.</summary>
    public void Stopping()
    {
        if (Mode == SupervisionMode.Systemd) _ = Notify("STOPPING=1\n");
    }

    private SupervisionMode Detect()
    {
        if (Environment.GetEnvironmentVariable("UPSTART_JOB") is not null)
        {
            _log.Write(LogLevel.Verbose, "Upstart supervision detected.");
            return SupervisionMode.Upstart;
        }

        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is null) return SupervisionMode.No;
        _log.Write(LogLevel.Verbose, "Systemd supervision detected.");
        return SupervisionMode.Systemd;
    }

    private bool StartUnderUpstart()
    {
        if (Environment.GetEnvironmentVariable("UPSTART_JOB") is null)
        {
            _log.Write(LogLevel.Warning, "upstart supervision requested, but UPSTART_JOB not found!");
            return false;
        }

        _log.Write(LogLevel.Notice, "supervised by upstart, will stop to signal readiness.");
        _ = Libc.Raise(SignalStop);
        Environment.SetEnvironmentVariable("UPSTART_JOB", null);
        return true;
    }

    private bool StartUnderSystemd()
    {
        if (!Notify("STATUS=Valkey is loading...\n")) return false;
        _log.Write(
            LogLevel.Notice,
            "Supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and TimeoutStopSec in your "
            + "service unit.");
        return true;
    }

    private bool Notify(string message)
    {
        string? path = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        if (string.IsNullOrEmpty(path))
        {
            _log.Write(LogLevel.Warning, "systemd supervision error: NOTIFY_SOCKET not found!");
            return false;
        }

        try
        {
            // A name that begins with @ lies in the abstract namespace, whose first byte is zero.
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
            socket.Send(Encoding.UTF8.GetBytes(message));
            return true;
        }
        catch (SocketException failure)
        {
            _log.Write(LogLevel.Warning, "systemd supervision error: sd_notify: " + failure.Message);
            return false;
        }
    }
}
