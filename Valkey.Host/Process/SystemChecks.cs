// What in the system's settings will hurt this server later: said once, at start, with the remedy.

using System.Globalization;
using Valkey.Abstractions;
using Valkey.Host.Configuration;

namespace Valkey.Host.Process;

internal static class SystemChecks
{
    private const string Overcommit = "/proc/sys/vm/overcommit_memory";
    private const string HugePages = "/sys/kernel/mm/transparent_hugepage/enabled";
    private const string SocketBacklog = "/proc/sys/net/core/somaxconn";

    /// <summary>Checks memory settings, and turns huge pages off for this process where <c>disable-thp</c> says so.</summary>
    /// <returns>Whether transparent huge pages are in use here.</returns>
    public static bool CheckMemory(HostOptions options, ILog log)
    {
        if (ReadWord(Overcommit) is { } overcommit && overcommit != "1" && !IsIgnored(options, "overcommit"))
        {
            log.Write(
                LogLevel.Warning,
                "WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory "
                + "condition. To fix this issue add 'vm.overcommit_memory = 1' to /etc/sysctl.conf and then reboot or run the "
                + "command 'sysctl vm.overcommit_memory=1' for this to take effect.");
        }

        if (ReadWord(HugePages)?.Contains("[always]", StringComparison.Ordinal) != true) return false;
        if (options.DisableThp.Value && Libc.Prctl(Libc.PrctlSetThpDisable, 1, 0, 0, 0) == 0) return false;
        if (!IsIgnored(options, "thp"))
        {
            log.Write(
                LogLevel.Warning,
                "WARNING You have Transparent Huge Pages (THP) support enabled in your kernel. This will create latency and memory "
                + "usage issues with Valkey. To fix this issue run the command 'echo madvise > "
                + "/sys/kernel/mm/transparent_hugepage/enabled' as root, and add it to your /etc/rc.local in order to retain the "
                + "setting after a reboot. Valkey must be restarted after THP is disabled (set to 'madvise' or 'never').");
        }

        return true;
    }

    /// <summary>The kernel silently cuts a listener's backlog to its own limit.</summary>
    public static void CheckBacklog(long backlog, ILog log)
    {
        if (!long.TryParse(ReadWord(SocketBacklog), CultureInfo.InvariantCulture, out long limit)) return;
        if (limit <= 0 || limit >= backlog) return;
        log.Write(LogLevel.Warning, string.Create(
            CultureInfo.InvariantCulture,
            $"WARNING: The TCP backlog setting of {backlog} cannot be enforced because /proc/sys/net/core/somaxconn is set to the lower value of {limit}."));
    }

    /// <summary>Whether <c>ignore-warnings</c> names this one.</summary>
    internal static bool IsIgnored(HostOptions options, string warning)
    {
        foreach (string ignored in options.IgnoreWarnings.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ignored.Equals(warning, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static string? ReadWord(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null; // not this kernel's
        }
    }
}
