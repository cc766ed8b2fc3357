// Per-second rates of INFO: averages over the last samples of growing counters.

namespace Valkey.Host.Observability;

internal sealed class Rate
{
    private const int SampleCount = 16;
    private readonly long[] _samples = new long[SampleCount];
    private long _lastTimeMs;
    private long _lastValue;
    private int _next;

    /// <summary>Average per second.</summary>
    public long PerSecond
    {
        get
        {
            long sum = 0;
            foreach (long sample in _samples) sum += sample;
            return sum / SampleCount;
        }
    }

    public void Sample(long value, long nowMs)
    {
        if (_lastTimeMs > 0)
        {
            long elapsedMs = Math.Max(1, nowMs - _lastTimeMs);
            _samples[_next] = (value - _lastValue) * 1000 / elapsedMs;
            _next = (_next + 1) % SampleCount;
        }

        _lastTimeMs = nowMs;
        _lastValue = value;
    }

    public void Reset()
    {
        Array.Clear(_samples);
        _lastTimeMs = 0;
    }
}

internal sealed class Rates
{
    private const long IntervalMs = 100;
    private long _lastMs;

    public Rate Commands { get; } = new();

    public Rate NetInput { get; } = new();

    public Rate NetOutput { get; } = new();

    public Rate EventLoopCycles { get; } = new();

    public Rate EventLoopTicks { get; } = new();

    /// <summary>How long a turn of the loop takes on average, microseconds.</summary>
    public long EventLoopTurnUs =>
        EventLoopCycles.PerSecond == 0 ? 0 : Clock.MicrosecondsOf(EventLoopTicks.PerSecond / EventLoopCycles.PerSecond);

    /// <summary>Called by the cron; samples ten times a second.</summary>
    public void Sample(Server server)
    {
        long nowMs = server.Clock.UnixMs;
        if (nowMs - _lastMs < IntervalMs) return;
        _lastMs = nowMs;
        Commands.Sample(server.Statistics.CommandsProcessed, nowMs);
        NetInput.Sample(server.Statistics.NetInputBytes, nowMs);
        NetOutput.Sample(server.Statistics.NetOutputBytes, nowMs);
        EventLoopCycles.Sample(server.Statistics.EventLoopCycles, nowMs);
        EventLoopTicks.Sample(server.Statistics.EventLoopTicks, nowMs);
    }

    public void Reset()
    {
        Commands.Reset();
        NetInput.Reset();
        NetOutput.Reset();
        EventLoopCycles.Reset();
        EventLoopTicks.Reset();
    }
}
