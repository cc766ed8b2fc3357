// One line of the log as text: PID:ROLE time LEVEL message, or the same facts as logfmt or JSON. Any thread.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Process;

namespace Valkey.Host.Logging;

internal static class LogLine
{
    private static readonly string[] s_months =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    private static readonly string[] s_levels = ["debug", "info", "notice", "warning"];
    private static readonly string[] s_roles = ["primary", "replica", "RDB/AOF", "sentinel"];

    /// <summary>The line with its newline.</summary>
    public static string Render(
        LogFormat format, LogTimestampFormat timestampFormat, int processId, LogRole role, LogLevel level, DateTime utc, string message)
    {
        string timestamp = Timestamp(timestampFormat, utc);
        return format switch
        {
            LogFormat.Logfmt => string.Create(
                CultureInfo.InvariantCulture,
                $"pid={processId} role={s_roles[(int)role]} timestamp=\"{timestamp}\" level={s_levels[(int)level]} message=\"{ForLogfmt(message)}\"\n"),
            LogFormat.Json => string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"pid\":{processId},\"role\":\"{s_roles[(int)role]}\",\"timestamp\":\"{timestamp}\",\"level\":\"{s_levels[(int)level]}\",\"message\":\"{ForJson(message)}\"}}\n"),
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"{processId}:{"MSCX"[(int)role]} {timestamp} {".-*#"[(int)level]} {message}\n"),
        };
    }

    private static unsafe string Timestamp(LogTimestampFormat format, DateTime utc)
    {
        long unixMs = (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        if (format == LogTimestampFormat.Milliseconds) return unixMs.ToString(CultureInfo.InvariantCulture);

        // The C library's time zone: a tenth of the cost of loading .NET's at start.
        long seconds = unixMs / 1000;
        Libc.BrokenDownTime local;
        if (Libc.LocalTime(&seconds, &local) == 0) local = default;
        int ms = (int)(unixMs % 1000);
        if (format == LogTimestampFormat.Legacy)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{local.DayOfMonth:00} {s_months[local.Month]} {local.YearSince1900 + 1900} {local.Hour:00}:{local.Minute:00}:{local.Second:00}.{ms:000}");
        }

        long offset = Math.Abs(local.OffsetSeconds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{local.YearSince1900 + 1900}-{local.Month + 1:00}-{local.DayOfMonth:00}T{local.Hour:00}:{local.Minute:00}:{local.Second:00}.{ms:000}{(local.OffsetSeconds < 0 ? '-' : '+')}{offset / 3600:00}:{offset % 3600 / 60:00}");
    }

    private static string ForLogfmt(string message) =>
        message.AsSpan().IndexOfAny('"', '\n', '\r') < 0
            ? message
            : message.Replace('"', '\'').Replace('\n', ' ').Replace('\r', ' ');

    private static string ForJson(string message)
    {
        StringBuilder text = new(message.Length);
        foreach (char letter in message)
        {
            _ = letter switch
            {
                '"' or '\\' => text.Append('\\').Append(letter),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => text.Append(letter),
            };
        }

        return text.ToString();
    }
}
