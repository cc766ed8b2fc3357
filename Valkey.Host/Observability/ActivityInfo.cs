// INFO persistence, stats, replication and keyspace: what the server did and what it holds. The fields of
// the append-only file and of replication are those of a server that has neither; the plugins that bring them write over them.

using System.Security.Cryptography;
using Valkey.Abstractions;
using Valkey.Host.Keyspace;

namespace Valkey.Host.Observability;

internal sealed class ActivityInfo(Server server)
{
    private const long BacklogBytesDefault = 10 << 20;
    private readonly string _replicationId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    public void WritePersistence(InfoWriter info)
    {
        info.Field("loading", server.IsLoading ? 1 : 0);
        info.Field("async_loading", 0);
        server.Snapshots.Information.WriteCurrent(info);
        server.Snapshots.Information.WriteHistory(info);
        info.Field("rdb_last_load_keys_expired", server.Loading.State.KeysExpired);
        info.Field("rdb_last_load_keys_loaded", server.Loading.State.KeysLoaded);
        WriteZeros(info, "aof_enabled", "aof_rewrite_in_progress", "aof_rewrite_scheduled");
        info.Field("aof_last_rewrite_time_sec", -1);
        info.Field("aof_current_rewrite_time_sec", -1);
        info.Field("aof_last_bgrewrite_status", "ok");
        WriteZeros(info, "aof_rewrites", "aof_rewrites_consecutive_failures");
        info.Field("aof_last_write_status", "ok");
        WriteZeros(info, "aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size", "slot_migration_fork_in_progress");
        if (server.IsLoading) server.Loading.State.WriteProgress(info);
    }

    public void WriteStatistics(InfoWriter info)
    {
        Statistics statistics = server.Statistics;
        Rates rates = server.Information.Rates;
        info.Field("total_connections_received", statistics.ConnectionsReceived);
        info.Field("total_commands_processed", statistics.CommandsProcessed);
        info.Field("instantaneous_ops_per_sec", rates.Commands.PerSecond);
        info.Field("total_net_input_bytes", statistics.NetInputBytes);
        info.Field("total_net_output_bytes", statistics.NetOutputBytes);
        WriteZeros(info, "total_net_repl_input_bytes", "total_net_repl_output_bytes");
        WriteZeros(info, "total_net_cluster_slot_import_bytes", "total_net_cluster_slot_export_bytes");
        info.Field("instantaneous_input_kbps", rates.NetInput.PerSecond / 1024.0, 2);
        info.Field("instantaneous_output_kbps", rates.NetOutput.PerSecond / 1024.0, 2);
        info.Field("instantaneous_input_repl_kbps", 0, 2);
        info.Field("instantaneous_output_repl_kbps", 0, 2);
        info.Field("rejected_connections", statistics.ConnectionsRejected);
        WriteZeros(info, "sync_full", "sync_partial_ok", "sync_partial_err");
        WriteExpiryAndEviction(info, statistics, server.Eviction.CurrentExceededTicks);
        info.Field("keyspace_hits", statistics.KeyspaceHits);
        info.Field("keyspace_misses", statistics.KeyspaceMisses);
        WriteZeros(info, "pubsub_channels", "pubsub_patterns", "pubsubshard_channels");
        info.Field("latest_fork_usec", statistics.LatestForkUs);
        info.Field("total_forks", statistics.ForkCount);
        WriteZeros(info, "migrate_cached_sockets", "slave_expires_tracked_keys", "active_defrag_hits", "active_defrag_misses");
        WriteZeros(info, "active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time");
        WriteZeros(info, "current_active_defrag_time", "tracking_total_keys", "tracking_total_items", "tracking_total_prefixes");
        info.Field("unexpected_error_replies", statistics.UnexpectedErrorReplies);
        info.Field("total_error_replies", statistics.ErrorReplies);
        info.Field("dump_payload_sanitizations", server.Snapshots.Format?.SanitizationCount ?? 0);
        WriteTraffic(info, statistics);
        WriteLoop(info, statistics, rates);
        info.Field("acl_access_denied_auth", statistics.AuthDenied);
        WriteZeros(info, "acl_access_denied_cmd", "acl_access_denied_key", "acl_access_denied_channel");
        WriteZeros(info, "acl_access_denied_tls_cert", "acl_access_denied_db");
    }

