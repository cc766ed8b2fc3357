// Fields are deleted, with or without replying what they held. The key goes with its last field.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Hashes;

internal static partial class HashDeleteCommands
{
    /// <summary>HDEL key field [field ...]: replies how many were deleted.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/hdel/</remarks>
    [Command("hdel")]
    public static void HDel(CommandContext ctx)
    {
        if (!ctx.TryLookupWrite(ctx.Argument(1), HashType.Descriptor, out KeyEntry handle)) return;
        if (!handle.Exists)
        {
            ctx.Reply.Integer(0);
            return;
        }

        HashValue hash = new(handle);
        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        bool hadExpiring = hash.View.HasExpiring;
        long deletedCount = 0;
        for (int i = 2; i < ctx.ArgumentCount && hash.View.Count > 0; i++)
        {
            if (hash.Delete(ctx.Argument(i), nowUnixMs)) deletedCount++;
        }

        if (deletedCount > 0) Finish(ctx, hash, hadExpiring, deletedCount);
        ctx.Reply.Integer(deletedCount);
    }

    /// <summary>HGETDEL key FIELDS count field [field ...]: replies a value, or null, for each, and deletes them.</summary>
    /// <remarks>Errors: WRONGTYPE, the count is not that of the fields. Source: https://valkey.io/commands/hgetdel/</remarks>
    [Command("hgetdel")]
    public static void HGetDel(CommandContext ctx)
    {
        if (!FieldArguments.TryReadAt(ctx, 4, out FieldArguments fields)) return;
        if (!ctx.TryLookupWrite(ctx.Argument(1), HashType.Descriptor, out KeyEntry handle)) return;

        ctx.Reply.ArrayHeader(fields.Count);
        if (!handle.Exists)
        {
            for (int i = 0; i < fields.Count; i++) ctx.Reply.Null();
            return;
        }

        HashValue hash = new(handle);
        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        bool hadExpiring = hash.View.HasExpiring;
        long deletedCount = 0;
        for (int i = fields.First; i < ctx.ArgumentCount; i++)
        {
            FieldReply.ValueOrNull(ctx.Reply, hash.View, ctx.Argument(i), nowUnixMs);
            if (hash.Delete(ctx.Argument(i), nowUnixMs)) deletedCount++;
        }

        if (deletedCount > 0) Finish(ctx, hash, hadExpiring, deletedCount);
    }

    private static void Finish(CommandContext ctx, HashValue hash, bool hadExpiring, long deletedCount)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        bool isEmpty = hash.View.Count == 0;
        if (hadExpiring && !isEmpty) HashStore.TrackExpiring(ctx, hash);
        if (isEmpty) ctx.Delete(key);
        ctx.SignalModified(key, deletedCount);
        ctx.Notify(KeyspaceEvent.Hash, "hdel"u8, key);
        if (isEmpty) ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
    }
}
