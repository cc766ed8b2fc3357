// INFO clients. Clients are counted when somebody asks, not while they come and go.

using Valkey.Abstractions;
using Valkey.Host.Clients;

namespace Valkey.Host.Observability;

internal sealed class ClientsInfo(Server server)
{
    public void Write(InfoWriter info)
    {
        Counts counts = Count();
        info.Field("connected_clients", server.Clients.Count - counts.Replicas);
        info.Field("cluster_connections", 0);
        info.Field("maxclients", server.Options.MaxClients.Value);
        info.Field("client_recent_max_input_buffer", server.Cron.Clients.RecentInputMaxBytes);
        info.Field("client_recent_max_output_buffer", server.Cron.Clients.RecentOutputMaxBytes);
        info.Field("blocked_clients", server.Clients.WaitingCount);
        info.Field("tracking_clients", counts.Tracking);
        info.Field("pubsub_clients", counts.PubSub);
        info.Field("watching_clients", server.Watching.ClientCount);
        info.Field("clients_in_timeout_table", server.Blocked.DeadlineCount);
        info.Field("total_watched_keys", server.Watching.KeyCount);
        info.Field("total_blocking_keys", server.KeyWaits.KeyCount);
        info.Field("total_blocking_keys_on_nokey", server.KeyWaits.GoesKeyCount);
        info.Field("paused_reason", server.Pause.ReasonText);
        info.Field("paused_actions", server.Pause.ActionsText);
        info.Field("paused_timeout_milliseconds", server.Pause.RemainingMs);
    }

    private Counts Count()
    {
        Counts counts = default;
        foreach (Client client in server.Clients.All)
        {
            if (client.Has(ClientFlags.PubSub)) counts.PubSub++;
            if (client.Has(ClientFlags.Tracking)) counts.Tracking++;
            if (client.Type == ClientType.Replica) counts.Replicas++;
        }

        return counts;
    }

    private struct Counts
    {
        public int PubSub;
        public int Tracking;
        public int Replicas;
    }
}
