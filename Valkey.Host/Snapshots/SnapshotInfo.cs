// What INFO persistence says about saving.

using Valkey.Abstractions;

namespace Valkey.Host.Snapshots;

internal sealed class SnapshotInfo(Server server)
{
    /// <summary>Fields about the save that is under way, zeros when there is none.</summary>
    public void WriteCurrent(InfoWriter info)
    {
        RunningSnapshot? running = server.Snapshots.Running;
        SnapshotProgress progress = (running?.Provider ?? server.Snapshots.Jobs.Provider)?.Progress ?? default;
        info.Field("current_cow_peak", running is null ? 0 : Math.Max(running.CopyOnWritePeakBytes, progress.CopyOnWriteBytes));
        info.Field("current_cow_size", progress.CopyOnWriteBytes);
        info.Field("current_cow_size_age", 0); // it is asked for when INFO is
        info.Field("current_fork_perc", progress.KeysTotal > 0 ? 100.0 * progress.KeysProcessed / progress.KeysTotal : 0, 2);
        info.Field("current_save_keys_processed", progress.KeysProcessed);
        info.Field("current_save_keys_total", progress.KeysTotal);
    }

    /// <summary>Fields about saves so far.</summary>
    public void WriteHistory(InfoWriter info)
    {
        SnapshotService snapshots = server.Snapshots;
        RunningSnapshot? running = snapshots.Running;
        info.Field("rdb_changes_since_last_save", server.Dirty);
        info.Field("rdb_bgsave_in_progress", running is null ? 0 : 1);
        info.Field("rdb_last_save_time", snapshots.LastSaveUnixSeconds);
        info.Field("rdb_last_bgsave_status", snapshots.LastSucceeded ? "ok" : "err");
        info.Field("rdb_last_bgsave_time_sec", snapshots.LastDurationSeconds);
        info.Field("rdb_current_bgsave_time_sec", running is null ? -1 : Math.Max(0, server.Clock.UnixSeconds - running.StartedUnixSeconds));
        info.Field("rdb_saves", snapshots.SaveCount);
        info.Field("rdb_last_cow_size", snapshots.LastCopyOnWriteBytes);
        info.Field("rdb_current_bgsave_type", running?.Provider.Name ?? "none");
        info.Field("rdb_last_bgsave_type", snapshots.LastProvider?.Name ?? "none");
    }

    /// <summary>What the provider of the present or last save has to say.</summary>
    public void WriteProvider(InfoWriter info, bool isDebug) =>
        (server.Snapshots.Running?.Provider ?? server.Snapshots.LastProvider)?.WriteInformation(info, isDebug);
}
