// HSETEX: sets fields together with their expiry, all of them or none.
//
// A time that is over already deletes the fields instead, and HDEL is what travels. Otherwise the command travels without its
// conditions, which were met here, and with the time since 1970.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static partial class HashSetExCommand
{
    private const FieldOptionFlags RewrittenFlags = FieldOptionFlags.KeyConditions | FieldOptionFlags.FieldConditions
        | FieldOptionFlags.Ex | FieldOptionFlags.Px | FieldOptionFlags.ExAt;

    /// <summary>
    /// HSETEX key [NX|XX] [FNX|FXX] [EX seconds|PX ms|EXAT unix-seconds|PXAT unix-ms|KEEPTTL] FIELDS count field value [field
    /// value ...]: replies 1, or 0 when a condition was not met.
    /// </summary>
    /// <remarks>Errors: WRONGTYPE, syntax, invalid time. Source: https://valkey.io/commands/hsetex/</remarks>
    [Command("hsetex")]
    public static void HSetEx(CommandContext ctx)
    {
        int wordIndex = FieldArguments.FindWord(ctx, FieldOptions.FirstIndex);
        if (!FieldOptions.TryParse(ctx, wordIndex, FieldOptionFlags.ForSet, out FieldOptions options)) return;
        if (!FieldArguments.TryReadBehind(ctx, wordIndex, 2, out FieldArguments fields)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, HashType.Descriptor, out KeyEntry handle)) return;
        if (options.Has(handle.Exists ? FieldOptionFlags.IfKeyMissing : FieldOptionFlags.IfKeyExists))
        {
            ctx.Reply.Integer(0);
            return;
        }

        long expireAtUnixMs = HashField.NoExpiry;
        bool hasTime = options.Has(FieldOptionFlags.Times);
        if (hasTime && !options.TryReadTime(ctx, "hsetex", out expireAtUnixMs)) return;
        if (!AreFieldConditionsMet(ctx, handle, in options, fields.First))
        {
            ctx.Reply.Integer(0);
            return;
        }

        HashValue hash = handle.Exists ? new HashValue(handle) : HashStore.Create(ctx, key);
        bool isOver = hasTime && ctx.IsExpiredAlready(expireAtUnixMs);
        if (isOver) DeleteFields(ctx, hash, fields);
        else SetFields(ctx, hash, in options, fields, expireAtUnixMs);

        ctx.Notify(KeyspaceEvent.Hash, "hset"u8, key);
        if (hasTime) ctx.Notify(KeyspaceEvent.Hash, "hexpire"u8, key);
        if (isOver) ctx.Notify(KeyspaceEvent.Hash, "hexpired"u8, key);
        HashStore.DeleteIfEmpty(ctx, key, hash);
        ctx.Reply.Integer(1);
    }

    private static bool AreFieldConditionsMet(CommandContext ctx, KeyEntry handle, in FieldOptions options, int first)
    {
        if (!options.Has(FieldOptionFlags.FieldConditions)) return true;

        bool mustExist = options.Has(FieldOptionFlags.IfFieldsExist);
        if (!handle.Exists) return !mustExist;

        HashView hash = HashView.Of(handle);
        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        for (int i = first; i < ctx.ArgumentCount; i += 2)
        {
            if (hash.Contains(ctx.Argument(i), nowUnixMs) != mustExist) return false;
        }

        return true;
    }

    private static void DeleteFields(CommandContext ctx, HashValue hash, FieldArguments fields)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        ArgumentList.Begin("HDEL"u8, key);
        long deletedCount = 0;
        for (int i = fields.First; i < ctx.ArgumentCount; i += 2)
        {
            if (!hash.Delete(ctx.Argument(i), long.MinValue)) continue;
            ArgumentList.Add(ctx.Argument(i));
            deletedCount++;
        }

        ctx.CountExpiredItems(fields.Count);
        if (deletedCount == 0) return;
        HashStore.TrackExpiring(ctx, hash);
        if (ctx.PropagationWanted) ctx.PropagateInstead(ArgumentList.Taken);
        ctx.SignalModified(key, deletedCount);
    }

    private static void SetFields(
        CommandContext ctx, HashValue hash, in FieldOptions options, FieldArguments fields, long expireAtUnixMs)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        bool keepsExpiry = options.Has(FieldOptionFlags.KeepTtl);
        long expiredCount = 0;
        ArgumentList.Begin("HDEL"u8, key);
        for (int i = fields.First; i < ctx.ArgumentCount; i += 2)
        {
            FieldSetOutcome outcome = hash.Set(ctx, ctx.Argument(i), ctx.Argument(i + 1), expireAtUnixMs, keepsExpiry);
            if (outcome != FieldSetOutcome.ReplacedExpired) continue;
            ArgumentList.Add(ctx.Argument(i));
            expiredCount++;
        }

        HashStore.TrackExpiring(ctx, hash);
        HashStore.NoteExpired(ctx, key, expiredCount);
        if (ctx.PropagationWanted)
        {
            // Elsewhere a field that was over here would keep its expiry, so its end travels first.
            if (keepsExpiry && expiredCount > 0) ctx.PropagateAlso(ctx.DatabaseIndex, ArgumentList.Taken);
            if (options.Has(RewrittenFlags)) PropagateRewritten(ctx, in options, fields, expireAtUnixMs);
        }

        ctx.SignalModified(key, fields.Count);
    }

    private static void PropagateRewritten(
        CommandContext ctx, in FieldOptions options, FieldArguments fields, long expireAtUnixMs)
    {
        ArgumentList.Begin("HSETEX"u8, ctx.Argument(1));
        if (options.Has(FieldOptionFlags.Times))
        {
            ArgumentList.Add("PXAT"u8);
            ArgumentList.AddNumber(expireAtUnixMs);
        }

        if (options.Has(FieldOptionFlags.KeepTtl)) ArgumentList.Add("KEEPTTL"u8);
        ArgumentList.Add("FIELDS"u8);
        ArgumentList.AddNumber(fields.Count);
        for (int i = fields.First; i < ctx.ArgumentCount; i++) ArgumentList.Add(ctx.Argument(i));
        ctx.PropagateInstead(ArgumentList.Taken);
    }
}
