// Fields are given an expiry, or lose it: HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT, HPERSIST.
//
// A time that is over already deletes the fields at once, and then HDEL is what travels; otherwise HPEXPIREAT with the time
// since 1970, whichever command it was.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Hashes;

internal static partial class FieldExpireCommands
{
    private const int TimeIndex = 2;
    private const int ConditionsIndex = 3;

    /// <summary>HEXPIRE key seconds [NX|XX|GT|LT] FIELDS count field [field ...]: replies a number for each field.</summary>
    /// <remarks>
    /// 1 done, 0 condition not met, 2 deleted as the time is over, -2 no such field. Errors: WRONGTYPE, not an integer, invalid
    /// time, conditions that contradict each other. Source: https://valkey.io/commands/hexpire/
    /// </remarks>
    [Command("hexpire")]
    public static void HExpire(CommandContext ctx) => Expire(ctx, isSeconds: true, isAbsolute: false, "hexpire");

    /// <summary>HPEXPIRE key milliseconds [NX|XX|GT|LT] FIELDS count field [field ...].</summary>
    /// <remarks>As HEXPIRE. Source: https://valkey.io/commands/hpexpire/</remarks>
    [Command("hpexpire")]
    public static void HPExpire(CommandContext ctx) => Expire(ctx, isSeconds: false, isAbsolute: false, "hpexpire");

    /// <summary>HEXPIREAT key unix-time-seconds [NX|XX|GT|LT] FIELDS count field [field ...].</summary>
    /// <remarks>As HEXPIRE. Source: https://valkey.io/commands/hexpireat/</remarks>
    [Command("hexpireat")]
    public static void HExpireAt(CommandContext ctx) => Expire(ctx, isSeconds: true, isAbsolute: true, "hexpireat");

    /// <summary>HPEXPIREAT key unix-time-milliseconds [NX|XX|GT|LT] FIELDS count field [field ...].</summary>
    /// <remarks>As HEXPIRE. Source: https://valkey.io/commands/hpexpireat/</remarks>
    [Command("hpexpireat")]
    public static void HPExpireAt(CommandContext ctx) => Expire(ctx, isSeconds: false, isAbsolute: true, "hpexpireat");

