// HGETEX: replies values, and gives the fields an expiry or takes it away.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static partial class HashGetExCommand
{
    private enum Work
    {
        None,
        Expire,
        Delete,
        Persist,
    }

    /// <summary>
    /// HGETEX key [EX seconds|PX ms|EXAT unix-seconds|PXAT unix-ms|PERSIST] FIELDS count field [field ...]: replies a value, or
    /// null, for each field.
    /// </summary>
    /// <remarks>
    /// It never travels as it is, but as HPEXPIREAT, HPERSIST or HDEL of the fields that changed. Errors: WRONGTYPE, syntax,
    /// invalid time. Source: https://valkey.io/commands/hgetex/
    /// </remarks>
    [Command("hgetex")]
    public static void HGetEx(CommandContext ctx)
    {
        int wordIndex = FieldArguments.FindWord(ctx, FieldOptions.FirstIndex);
        if (!FieldOptions.TryParse(ctx, wordIndex, FieldOptionFlags.ForGet, out FieldOptions options)) return;
        if (!FieldArguments.TryReadBehind(ctx, wordIndex, 1, out FieldArguments fields)) return;
        if (!ctx.TryLookupRead(ctx.Argument(1), HashType.Descriptor, out KeyEntry handle)) return;
        if (!TryReadWork(ctx, in options, out Work work, out long expireAtUnixMs)) return;

        // It counts as a read, and yet what changes the hash must have looked it up for that.
        if (work != Work.None && handle.Exists) handle = ctx.LookupWrite(ctx.Argument(1), LookupFlags.NoTouch);

        ctx.Reply.ArrayHeader(fields.Count);
        HashValue hash = new(handle);
        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        int countPlace = BeginPropagation(ctx, work, expireAtUnixMs);
        long changeCount = 0;
        for (int i = fields.First; i < ctx.ArgumentCount; i++)
        {
            ReadOnlySpan<byte> field = ctx.Argument(i);
            FieldReply.ValueOrNull(ctx.Reply, handle.Exists ? hash.View : default, field, nowUnixMs);
            if (!handle.Exists || !Apply(ctx, hash, work, field, expireAtUnixMs, nowUnixMs)) continue;
            ArgumentList.Add(field);
            changeCount++;
        }

        if (changeCount > 0) Finish(ctx, hash, work, countPlace, changeCount);
    }

    private static bool TryReadWork(CommandContext ctx, in FieldOptions options, out Work work, out long expireAtUnixMs)
    {
        expireAtUnixMs = HashField.NoExpiry;
        work = options.Has(FieldOptionFlags.Persist) ? Work.Persist : Work.None;
        if (!options.Has(FieldOptionFlags.Times)) return true;
        if (!options.TryReadTime(ctx, "hgetex", out expireAtUnixMs)) return false;
        work = ctx.IsExpiredAlready(expireAtUnixMs) ? Work.Delete : Work.Expire;
        return true;
    }

    private static bool Apply(
        CommandContext ctx, HashValue hash, Work work, ReadOnlySpan<byte> field, long expireAtUnixMs, long nowUnixMs) => work switch
    {
        Work.Delete => hash.Delete(field, nowUnixMs),
        Work.Expire => hash.Expire(ctx, field, expireAtUnixMs, FieldExpiryConditions.None) == FieldExpiryOutcome.Done,
        Work.Persist => hash.Persist(field, nowUnixMs) == FieldExpiryOutcome.Done,
        _ => false,
    };

    /// <summary>Where the number of fields goes, when it is known; 0 for nowhere.</summary>
    private static int BeginPropagation(CommandContext ctx, Work work, long expireAtUnixMs)
    {
        ReadOnlySpan<byte> name = work switch
        {
            Work.Delete => "HDEL"u8,
            Work.Persist => "HPERSIST"u8,
            _ => "HPEXPIREAT"u8,
        };
        ArgumentList.Begin(name, ctx.Argument(1));
        if (work is Work.Delete or Work.None) return 0;
        if (work == Work.Expire) ArgumentList.AddNumber(expireAtUnixMs);
        ArgumentList.Add("FIELDS"u8);
        return ArgumentList.ReserveNumber();
    }

    private static void Finish(CommandContext ctx, HashValue hash, Work work, int countPlace, long changeCount)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (countPlace > 0) ArgumentList.SetNumber(countPlace, changeCount);
        if (ctx.PropagationWanted) ctx.PropagateInstead(ArgumentList.Taken);
        if (work == Work.Delete) ctx.CountExpiredItems(changeCount);
        ReadOnlySpan<byte> eventName = work switch
        {
            Work.Delete => "hexpired"u8,
            Work.Persist => "hpersist"u8,
            _ => "hexpire"u8,
        };
        ctx.Notify(KeyspaceEvent.Hash, eventName, key);
        ctx.SignalModified(key, changeCount);
        HashStore.TrackExpiring(ctx, hash);
        HashStore.DeleteIfEmpty(ctx, key, hash);
    }
}
