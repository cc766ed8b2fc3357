// client-output-buffer-limit: a client that does not read its replies is closed before it eats the memory.

using Valkey.Abstractions;
using Valkey.Host.Configuration;

namespace Valkey.Host.Clients;

internal sealed class OutputLimits(Server server)
{
    public static ClientLimitClass ClassOf(Client client) =>
        client.Has(ClientFlags.Replica) && !client.Has(ClientFlags.Monitor)
            ? ClientLimitClass.Replica
            : client.Has(ClientFlags.PubSub) ? ClientLimitClass.PubSub : ClientLimitClass.Normal;

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
        OutputBufferLimit limit = server.Options.OutputBufferLimits[ClassOf(client)];
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
