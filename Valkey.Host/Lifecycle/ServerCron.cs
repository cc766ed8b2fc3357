// What is done again and again: hz times a second a look at clients and databases, once a second the slow things.

using System.Diagnostics;
using Valkey.Host.Clients;
using Valkey.Host.Keyspace;
using Valkey.Host.Loop;
using Valkey.Structures;

namespace Valkey.Host.Lifecycle;

internal sealed class ServerCron(Server server)
{
    private const int RehashBucketsPerCall = 200;
    private LoopTimer? _timer;

    /// <summary>The part that looks at clients.</summary>
    public ClientCron Clients { get; } = new(server);

    /// <summary>DEBUG PAUSE-CRON.</summary>
    public bool IsPaused { get; set; }

    /// <summary>DEBUG REPLYBUFFER PEAK-RESET-TIME.</summary>
    public long ReplyBufferPeakResetMs
    {
        get => Clients.ReplyBufferPeakResetMs;
        set => Clients.ReplyBufferPeakResetMs = value;
    }

    /// <summary>DEBUG REPLYBUFFER RESIZING.</summary>
    public bool ReplyBufferResizing
    {
        get => Clients.ReplyBufferResizing;
        set => Clients.ReplyBufferResizing = value;
    }

    /// <summary>Runs per second now.</summary>
    public long Hz => Math.Clamp(server.Options.Hz.Value, 1, 500);

    public void Start() => _timer = server.Loop.Timers.Start(1, 1000 / Hz, Run);

    /// <summary>hz changed.</summary>
    public void ApplyHz() => _timer?.ChangePeriod(1000 / Hz);

    private void Run()
    {
        long startTicks = Stopwatch.GetTimestamp();
        RunOnce();
        server.Statistics.CronTicks += Stopwatch.GetTimestamp() - startTicks;
    }

    private void RunOnce()
    {
        _timer!.ChangePeriod(1000 / Hz);
        server.AccessClock.Update(server.Clock.UnixSeconds);
        server.Information.Rates.Sample(server);
        NotePeak();
        if (IsPaused) return;
        server.Shutdown.Cron();
        Clients.Run();
        LookAtDatabases();
        server.Snapshots.Cron();
    }

    private void NotePeak()
    {
        long used = NativeHeap.UsedBytes;
        if (used <= server.Statistics.PeakMemoryBytes) return;
        server.Statistics.PeakMemoryBytes = used;
        server.Statistics.PeakMemoryUnixSeconds = server.Clock.UnixSeconds;
    }

    private void LookAtDatabases()
    {
        server.Expiry.SlowCycle();
        if (server.IsLoading) return; // tables were made for what is coming
        if (!server.Options.ActiveRehashing.Value) return;
        foreach (Database database in server.Databases)
        {
            database.Keys.Step(RehashBucketsPerCall);
            database.Expires.Step(RehashBucketsPerCall);
            database.ExpiringItems.Step(RehashBucketsPerCall);
        }
    }
}
