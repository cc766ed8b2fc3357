// How long a key lives and when it dies: -2 when there is no such key, -1 when it lives for ever.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Keyspace;

internal static partial class TtlCommands
{
    /// <summary>TTL key: seconds left, rounded.</summary>
    [Command("ttl")]
    public static void Ttl(CommandContext ctx) => Reply(ctx, isPointInTime: false, inSeconds: true);

    /// <summary>PTTL key: milliseconds left.</summary>
    [Command("pttl")]
    public static void PTtl(CommandContext ctx) => Reply(ctx, isPointInTime: false, inSeconds: false);

    /// <summary>EXPIRETIME key: seconds since 1970, rounded.</summary>
    [Command("expiretime")]
    public static void ExpireTime(CommandContext ctx) => Reply(ctx, isPointInTime: true, inSeconds: true);

    /// <summary>PEXPIRETIME key: milliseconds since 1970.</summary>
    [Command("pexpiretime")]
    public static void PExpireTime(CommandContext ctx) => Reply(ctx, isPointInTime: true, inSeconds: false);

    private static void Reply(CommandContext ctx, bool isPointInTime, bool inSeconds)
    {
        KeyEntry entry = ctx.LookupRead(ctx.Argument(1), LookupFlags.NoTouch);
        long expireAtUnixMs = entry.Exists ? ctx.ExpiryOf(entry) : -2;
        if (expireAtUnixMs < 0)
        {
            ctx.Reply.Integer(expireAtUnixMs);
            return;
        }

        long value = isPointInTime ? expireAtUnixMs : Math.Max(0, expireAtUnixMs - ctx.NowUnixMs);
        ctx.Reply.Integer(inSeconds ? (value / 1000) + (value % 1000 >= 500 ? 1 : 0) : value);
    }
}
