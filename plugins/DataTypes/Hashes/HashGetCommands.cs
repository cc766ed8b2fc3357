// Fields are read: one, several, all, and what there is to know about them.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Hashes;

internal static partial class HashGetCommands
{
    [Flags]
    private enum Parts
    {
        Names = 1,
        Values = 2,
        Both = Names | Values,
    }

    /// <summary>HGET key field: replies the value, or null.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/hget/</remarks>
    [Command("hget")]
    public static void HGet(CommandContext ctx)
    {
        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;
        FieldReply.ValueOrNull(ctx.Reply, hash, ctx.Argument(2), ctx.ItemExpiryNowUnixMs);
    }

    /// <summary>HMGET key field [field ...]: replies a value, or null, for each.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/hmget/</remarks>
    [Command("hmget")]
    public static void HMGet(CommandContext ctx)
    {
        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;

        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        ctx.Reply.ArrayHeader(ctx.ArgumentCount - 2);
        for (int i = 2; i < ctx.ArgumentCount; i++) FieldReply.ValueOrNull(ctx.Reply, hash, ctx.Argument(i), nowUnixMs);
    }

    /// <summary>HLEN key: replies the number of fields.</summary>
    /// <remarks>
    /// Fields whose time is over count until they are taken out, as in Valkey. Errors: WRONGTYPE.
    /// Source: https://valkey.io/commands/hlen/
    /// </remarks>
    [Command("hlen")]
    public static void HLen(CommandContext ctx)
    {
        if (HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) ctx.Reply.Integer(hash.IsNull ? 0 : hash.Count);
    }

    /// <summary>HSTRLEN key field: replies the length of the value, 0 when there is none.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/hstrlen/</remarks>
    [Command("hstrlen")]
    public static void HStrLen(CommandContext ctx)
    {
        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;

        FieldText value = default;
        bool isThere = !hash.IsNull && hash.TryFind(ctx.Argument(2), ctx.ItemExpiryNowUnixMs, out value, out _);
        ctx.Reply.Integer(isThere ? value.Length : 0);
    }

    /// <summary>HEXISTS key field: replies 1 or 0.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/hexists/</remarks>
    [Command("hexists")]
    public static void HExists(CommandContext ctx)
    {
        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;
        ctx.Reply.Integer(!hash.IsNull && hash.Contains(ctx.Argument(2), ctx.ItemExpiryNowUnixMs) ? 1 : 0);
    }

    /// <summary>HGETALL key: replies all fields with their values.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/hgetall/</remarks>
    [Command("hgetall")]
    public static void HGetAll(CommandContext ctx) => ReplyAll(ctx, Parts.Both);

    /// <summary>HKEYS key: replies the names of all fields.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/hkeys/</remarks>
    [Command("hkeys")]
    public static void HKeys(CommandContext ctx) => ReplyAll(ctx, Parts.Names);

    /// <summary>HVALS key: replies the values of all fields.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/hvals/</remarks>
    [Command("hvals")]
    public static void HVals(CommandContext ctx) => ReplyAll(ctx, Parts.Values);

    private static void ReplyAll(CommandContext ctx, Parts parts)
    {
        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;

        ReplyWriter reply = ctx.Reply;
        if (hash.IsNull || !hash.HasExpiring)
        {
            long knownCount = hash.IsNull ? 0 : hash.Count;
            if (parts == Parts.Both) reply.MapHeader(knownCount);
            else reply.ArrayHeader(knownCount);
            if (knownCount > 0) ReplyFields(reply, hash, long.MinValue, parts);
            return;
        }

        // How many are not over yet shows when they have been replied.
        DeferredLength header = reply.BeginDeferred();
        long count = ReplyFields(reply, hash, ctx.ItemExpiryNowUnixMs, parts);
        if (parts == Parts.Both) reply.EndMap(header, count);
        else reply.EndArray(header, count);
    }

    private static long ReplyFields(ReplyWriter reply, HashView hash, long nowUnixMs, Parts parts)
    {
        long count = 0;
        FieldWalk fields = hash.Walk(nowUnixMs);
        while (fields.MoveNext())
        {
            if ((parts & Parts.Names) != 0) FieldReply.Text(reply, fields.Name);
            if ((parts & Parts.Values) != 0) FieldReply.Text(reply, fields.Value);
            count++;
        }

        return count;
    }
}
