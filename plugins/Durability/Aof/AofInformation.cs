// What INFO says about the append-only file. The host writes the fields of a server without one; these take their place.

using Valkey.Abstractions;

namespace Valkey.Aof;

internal static class AofInformation
{
    public static void Register(IInfoRegistry registry, AppendOnlyLog log)
    {
        registry.AddSection("Persistence", writer => WritePersistence(writer, log));
    }

    private static void WritePersistence(InfoWriter writer, AppendOnlyLog log)
    {
        Rewriting.LogRewrite rewrite = log.Rewrite;
        writer.Field("aof_enabled", log.State == LogState.Off ? 0 : 1);
        writer.Field("aof_rewrite_in_progress", rewrite.IsRunning ? 1 : 0);
        writer.Field("aof_rewrite_scheduled", rewrite.IsScheduled ? 1 : 0);
        writer.Field("aof_last_rewrite_time_sec", rewrite.LastSeconds);
        writer.Field("aof_current_rewrite_time_sec", rewrite.CurrentSeconds);
        writer.Field("aof_last_bgrewrite_status", rewrite.LastSucceeded ? "ok" : "err");
        writer.Field("aof_rewrites", rewrite.Count);
        writer.Field("aof_rewrites_consecutive_failures", rewrite.FailureCount);
        writer.Field("aof_last_write_status", log.Health.IsGood ? "ok" : "err");
        writer.Field("aof_last_cow_size", rewrite.LastCopyOnWriteBytes);
        if (log.State == LogState.Off) return;
        writer.Field("aof_current_size", log.CurrentBytes);
        writer.Field("aof_base_size", log.RewriteBaseBytes);
        writer.Field("aof_pending_rewrite", rewrite.IsScheduled ? 1 : 0);
        writer.Field("aof_buffer_length", log.Writer.BufferedBytes);
        writer.Field("aof_pending_bio_fsync", log.Writer.IsOffloaded && !log.Provider.Commit.IsIdle ? 1 : log.Writer.Synced.PendingSyncs);
        writer.Field("aof_delayed_fsync", log.Writer.Direct.DelayedCount);
    }
}
