// Fields are set: HSET, HMSET, HSETNX. HSETEX, which sets an expiry too, is in HashSetExCommand.cs.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Hashes;

internal static partial class HashSetCommands
{
    /// <summary>HSET key field value [field value ...]: replies how many fields were new.</summary>
    /// <remarks>Errors: WRONGTYPE, an odd number of arguments. Source: https://valkey.io/commands/hset/</remarks>
    [Command("hset")]
    public static void HSet(CommandContext ctx)
    {
        if (TrySetAll(ctx, "hset", out long addedCount)) ctx.Reply.Integer(addedCount);
    }

    /// <summary>HMSET key field value [field value ...]: the older form of HSET, replies OK.</summary>
    /// <remarks>Errors as HSET. Source: https://valkey.io/commands/hmset/</remarks>
    [Command("hmset")]
    public static void HMSet(CommandContext ctx)
    {
        if (TrySetAll(ctx, "hmset", out _)) ctx.Reply.Ok();
    }

    /// <summary>HSETNX key field value: sets a field that is not there; replies 1, or 0 when it is.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/hsetnx/</remarks>
    [Command("hsetnx")]
    public static void HSetNx(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        ReadOnlySpan<byte> field = ctx.Argument(2);
        if (!HashStore.TryGetOrCreate(ctx, key, out HashValue hash)) return;
        if (hash.View.Contains(field, ctx.ItemExpiryNowUnixMs))
        {
            ctx.Reply.Integer(0);
            return;
        }

        hash.PrepareFor(ctx, 2, 3);
        bool hadExpiring = hash.View.HasExpiring;
        FieldSetOutcome outcome = hash.Set(ctx, field, ctx.Argument(3));
        Announce(ctx, key, hash, hadExpiring, outcome == FieldSetOutcome.ReplacedExpired ? 1 : 0, changeCount: 1);

        // Elsewhere the field that is over here may still be there: it must be set nevertheless.
        if (hadExpiring && ctx.PropagationWanted) ctx.PropagateInstead("HSET"u8, key, field, ctx.Argument(3));
        ctx.Reply.Integer(1);
    }

    private static bool TrySetAll(CommandContext ctx, string commandName, out long addedCount)
    {
        addedCount = 0;
        if (ctx.ArgumentCount % 2 == 1)
        {
            ctx.Reply.Error($"ERR wrong number of arguments for '{commandName}' command");
            return false;
        }

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!HashStore.TryGetOrCreate(ctx, key, out HashValue hash)) return false;

        hash.PrepareFor(ctx, 2, ctx.ArgumentCount - 1);
        bool hadExpiring = hash.View.HasExpiring;
        long expiredCount = 0;
        for (int i = 2; i < ctx.ArgumentCount; i += 2)
        {
            FieldSetOutcome outcome = hash.Set(ctx, ctx.Argument(i), ctx.Argument(i + 1));
            if (outcome != FieldSetOutcome.Updated) addedCount++;
            if (outcome == FieldSetOutcome.ReplacedExpired) expiredCount++;
        }

        Announce(ctx, key, hash, hadExpiring, expiredCount, (ctx.ArgumentCount - 2) / 2);
        return true;
    }

    private static void Announce(
        CommandContext ctx, ReadOnlySpan<byte> key, HashValue hash, bool hadExpiring, long expiredCount, long changeCount)
    {
        if (hadExpiring) HashStore.TrackExpiring(ctx, hash);
        ctx.SignalModified(key, changeCount);
        HashStore.NoteExpired(ctx, key, expiredCount);
        ctx.Notify(KeyspaceEvent.Hash, "hset"u8, key);
    }
}
