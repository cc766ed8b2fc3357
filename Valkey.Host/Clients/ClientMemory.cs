// How much memory clients take, each and together; eviction of the largest when maxmemory-clients asks for it.

namespace Valkey.Host.Clients;

internal sealed class ClientMemory(Server server)
{
    private readonly Server _server = server;

    private const long ObjectBytes = 600; // what a client's managed objects take, measured once

    /// <summary>Memory of all clients, as far as it was counted.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Memory that one client takes now.</summary>
    public static long Of(Client client) =>
        ObjectBytes + client.Query.CapacityBytes + client.Output.BufferSizeBytes + client.Output.ListBytes
        + client.ArgumentBytes + client.Transaction.MemoryBytes + (client.Transaction.Watched.Count * 64L);

    /// <summary>Counts a client afresh.</summary>
    public void Update(Client client)
    {
        long now = Of(client);
        TotalBytes += now - client.CountedMemoryBytes;
        client.CountedMemoryBytes = now;
    }

    public void Forget(Client client)
    {
        TotalBytes -= client.CountedMemoryBytes;
        client.CountedMemoryBytes = 0;
    }
}
