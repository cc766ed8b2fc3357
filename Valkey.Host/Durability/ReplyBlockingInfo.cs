// What INFO tells about reply blocking.

using Valkey.Abstractions;

namespace Valkey.Host.Durability;

internal static class ReplyBlockingInfo
{
    public static void Write(DurabilityService durability, long propagationOffset, InfoWriter info)
    {
        info.Field("reply_blocking_enabled", durability.HoldsBack ? 1 : 0);
        info.Field("reply_blocking_read_blocked_count", durability.ReadHeldCount);
        info.Field("reply_blocking_write_blocked_count", durability.WriteHeldCount);
        info.Field("reply_blocking_clients_waiting_ack", durability.Held.Count);
        info.Field("reply_blocking_uncommitted_keys", durability.Keys.Count);
        info.Field("reply_blocking_previous_acked_offset", durability.AnnouncedOffset);
        info.Field("reply_blocking_primary_repl_offset", propagationOffset);
        info.Field("reply_blocking_held_bytes", durability.Held.TotalBytes);
        info.Field("reply_blocking_post_commit_tasks", durability.Tasks.Count);
        info.Field("reply_blocking_reading_suspended_clients", durability.Held.SuspendedCount);
    }
}
