// When fields expire: HTTL, HPTTL (the time that is left), HEXPIRETIME, HPEXPIRETIME (since 1970).
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static partial class FieldTtlCommands
{
    private const long NoSuchField = -2;

    /// <summary>HTTL key FIELDS count field [field ...]: replies seconds for each field, -1 for never, -2 for no such field.</summary>
    /// <remarks>Errors: WRONGTYPE, the count is not that of the fields. Source: https://valkey.io/commands/httl/</remarks>
    [Command("httl")]
    public static void HTtl(CommandContext ctx) => Reply(ctx, ctx.NowUnixMs, isSeconds: true);

    /// <summary>HPTTL key FIELDS count field [field ...]: as HTTL, in milliseconds.</summary>
    /// <remarks>As HTTL. Source: https://valkey.io/commands/hpttl/</remarks>
    [Command("hpttl")]
    public static void HPTtl(CommandContext ctx) => Reply(ctx, ctx.NowUnixMs, isSeconds: false);

    /// <summary>HEXPIRETIME key FIELDS count field [field ...]: replies seconds since 1970 for each field.</summary>
    /// <remarks>As HTTL. Source: https://valkey.io/commands/hexpiretime/</remarks>
    [Command("hexpiretime")]
    public static void HExpireTime(CommandContext ctx) => Reply(ctx, 0, isSeconds: true);

    /// <summary>HPEXPIRETIME key FIELDS count field [field ...]: as HEXPIRETIME, in milliseconds.</summary>
    /// <remarks>As HTTL. Source: https://valkey.io/commands/hpexpiretime/</remarks>
    [Command("hpexpiretime")]
    public static void HPExpireTime(CommandContext ctx) => Reply(ctx, 0, isSeconds: false);

    private static void Reply(CommandContext ctx, long sinceUnixMs, bool isSeconds)
    {
        if (!FieldArguments.TryReadAt(ctx, 4, out FieldArguments fields, isSyntaxError: true)) return;
        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;

        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        ctx.Reply.ArrayHeader(fields.Count);
        for (int i = fields.First; i < ctx.ArgumentCount; i++)
        {
            long expireAtUnixMs = HashField.NoExpiry;
            bool isThere = !hash.IsNull && hash.TryFind(ctx.Argument(i), nowUnixMs, out _, out expireAtUnixMs);
            ctx.Reply.Integer(isThere ? Shown(expireAtUnixMs, sinceUnixMs, isSeconds) : NoSuchField);
        }
    }

    private static long Shown(long expireAtUnixMs, long sinceUnixMs, bool isSeconds)
    {
        if (expireAtUnixMs == HashField.NoExpiry) return HashField.NoExpiry;
        long timeMs = Math.Max(0, expireAtUnixMs - sinceUnixMs);
        return isSeconds ? (long)(((ulong)timeMs + 500) / 1000) : timeMs;
    }
}
