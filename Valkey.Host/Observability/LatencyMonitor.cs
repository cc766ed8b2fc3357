// Latency spikes by event (LATENCY). Source: https://valkey.io/topics/latency-monitor/

namespace Valkey.Host.Observability;

internal sealed class LatencyMonitor(Server server)
{
    private readonly Server _server = server;

    /// <summary>Spikes from here on are noted, milliseconds; 0: off.</summary>
    public long ThresholdMs { get; set; }

    public bool IsEnabled => ThresholdMs > 0;

    /// <summary>Notes an event when it took long enough.</summary>
    public void Add(string name, long durationMs)
    {
    }
}