    /// <summary>HPERSIST key FIELDS count field [field ...]: replies a number for each field.</summary>
    /// <remarks>
    /// 1 done, -1 it does not expire, -2 no such field. Errors: WRONGTYPE, the count is not that of the fields.
    /// Source: https://valkey.io/commands/hpersist/
    /// </remarks>
    [Command("hpersist")]
    public static void HPersist(CommandContext ctx)
    {
        if (!FieldArguments.TryReadAt(ctx, 4, out FieldArguments fields)) return;
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, HashType.Descriptor, out KeyEntry handle)) return;

        ctx.Reply.ArrayHeader(fields.Count);
        HashValue hash = new(handle);
        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        long changeCount = 0;
        for (int i = fields.First; i < ctx.ArgumentCount; i++)
        {
            FieldExpiryOutcome outcome = handle.Exists ? hash.Persist(ctx.Argument(i), nowUnixMs) : FieldExpiryOutcome.NotFound;
            if (outcome == FieldExpiryOutcome.Done) changeCount++;
            ctx.Reply.Integer((long)outcome);
        }

        if (changeCount == 0) return;
        HashStore.TrackExpiring(ctx, hash);
        ctx.Notify(KeyspaceEvent.Hash, "hpersist"u8, key);
        ctx.SignalModified(key, changeCount);
    }

    private static void Expire(CommandContext ctx, bool isSeconds, bool isAbsolute, string commandName)
    {
        int wordIndex = FieldArguments.FindWord(ctx, ConditionsIndex);
        if (!TryReadConditions(ctx, wordIndex, out FieldExpiryConditions conditions)) return;
        if (!FieldArguments.TryReadBehind(ctx, wordIndex, 1, out FieldArguments fields)) return;
        if (!ExpireTime.TryRead(ctx, TimeIndex, isSeconds, isAbsolute, commandName, out long expireAtUnixMs)) return;
        if (!ctx.TryLookupWrite(ctx.Argument(1), HashType.Descriptor, out KeyEntry handle)) return;

        ctx.Reply.ArrayHeader(fields.Count);
        if (!handle.Exists)
        {
            for (int i = 0; i < fields.Count; i++) ctx.Reply.Integer((long)FieldExpiryOutcome.NotFound);
            return;
        }

        HashValue hash = new(handle);
        ArgumentList.Begin("HDEL"u8, ctx.Argument(1));
        long updatedCount = 0;
        long expiredCount = 0;
        for (int i = fields.First; i < ctx.ArgumentCount; i++)
        {
            FieldExpiryOutcome outcome = hash.Expire(ctx, ctx.Argument(i), expireAtUnixMs, conditions);
            if (outcome == FieldExpiryOutcome.Done) updatedCount++;
            if (outcome == FieldExpiryOutcome.Expired)
            {
                ArgumentList.Add(ctx.Argument(i));
                expiredCount++;
            }

            ctx.Reply.Integer((long)outcome);
        }

        if (updatedCount + expiredCount == 0) return;
        HashStore.TrackExpiring(ctx, hash);
        if (expiredCount > 0) FinishExpired(ctx, expiredCount);
        else FinishUpdated(ctx, expireAtUnixMs);
        ctx.SignalModified(ctx.Argument(1), updatedCount + expiredCount);
        HashStore.DeleteIfEmpty(ctx, ctx.Argument(1), hash);
    }

    private static bool TryReadConditions(CommandContext ctx, int end, out FieldExpiryConditions conditions)
    {
        conditions = FieldExpiryConditions.None;
        for (int i = ConditionsIndex; i < end; i++)
        {
            if (ctx.ArgumentIs(i, "nx"u8)) conditions |= FieldExpiryConditions.IfNone;
            else if (ctx.ArgumentIs(i, "xx"u8)) conditions |= FieldExpiryConditions.IfAny;
            else if (ctx.ArgumentIs(i, "gt"u8)) conditions |= FieldExpiryConditions.IfGreater;
            else if (ctx.ArgumentIs(i, "lt"u8)) conditions |= FieldExpiryConditions.IfLess;
            else return RefuseOption(ctx, i);
        }

        bool hasOther = (conditions & ~FieldExpiryConditions.IfNone) != 0;
        if ((conditions & FieldExpiryConditions.IfNone) != 0 && hasOther)
        {
            ctx.Reply.Error("ERR NX and XX, GT or LT options at the same time are not compatible"u8);
            return false;
        }

        const FieldExpiryConditions GreaterAndLess = FieldExpiryConditions.IfGreater | FieldExpiryConditions.IfLess;
        if ((conditions & GreaterAndLess) != GreaterAndLess) return true;
        ctx.Reply.Error("ERR GT and LT options at the same time are not compatible"u8);
        return false;
    }

    private static bool RefuseOption(CommandContext ctx, int index)
    {
        ctx.Reply.Error([.. "ERR Unsupported option "u8, .. ctx.Argument(index)]);
        return false;
    }

    private static void FinishExpired(CommandContext ctx, long expiredCount)
    {
        if (ctx.PropagationWanted) ctx.PropagateInstead(ArgumentList.Taken);
        ctx.CountExpiredItems(expiredCount);
        ctx.Notify(KeyspaceEvent.Hash, "hexpired"u8, ctx.Argument(1));
    }

    private static void FinishUpdated(CommandContext ctx, long expireAtUnixMs)
    {
        if (ctx.PropagationWanted)
        {
            ArgumentList.Begin("HPEXPIREAT"u8, ctx.Argument(1));
            ArgumentList.AddNumber(expireAtUnixMs);
            for (int i = ConditionsIndex; i < ctx.ArgumentCount; i++) ArgumentList.Add(ctx.Argument(i));
            ctx.PropagateInstead(ArgumentList.Taken);
        }

        ctx.Notify(KeyspaceEvent.Hash, "hexpire"u8, ctx.Argument(1));
    }
}
