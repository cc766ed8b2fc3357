// The part of the cron that looks at clients, each about once a second: idle ones are closed, buffers fitted to their use,
// memory counted, output limits checked.

using Valkey.Abstractions;

namespace Valkey.Host.Clients;

internal sealed class ClientCron(Server server)
{
    private const int ClientsPerCallMin = 5;
    private const int PeakSlotCount = 8; // one per second: INFO shows the largest of the last seconds
    private const int IdleMsMax = 2000;
    private const int WasteMinBytes = 4096;

    private readonly (long InputBytes, long OutputBytes)[] _peaks = new (long, long)[PeakSlotCount];
    private int _nextIndex;

    /// <summary>Milliseconds after which the peak of a client's reply buffer is forgotten; -1: never.</summary>
    public long ReplyBufferPeakResetMs { get; set; } = 5000;

    /// <summary>Reply buffers are fitted to their use.</summary>
    public bool ReplyBufferResizing { get; set; } = true;

    /// <summary>INFO's client_recent_max_input_buffer.</summary>
    public long RecentInputMaxBytes
    {
        get
        {
            long max = 0;
            foreach ((long inputBytes, long _) in _peaks) max = Math.Max(max, inputBytes);
            return max;
        }
    }

    /// <summary>INFO's client_recent_max_output_buffer.</summary>
    public long RecentOutputMaxBytes
    {
        get
        {
            long max = 0;
            foreach ((long _, long outputBytes) in _peaks) max = Math.Max(max, outputBytes);
            return max;
        }
    }

    /// <summary>Looks at so many clients that each is looked at about once a second.</summary>
    public void Run()
    {
        int slot = (int)(server.Clock.UnixSeconds % PeakSlotCount);
        _peaks[(slot + 1) % PeakSlotCount] = default;
        long count = Math.Max(Math.Min(server.Clients.Count, ClientsPerCallMin), server.Clients.Count / server.Cron.Hz);
        for (; count > 0 && server.Clients.Count > 0; count--)
        {
            if (_nextIndex >= server.Clients.Count) _nextIndex = 0;
            LookAt(server.Clients.All[_nextIndex++], slot);
        }
    }

    private void LookAt(Client client, int slot)
    {
        long idleMs = server.Clock.UnixMs - client.LastInteractionUnixMs;
        if (ClosedAsIdle(client, idleMs)) return;
        FitQueryBuffer(client, idleMs);
        FitReplyBuffer(client);
        ref (long InputBytes, long OutputBytes) peak = ref _peaks[slot];
        peak.InputBytes = Math.Max(peak.InputBytes, client.Query.CapacityBytes + ClientMemory.ArgumentBytesOf(client));
        peak.OutputBytes = Math.Max(peak.OutputBytes, client.Output.ListBytes);
        server.ClientMemory.Update(client);
        server.OutputLimits.Check(client, asynchronously: false);
    }

    private bool ClosedAsIdle(Client client, long idleMs)
    {
        long timeoutSeconds = server.Options.Timeout.Value;
        bool isExempt = client.Has(ClientFlags.Replica | ClientFlags.Primary | ClientFlags.PubSub) || client.IsWaiting || client.Output.IsHeld;
        if (timeoutSeconds == 0 || isExempt || idleMs / 1000 <= timeoutSeconds) return false;
        server.Log.Write(LogLevel.Verbose, "Closing idle client");
        server.Clients.Free(client);
        return true;
    }

    /// <summary>A query buffer that is idle or much larger than what was needed lately shrinks.</summary>
    private static void FitQueryBuffer(Client client, long idleMs)
    {
        ref QueryBuffer query = ref client.Query;
        if (!query.IsAllocated) return;
        bool isBulkAwaited = client.Partial is { IsOpen: true, BulkLength: > 0 };
        nint awaited = isBulkAwaited
            ? (nint)Math.Min(query.CapacityBytes, client.Partial.Offset + client.Partial.BulkLength + 2) : 0;
        bool isOversized = query.CapacityBytes > QueryBuffer.BigArgumentBytes && query.CapacityBytes / 2 > query.PeakBytes;
        if (query.FreeBytes > WasteMinBytes && idleMs > IdleMsMax)
        {
            if (query.UsedBytes > 0) query.Resize(query.UsedBytes);
            else query.Free(); // the next request is read into the shared buffer again
        }
        else if (query.FreeBytes > WasteMinBytes && isOversized)
        {
            query.Resize(Math.Max(Math.Max(query.UsedBytes, query.PeakBytes), awaited));
        }

        query.PeakBytes = Math.Max(query.UsedBytes, awaited);
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
