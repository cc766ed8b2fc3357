// Where lines end: descriptor 1 or the log file, and syslog beside it.
//
// The file is opened for each line, appended to and closed, as Valkey does: a log that logrotate moved or truncated is simply
// continued under its name. A line is one write(2), so lines of different threads and processes do not mix.

using System.Runtime.InteropServices;
using Valkey.Host.Configuration;
using Valkey.Host.Process;
using Valkey.Host.Text;
using ValkeyLogLevel = Valkey.Abstractions.LogLevel;

namespace Valkey.Host.Logging;

/// <summary>Writes lines. Any thread.</summary>
internal sealed unsafe class ServerLogOutput
{
    private const int StandardOutput = 1;
    private const uint FileMode = 0x1B6; // 0666, less the umask
    private const int SyslogPid = 0x01, SyslogNoDelay = 0x08, SyslogNoWait = 0x10;
    private const int SyslogDebug = 7, SyslogInfo = 6, SyslogNotice = 5, SyslogWarning = 4;

    // LOG_USER and LOG_LOCAL0 to 7, in the order of syslog-facility.
    private static readonly int[] s_facilities = [1 << 3, 16 << 3, 17 << 3, 18 << 3, 19 << 3, 20 << 3, 21 << 3, 22 << 3, 23 << 3];
    private static readonly int[] s_syslogPriorities = [SyslogDebug, SyslogInfo, SyslogNotice, SyslogWarning];

    private volatile string _path = "";
    private nint _syslogIdent;
    private volatile bool _usesSyslog;

    public LogFormat Format { get; set; }

    public LogTimestampFormat TimestampFormat { get; set; }

    public LogRole Role { get; set; }

    /// <summary>Takes the options that cannot change while the server runs.</summary>
    public void Configure(HostOptions options)
    {
        // The path is resolved now, so that a later change of `dir` does not move the log.
        _path = options.LogFile.Value.Length == 0 ? "" : Path.GetFullPath(options.LogFile.Value);
        if (!options.SyslogEnabled.Value || _usesSyslog) return;
        _syslogIdent = Marshal.StringToCoTaskMemUTF8(options.SyslogIdent.Value); // openlog keeps the pointer
        Libc.OpenLog((byte*)_syslogIdent, SyslogPid | SyslogNoDelay | SyslogNoWait, s_facilities[options.SyslogFacility.Value]);
        _usesSyslog = true;
    }

    /// <summary>Writes text as it is.</summary>
    public void WriteRaw(string text)
    {
        byte[] bytes = ByteText.ToBytes(text);
        if (_path.Length == 0)
        {
            _ = Libc.WriteAll(StandardOutput, bytes);
            return;
        }

        const int Flags = Libc.OpenWriteOnly | Libc.OpenAppend | Libc.OpenCreate | Libc.OpenCloseOnExec;
        int descriptor = Libc.Open(_path, Flags, FileMode);
        if (descriptor < 0) return; // there is nowhere left to say so
        _ = Libc.WriteAll(descriptor, bytes);
        _ = Libc.Close(descriptor);
    }

    /// <summary>Writes one line in the chosen format.</summary>
    public void WriteLine(ValkeyLogLevel level, string message)
    {
        WriteRaw(LogLine.Render(Format, TimestampFormat, Environment.ProcessId, Role, level, DateTime.UtcNow, message));
        if (_usesSyslog) Libc.SysLog(s_syslogPriorities[(int)level], "%s", message);
    }
}
