// What is done again and again: hz times a second a look at clients and databases, once a second the slow things.

using System.Diagnostics;
using Valkey.Host.Clients;
using Valkey.Host.Keyspace;
using Valkey.Host.Loop;
using Valkey.Structures;

namespace Valkey.Host.Lifecycle;

internal sealed class ServerCron(Server server)
{
    private const int ClientsPerCallMin = 5;
    private const int RehashBucketsPerCall = 200;
    private LoopTimer? _timer;
    private int _clientIndex;
    private long _ticks;

    /// <summary>DEBUG PAUSE-CRON.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Milliseconds without use after which a client's reply buffer peak is forgotten; -1: never.</summary>
    public long ReplyBufferPeakResetMs { get; set; } = 5000;

    /// <summary>DEBUG REPLYBUFFER RESIZING.</summary>
    public bool ReplyBufferResizing { get; set; } = true;

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
        LookAtClients();
        LookAtDatabases();
        _ticks++;
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
        if (!server.Options.ActiveRehashing.Value) return;
        foreach (Database database in server.Databases)
        {
            database.Keys.Step(RehashBucketsPerCall);
            database.Expires.Step(RehashBucketsPerCall);
        }
    }

    /// <summary>Looks at so many clients that each is looked at about once a second.</summary>
    private void LookAtClients()
    {
        long count = Math.Max(Math.Min(server.Clients.Count, ClientsPerCallMin), server.Clients.Count / Hz);
        for (; count > 0 && server.Clients.Count > 0; count--)
        {
            if (_clientIndex >= server.Clients.Count) _clientIndex = 0;
            Client client = server.Clients.All[_clientIndex++];
            LookAt(client);
        }
    }

    private void LookAt(Client client)
    {
        long idleMs = server.Clock.UnixMs - client.LastInteractionUnixMs;
        if (TimedOut(client, idleMs)) return;
        FitQueryBuffer(client, idleMs);
        FitReplyBuffer(client);
        server.ClientMemory.Update(client);
        server.OutputLimits.Check(client, asynchronously: false);
    }

    private bool TimedOut(Client client, long idleMs)
    {
        if (client.Blocked is { DeadlineUnixMs: > 0 } blocked && server.Clock.UnixMs >= blocked.DeadlineUnixMs)
        {
            blocked.OnTimeout(client);
            return false;
        }

        long timeoutSeconds = server.Options.Timeout.Value;
        bool isExempt = client.Has(ClientFlags.Replica | ClientFlags.Primary | ClientFlags.PubSub) || client.Blocked is not null;
        if (timeoutSeconds == 0 || isExempt || idleMs <= timeoutSeconds * 1000) return false;
        if (server.Log.IsEnabled(Valkey.Abstractions.LogLevel.Verbose))
            server.Log.Write(Valkey.Abstractions.LogLevel.Verbose, $"Closing idle client id={client.Id} addr={client.Address}");
        server.Clients.Free(client);
        return true;
    }

    /// <summary>A query buffer that is idle or much larger than what was needed lately shrinks.</summary>
    private static void FitQueryBuffer(Client client, long idleMs)
    {
        ref QueryBuffer query = ref client.Query;
        if (!query.IsAllocated) return;
        bool isIdle = idleMs > 2000;
        if (isIdle && query.UsedBytes == 0)
        {
            query.Free();
            return;
        }

        bool isOversized = query.CapacityBytes > QueryBuffer.BigArgumentBytes && query.CapacityBytes / 2 > query.PeakBytes;
        if (query.FreeBytes > 4096 && (isIdle || isOversized))
        {
            nint wanted = query.UsedBytes;
            if (!isIdle && client.Partial is { IsOpen: true, BulkLength: > 0 }) wanted = (nint)client.Partial.BulkLength + 2;
            query.Resize(Math.Max(wanted, isIdle ? 0 : query.PeakBytes));
        }

        query.PeakBytes = client.Partial is { IsOpen: true, BulkLength: > 0 }
            ? Math.Max(query.UsedBytes, (nint)client.Partial.BulkLength + 2)
            : query.UsedBytes;
    }

    private void FitReplyBuffer(Client client)
    {
        if (!ReplyBufferResizing) return;
        int change = client.Output.ResizeForUse();
        if (change < 0) server.Statistics.ReplyBufferShrinks++;
        if (change > 0) server.Statistics.ReplyBufferExpands++;
        if (ReplyBufferPeakResetMs >= 0 && server.Clock.UnixMs - client.Output.PeakResetAtMs >= ReplyBufferPeakResetMs)
            client.Output.ResetPeak(server.Clock.UnixMs);
    }
}