    public void WriteReplication(InfoWriter info)
    {
        info.Field("role", "master");
        info.Field("connected_slaves", 0);
        info.Field("replicas_waiting_psync", 0);
        info.Field("master_failover_state", "no-failover");
        info.Field("master_replid", _replicationId);
        info.Field("master_replid2", new string('0', _replicationId.Length));
        info.Field("master_repl_offset", 0);
        info.Field("second_repl_offset", -1);
        info.Field("repl_backlog_active", 0);
        info.Field("repl_backlog_size", server.OptionRegistry.Find("repl-backlog-size") is IntegerOption size ? size.Value : BacklogBytesDefault);
        WriteZeros(info, "repl_backlog_first_byte_offset", "repl_backlog_histlen");
    }

    public void WriteKeyspace(InfoWriter info)
    {
        foreach (Database database in server.Databases)
        {
            if (database.Keys.Count == 0) continue;
            info.Field(
                $"db{database.Index}",
                $"keys={database.Keys.Count},expires={database.Expires.Count},avg_ttl={database.AverageTtlMs},"
                    + $"keys_with_volatile_items={database.ExpiringItems.Count}");
        }
    }

    private static void WriteZeros(InfoWriter info, params ReadOnlySpan<string> names)
    {
        foreach (string name in names) info.Field(name, 0);
    }

    private static void WriteExpiryAndEviction(InfoWriter info, Statistics statistics, long exceededTicks)
    {
        info.Field("expired_keys", statistics.ExpiredKeys);
        info.Field("expired_fields", statistics.ExpiredItems);
        info.Field("expired_stale_perc", statistics.ExpiredStalePercent, 2);
        info.Field("expired_keys_with_volatile_items_stale_perc", statistics.ExpiredItemsStalePercent, 2);
        info.Field("expired_time_cap_reached_count", statistics.ExpiredTimeCapReached);
        info.Field("expire_cycle_cpu_milliseconds", Clock.MicrosecondsOf(statistics.ExpireCycleTicks) / 1000);
        info.Field("evicted_keys", statistics.EvictedKeys);
        info.Field("evicted_clients", statistics.EvictedClients);
        info.Field("evicted_scripts", 0);
        info.Field("total_eviction_exceeded_time", Clock.MicrosecondsOf(statistics.EvictionExceededTicks + exceededTicks) / 1000);
        info.Field("current_eviction_exceeded_time", Clock.MicrosecondsOf(exceededTicks) / 1000);
    }

    private static void WriteTraffic(InfoWriter info, Statistics statistics)
    {
        info.Field("total_reads_processed", statistics.ReadsProcessed);
        info.Field("total_writes_processed", statistics.WritesProcessed);
        WriteZeros(info, "io_threaded_reads_processed", "io_threaded_writes_processed", "io_threaded_freed_objects");
        WriteZeros(info, "io_threaded_accept_processed", "io_threaded_poll_processed");
        WriteZeros(info, "io_threaded_total_prefetch_batches", "io_threaded_total_prefetch_entries");
        info.Field("client_query_buffer_limit_disconnections", statistics.QueryBufferLimitDisconnections);
        info.Field("client_output_buffer_limit_disconnections", statistics.OutputBufferLimitDisconnections);
        info.Field("reply_buffer_shrinks", statistics.ReplyBufferShrinks);
        info.Field("reply_buffer_expands", statistics.ReplyBufferExpands);
    }

    private static void WriteLoop(InfoWriter info, Statistics statistics, Rates rates)
    {
        info.Field("eventloop_cycles", statistics.EventLoopCycles);
        info.Field("eventloop_duration_sum", Clock.MicrosecondsOf(statistics.EventLoopTicks));
        info.Field("eventloop_duration_cmd_sum", Clock.MicrosecondsOf(statistics.EventLoopCommandTicks));
        info.Field("instantaneous_eventloop_cycles_per_sec", rates.EventLoopCycles.PerSecond);
        info.Field("instantaneous_eventloop_duration_usec", rates.EventLoopTurnUs);
    }
}
