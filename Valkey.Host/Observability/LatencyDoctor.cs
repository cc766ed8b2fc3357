// LATENCY DOCTOR: the spikes in words, and what may help against each kind.

using System.Globalization;
using System.Text;

namespace Valkey.Host.Observability;

internal sealed class LatencyDoctor(Server server)
{
    /// <summary>Events, and the advice that they call for.</summary>
    private static readonly (string Event, string[] Advice)[] s_causes =
    [
        ("command", ["commandlog", "large-values"]),
        ("fast-command", ["scheduling"]),
        ("fork", ["memory-pages"]),
        ("aof-write-pending-fsync", ["local-disk", "disk-contention"]),
        ("aof-write-active-child", ["fsync-on-rewrite", "disk-contention"]),
        ("aof-write-alone", ["local-disk"]),
        ("aof-fsync-always", ["fsync-policy"]),
        ("aof-fstat", ["local-disk", "disk-contention"]),
        ("aof-rename", ["local-disk", "disk-contention"]),
        ("rdb-unlink-temp-file", ["local-disk", "disk-contention"]),
        ("expire-cycle", ["hz", "large-values"]),
        ("eviction-del", ["large-values"]),
        ("eviction-cycle", ["sudden-eviction"]),
    ];

    private static readonly Dictionary<string, string> s_advice = new()
    {
        ["commandlog"] = "Commands themselves were slow. COMMANDLOG GET 10 slow shows which; see "
            + "https://valkey.io/commands/commandlog-get/.",
        ["large-values"] = "Deleting, expiring and evicting very large values takes time. Keep the lazyfree options on, or "
            + "divide such values.",
        ["scheduling"] = "Commands that are always quick were slow: the process did not get the processor, or memory had to be "
            + "collected. Lower the load of the machine, look for noisy neighbours, and see INFO gc for the longest pause.",
        ["memory-pages"] = "Forking takes time in proportion to the memory. Prefer machines whose hypervisor forks fast, and "
            + "turn transparent huge pages off.",
        ["local-disk"] = "Put persistence on a local disk, a fast one where much is written.",
        ["disk-contention"] = "Something else writes to the same disk. Find out what, and move it.",
        ["fsync-on-rewrite"] = "If losing the last seconds is acceptable, no-appendfsync-on-rewrite avoids waiting while a child "
            + "writes.",
        ["fsync-policy"] = "appendfsync is always. everysec waits far less often.",
        ["hz"] = "A higher hz (CONFIG SET hz 100) spreads the work on expired keys more evenly.",
        ["sudden-eviction"] = "Much had to be evicted at once: maxmemory was lowered, or large values came. Avoid both.",
    };

    public string Report()
    {
        IReadOnlyDictionary<string, LatencyEvent> events = server.Latency.Events;
        if (events.Count == 0 && !server.Latency.IsEnabled)
        {
            return "Latency is not being watched: the monitor is off. CONFIG SET latency-monitor-threshold <milliseconds> "
                + "turns it on.\n";
        }

        if (events.Count == 0) return "Nothing took longer than the threshold since this Valkey instance was started.\n";

        StringBuilder report = new("There were latency spikes in this Valkey instance.\n\n");
        SortedSet<string> wanted = [];
        int number = 0;
        foreach ((string name, LatencyEvent noted) in events)
        {
            report.Append(Describe(++number, name, noted));
            foreach ((string cause, string[] advice) in s_causes)
            {
                if (cause == name) wanted.UnionWith(advice);
            }
        }

        AppendAdvice(report, wanted);
        return report.ToString();
    }

    private static void AppendAdvice(StringBuilder report, SortedSet<string> wanted)
    {
        if (wanted.Count == 0)
        {
            report.Append("\nThere is no ready advice for these events.\n");
            return;
        }

        report.Append("\nWhat may help:\n\n");
        foreach (string advice in wanted) report.Append("- ").Append(s_advice[advice]).Append('\n');
    }

    private string Describe(int number, string name, LatencyEvent noted)
    {
        IReadOnlyList<LatencySample> samples = noted.Samples;
        long sumMs = 0;
        foreach (LatencySample sample in samples) sumMs += sample.DurationMs;
        long averageMs = sumMs / samples.Count;
        long deviationMs = 0;
        foreach (LatencySample sample in samples) deviationMs += Math.Abs(sample.DurationMs - averageMs);
        double periodSeconds = Math.Max(1, server.Clock.UnixSeconds - samples[0].UnixSeconds) / (double)samples.Count;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{number}. {name}: {samples.Count} latency spikes (average {averageMs}ms, mean deviation "
            + $"{deviationMs / samples.Count}ms, period {periodSeconds:F2} sec). Worst all time event {noted.WorstMs}ms.\n");
    }
}
