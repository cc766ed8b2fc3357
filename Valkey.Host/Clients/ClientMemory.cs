// How much memory clients take, each and together; eviction of the largest when maxmemory-clients asks for it.
//
// While there is a limit, clients are counted afresh whenever their buffers may have grown and kept in buckets by the power of
// two of their size, so that the largest are found without looking at all. Without a limit only the cron counts.
// Holds always: a client is in a bucket exactly when it carries InMemoryBucket, and then it may be evicted.

using System.Numerics;
using Valkey.Abstractions;

namespace Valkey.Host.Clients;

internal sealed class ClientMemory
{
    private const int ObjectBytes = 700; // what a client's managed objects take, measured once
    private const int SmallestLog = 15;
    private const int LargestLog = 33;
    private const long LimitMinBytes = 128 * 1024; // below, not even the operator's own connection would survive

    private readonly Server _server;
    private readonly List<Client>[] _buckets = new List<Client>[LargestLog - SmallestLog + 1];
    private readonly long[] _bytesByType = new long[4];

    public ClientMemory(Server server)
    {
        _server = server;
        for (int i = 0; i < _buckets.Length; i++) _buckets[i] = [];
        server.Options.MaxMemoryClients.Applied = ApplyLimit;
        IsLimited = server.Options.MaxMemoryClients.Value != 0;
    }

    /// <summary>maxmemory-clients is set (as a percentage it has no effect before maxmemory is).</summary>
    public bool IsLimited { get; private set; }

    /// <summary>Memory of all clients, as far as it was counted.</summary>
    public long TotalBytes => _bytesByType[0] + _bytesByType[1] + _bytesByType[2] + _bytesByType[3];

    /// <summary>INFO's mem_clients_normal: everybody but replicas and the primary.</summary>
    public long NormalBytes => _bytesByType[(int)ClientType.Normal] + _bytesByType[(int)ClientType.PubSub];

    /// <summary>INFO's mem_clients_slaves.</summary>
    public long ReplicaBytes => _bytesByType[(int)ClientType.Replica];

    /// <summary>All clients together may take so much; 0: no limit.</summary>
    public long LimitBytes
    {
        get
        {
            long setting = _server.Options.MaxMemoryClients.Value;
            long limit = setting >= 0 ? setting : (long)(_server.MaxMemoryBytes * (-setting / 100.0));
            return limit == 0 ? 0 : Math.Max(limit, LimitMinBytes);
        }
    }

    /// <summary>Memory that one client takes now.</summary>
    public static long Of(Client client) =>
        ObjectBytes + client.Query.CapacityBytes + client.Output.BufferSizeBytes + client.Output.ListBytes
        + ArgumentBytesOf(client) + (client.Blocked?.MemoryBytes ?? 0) + client.Transaction.MemoryBytes
        + client.Subscriptions.MemoryBytes + client.Tracking.MemoryBytes;

    /// <summary>Bytes of arguments: of the command that runs or waits, or of the one that is being received.</summary>
    public static long ArgumentBytesOf(Client client) =>
        client.Has(ClientFlags.Executing) ? client.ArgumentBytes
        : client.Partial.ArgumentBytes + (client.Blocked?.Request?.ArgumentBytes ?? 0);

    /// <summary>Counts a client afresh.</summary>
    public void Update(Client client)
    {
        if (client.Connection is null || client.Has(ClientFlags.Closed | ClientFlags.CloseAsap)) return;
        ClientType type = client.Type;
        long now = Of(client);
        _bytesByType[(int)client.CountedAs] -= client.CountedMemoryBytes;
        _bytesByType[(int)type] += now;
        client.CountedMemoryBytes = now;
        client.CountedAs = type;
        if (IsLimited) Place(client, MayEvict(client));
    }

    public void Forget(Client client)
    {
        TakeOut(client);
        _bytesByType[(int)client.CountedAs] -= client.CountedMemoryBytes;
        client.CountedMemoryBytes = 0;
    }

    /// <summary>Evicts the largest clients until the rest is below the limit; true when this one was among them.</summary>
    public bool EvictsOwn(Client client)
    {
        Evict();
        return client.Has(ClientFlags.Closed | ClientFlags.CloseAsap);
    }

    /// <summary>Evicts the largest clients until the rest is below the limit.</summary>
    public void Evict()
    {
        long limit = LimitBytes;
        if (limit == 0) return;
        int bucket = _buckets.Length - 1;
        while (NormalBytes > limit)
        {
            while (bucket >= 0 && _buckets[bucket].Count == 0) bucket--;
            if (bucket < 0)
            {
                _server.Log.Write(LogLevel.Warning, "Over client maxmemory after evicting all evictable clients");
                return;
            }

            Client victim = _buckets[bucket][0];
            _server.Log.Write(LogLevel.Notice, $"Evicting client: {ClientInfoLine.ForLog(_server, victim)}");
            _server.Statistics.EvictedClients++;
            _server.Clients.Free(victim);
        }
    }

    private string? ApplyLimit()
    {
        IsLimited = _server.Options.MaxMemoryClients.Value != 0;
        foreach (Client client in _server.Clients.All)
        {
            if (IsLimited) Update(client);
            else TakeOut(client);
        }

        return null;
    }

    private static bool MayEvict(Client client) =>
        !client.Has(ClientFlags.NoEvict) && client.Type is (ClientType.Normal or ClientType.PubSub);

    private static int BucketOf(long bytes) =>
        Math.Clamp(64 - BitOperations.LeadingZeroCount((ulong)bytes), SmallestLog, LargestLog) - SmallestLog;

    private void Place(Client client, bool mayEvict)
    {
        int bucket = BucketOf(client.CountedMemoryBytes);
        if (mayEvict && client.Has(ClientFlags.InMemoryBucket) && client.MemoryBucket == bucket) return;
        TakeOut(client);
        if (!mayEvict) return;
        client.Set(ClientFlags.InMemoryBucket);
        client.MemoryBucket = bucket;
        client.MemoryBucketIndex = _buckets[bucket].Count;
        _buckets[bucket].Add(client);
    }

    private void TakeOut(Client client)
    {
        if (!client.Has(ClientFlags.InMemoryBucket)) return;
        client.Clear(ClientFlags.InMemoryBucket);
        List<Client> bucket = _buckets[client.MemoryBucket];
        Client last = bucket[^1];
        bucket[client.MemoryBucketIndex] = last;
        last.MemoryBucketIndex = client.MemoryBucketIndex;
        bucket.RemoveAt(bucket.Count - 1);
    }
}
