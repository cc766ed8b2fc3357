// Latency spikes by event (LATENCY): the worst of each second in which something took longer than the threshold.
// Source: https://valkey.io/topics/latency-monitor/
// Holds always: 160 samples per event at most, a second at most once. Command thread only.

namespace Valkey.Host.Observability;

/// <summary>The worst of one second.</summary>
internal readonly record struct LatencySample(long UnixSeconds, long DurationMs);

/// <summary>What is known of one event.</summary>
internal sealed class LatencyEvent
{
    private const int SamplesMax = 160;
    private readonly List<LatencySample> _samples = [];

    /// <summary>The longest ever, milliseconds.</summary>
    public long WorstMs { get; private set; }

    /// <summary>The oldest first; never empty.</summary>
    public IReadOnlyList<LatencySample> Samples => _samples;

    public LatencySample Latest => _samples[^1];

    public void Add(long unixSeconds, long durationMs)
    {
        WorstMs = Math.Max(WorstMs, durationMs);
        if (_samples.Count > 0 && Latest.UnixSeconds == unixSeconds)
        {
            if (durationMs > Latest.DurationMs) _samples[^1] = new LatencySample(unixSeconds, durationMs);
            return;
        }

        if (_samples.Count == SamplesMax) _samples.RemoveAt(0);
        _samples.Add(new LatencySample(unixSeconds, durationMs));
    }
}

internal sealed class LatencyMonitor
{
    private readonly Server _server;
    private readonly Dictionary<string, LatencyEvent> _events = new(StringComparer.Ordinal);

    public LatencyMonitor(Server server)
    {
        _server = server;
        server.Options.LatencyMonitorThreshold.Applied = ApplyOptions;
        ApplyOptions();
    }

    /// <summary>Spikes from here on are noted, milliseconds; 0: off.</summary>
    public long ThresholdMs { get; private set; }

    public bool IsEnabled => ThresholdMs > 0;

    /// <summary>All events, in the order in which they came first.</summary>
    public IReadOnlyDictionary<string, LatencyEvent> Events => _events;

    /// <summary>Notes an event when it took long enough.</summary>
    public void Add(string name, long durationMs)
    {
        if (!IsEnabled || durationMs < ThresholdMs) return;
        if (!_events.TryGetValue(name, out LatencyEvent? noted)) _events.Add(name, noted = new LatencyEvent());
        noted.Add(_server.Clock.UnixSeconds, durationMs);
    }

    /// <summary>Forgets everything; the number of events that were there.</summary>
    public int Reset()
    {
        int count = _events.Count;
        _events.Clear();
        return count;
    }

    /// <summary>Forgets an event, whatever the case of its name.</summary>
    public bool Reset(string name)
    {
        string? known = null;
        foreach (string candidate in _events.Keys)
        {
            if (candidate.Equals(name, StringComparison.OrdinalIgnoreCase)) known = candidate;
        }

        return known is not null && _events.Remove(known);
    }

    private string? ApplyOptions()
    {
        ThresholdMs = _server.Options.LatencyMonitorThreshold.Value;
        return null;
    }
}
