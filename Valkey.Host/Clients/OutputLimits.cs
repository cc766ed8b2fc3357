// client-output-buffer-limit: a client that does not read its replies is closed before it eats the memory.

using Valkey.Abstractions;
using Valkey.Host.Configuration;

namespace Valkey.Host.Clients;

internal sealed class OutputLimits(Server server)
{
    /// <summary>Closes the client when its output is over a limit; at once or before the loop sleeps.</summary>
    public bool Check(Client client, bool asynchronously)
    {
        if (client.Connection is null || client.Output.ListLength == 0 || client.Has(ClientFlags.CloseAsap)) return false;
        // What waits for durability, or did until now, is bounded in its own way, and nobody is disconnected for it.
        if (client.Output.IsHeld || !IsReached(client)) return false;
        string line = ClientInfoLine.ForLog(server, client);
        if (asynchronously) server.Clients.FreeLater(client);
        else server.Clients.Free(client);
        server.Statistics.OutputBufferLimitDisconnections++;
        server.Log.Write(
            LogLevel.Warning,
            $"Client {line} {(asynchronously ? "scheduled to be closed ASAP" : "closed")} for overcoming of output buffer limits.");
        return true;
    }

    private static ClientLimitClass ClassOf(Client client) => client.Type switch
    {
        ClientType.Replica => ClientLimitClass.Replica,
        ClientType.PubSub => ClientLimitClass.PubSub,
        _ => ClientLimitClass.Normal, // the primary's output, too, is limited as anybody's
    };

    private bool IsReached(Client client)
    {
        OutputBufferLimit limit = server.Options.OutputBufferLimits[ClassOf(client)];
        long used = client.Output.ListBytes + client.Output.BufferUsedBytes - client.Output.ReleasedBytes;
        if (limit.HardBytes > 0 && used >= limit.HardBytes) return true;
        if (limit.SoftBytes == 0 || used < limit.SoftBytes)
        {
            client.SoftLimitSinceSeconds = 0;
            return false;
        }

        // In whole seconds of the wall clock, as the option counts.
        if (client.SoftLimitSinceSeconds == 0)
        {
            client.SoftLimitSinceSeconds = server.Clock.UnixSeconds;
            return false;
        }

        return server.Clock.UnixSeconds - client.SoftLimitSinceSeconds > limit.SoftSeconds;
    }
}
