// client-output-buffer-limit: a client that does not read its replies is closed before it eats the memory.

using Valkey.Abstractions;

namespace Valkey.Host.Clients;

internal enum ClientClass
{
    Normal = 0,
    Replica = 1,
    PubSub = 2,
}

/// <summary>Limits of one class: bytes; at once above the hard one, after some seconds above the soft one; 0 for none.</summary>
internal readonly record struct OutputLimit(long HardBytes, long SoftBytes, long SoftSeconds);

internal sealed class OutputLimits(Server server)
{
    /// <summary>By class.</summary>
    public OutputLimit[] Limits { get; } =
    [
        new(0, 0, 0), new(256 * 1024 * 1024, 64 * 1024 * 1024, 60), new(32 * 1024 * 1024, 8 * 1024 * 1024, 60),
    ];

    public static ClientClass ClassOf(Client client) =>
        client.Has(ClientFlags.Replica) && !client.Has(ClientFlags.Monitor)
            ? ClientClass.Replica
            : client.Has(ClientFlags.PubSub) ? ClientClass.PubSub : ClientClass.Normal;

    /// <summary>Closes the client when its output is over a limit; at once or before the loop sleeps.</summary>
    public bool Check(Client client, bool asynchronously)
    {
        if (client.Connection is null || client.Has(ClientFlags.CloseAsap) || !IsReached(client)) return false;
        server.Statistics.OutputBufferLimitDisconnections++;
        server.Log.Write(
            LogLevel.Warning,
            $"Client id={client.Id} addr={client.Address} {(asynchronously ? "scheduled to be closed ASAP" : "closed")} for overcoming of output buffer limits.");
        if (asynchronously) server.Clients.FreeLater(client);
        else server.Clients.Free(client);
        return true;
    }

    private bool IsReached(Client client)
    {
        OutputLimit limit = Limits[(int)ClassOf(client)];
        long used = client.Output.ListBytes;
        if (limit.HardBytes > 0 && used >= limit.HardBytes) return true;
        if (limit.SoftBytes == 0 || used < limit.SoftBytes)
        {
            client.SoftLimitSinceMs = 0;
            return false;
        }

        if (client.SoftLimitSinceMs == 0)
        {
            client.SoftLimitSinceMs = server.Clock.UnixMs;
            return false;
        }

        return server.Clock.UnixMs - client.SoftLimitSinceMs > limit.SoftSeconds * 1000;
    }
}
