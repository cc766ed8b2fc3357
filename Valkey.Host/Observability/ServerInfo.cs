// INFO server, cpu and debug: the process, its time, its loop.

using System.Globalization;
using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Host.Configuration;
using Valkey.Host.Process;

namespace Valkey.Host.Observability;

internal sealed class ServerInfo(Server server)
{
    private static readonly string s_operatingSystem = OperatingSystemText();
    private static readonly string s_buildId = typeof(ServerInfo).Module.ModuleVersionId.ToString("N")[..16];

    public void WriteServer(InfoWriter info)
    {
        long uptimeSeconds = server.Clock.UnixSeconds - server.StartedAtUnixSeconds;
        string mode = server.Options.ExtendedRedisCompatibility.Value ? "redis_mode" : "server_mode";
        info.Field("redis_version", ServerVersion.Redis);
        info.Field("server_name", ServerVersion.ServerName);
        info.Field("valkey_version", ServerVersion.Valkey);
        info.Field("valkey_release_stage", ServerVersion.ReleaseStage);
        info.Field("redis_git_sha1", ServerVersion.Commit);
        info.Field("redis_git_dirty", 0);
        info.Field("redis_build_id", s_buildId);
        info.Field(mode, "standalone");
        info.Field("os", s_operatingSystem);
        info.Field("arch_bits", IntPtr.Size * 8);
        info.Field("monotonic_clock", "POSIX clock_gettime");
        info.Field("multiplexing_api", "epoll");
        info.Field("runtime_version", RuntimeInformation.FrameworkDescription);
        info.Field("process_id", Environment.ProcessId);
        info.Field("process_supervised", server.Information.Supervisor);
        info.Field("run_id", server.RunId);
        info.Field("tcp_port", TcpPort());
        info.Field("server_time_usec", server.Clock.UnixUs);
        info.Field("uptime_in_seconds", uptimeSeconds);
        info.Field("uptime_in_days", uptimeSeconds / 86400);
        info.Field("hz", server.Cron.Hz);
        info.Field("configured_hz", server.Options.Hz.Value);
        info.Field("clients_hz", server.Cron.Hz);
        info.Field("lru_clock", server.AccessClock.Now);
        info.Field("executable", Path.GetFullPath(ProcessArguments.Program, ProcessArguments.StartDirectory));
        info.Field("config_file", server.Configuration.ConfigFile ?? "");
        info.Field("io_threads_active", 0);
        info.Field("availability_zone", server.OptionRegistry.Find("availability-zone")?.Text ?? "");
        int index = 0;
        foreach ((string _, string description) in server.Listeners.Descriptions) info.Field($"listener{index++}", description);
    }

    public void WriteCpu(InfoWriter info)
    {
        CpuTimes process = CpuTimes.Read(CpuTimes.Process);
        CpuTimes children = CpuTimes.Read(CpuTimes.Children);
        CpuTimes thread = CpuTimes.Read(CpuTimes.Thread);
        info.Field("used_cpu_sys", process.System);
        info.Field("used_cpu_user", process.User);
        info.Field("used_cpu_sys_children", children.System);
        info.Field("used_cpu_user_children", children.User);
        info.Field("used_cpu_sys_main_thread", thread.System);
        info.Field("used_cpu_user_main_thread", thread.User);
        info.Field("used_active_time_main_thread", Clock.MicrosecondsOf(server.Statistics.LoopTicksEver) / 1e6, 6);
    }

    public void WriteDebug(InfoWriter info)
    {
        Statistics statistics = server.Statistics;
        info.Field("eventloop_duration_aof_sum", Clock.MicrosecondsOf(statistics.AofTicks));
        info.Field("eventloop_duration_cron_sum", Clock.MicrosecondsOf(statistics.CronTicks));
        info.Field("eventloop_duration_max", Clock.MicrosecondsOf(statistics.EventLoopTicksMax));
        info.Field("eventloop_cmd_per_cycle_max", statistics.CommandsPerCycleMax);
    }

    private static string OperatingSystemText()
    {
        string machine = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "x86_64",
            Architecture.Arm64 => "aarch64",
            Architecture other => other.ToString().ToLowerInvariant(),
        };
        return $"Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()} {machine}";
    }

    private string TcpPort() =>
        server.OptionRegistry.Find("port") is IntegerOption port ? port.Value.ToString(CultureInfo.InvariantCulture) : "0";
}
