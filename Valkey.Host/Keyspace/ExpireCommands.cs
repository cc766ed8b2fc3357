// EXPIRE and its kin, PERSIST. Whatever the unit, what is stored and propagated is a point in time in milliseconds, so
// that replicas and the append-only file do not depend on when they read it.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Keyspace;

internal static partial class ExpireCommands
{
    /// <summary>When an expiry may be set.</summary>
    [Flags]
    private enum Conditions
    {
        None = 0,
        WhenPermanent = 1,
        WhenExpiring = 2,
        WhenLater = 4,
        WhenSooner = 8,
    }

    /// <summary>EXPIRE key seconds [NX | XX | GT | LT].</summary>
    [Command("expire")]
    public static void Expire(CommandContext ctx) => Set(HostContext.Of(ctx), "expire", ctx.NowUnixMs, inSeconds: true);

    /// <summary>PEXPIRE key milliseconds [NX | XX | GT | LT].</summary>
    [Command("pexpire")]
    public static void PExpire(CommandContext ctx) => Set(HostContext.Of(ctx), "pexpire", ctx.NowUnixMs, inSeconds: false);

    /// <summary>EXPIREAT key unix-seconds [NX | XX | GT | LT].</summary>
    [Command("expireat")]
    public static void ExpireAt(CommandContext ctx) => Set(HostContext.Of(ctx), "expireat", 0, inSeconds: true);

    /// <summary>PEXPIREAT key unix-milliseconds [NX | XX | GT | LT].</summary>
    [Command("pexpireat")]
    public static void PExpireAt(CommandContext ctx) => Set(HostContext.Of(ctx), "pexpireat", 0, inSeconds: false);

    /// <summary>PERSIST key: replies 1 when the key had an expiry.</summary>
    [Command("persist")]
    public static void Persist(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        KeyEntry entry = ctx.LookupWrite(key);
        if (!entry.Exists || ctx.ExpiryOf(entry) < 0)
        {
            ctx.Reply.Integer(0);
            return;
        }

        ctx.SetExpiry(entry, -1);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Generic, "persist"u8, key);
        ctx.Reply.Integer(1);
    }

    private static void Set(HostContext context, string command, long baseUnixMs, bool inSeconds)
    {
        if (!TryReadConditions(context, out Conditions conditions)) return;
        if (!TryReadTime(context, command, baseUnixMs, inSeconds, out long expireAtUnixMs)) return;
        KeyEntry entry = context.LookupWrite(context.Argument(1));
        if (!entry.Exists || !Allows(conditions, context.ExpiryOf(entry), expireAtUnixMs))
        {
            context.Reply.Integer(0);
            return;
        }

        if (context.IsExpiredAlready(expireAtUnixMs)) Delete(context);
        else Store(context, entry, conditions, expireAtUnixMs);
        context.Reply.Integer(1);
    }

    private static bool TryReadConditions(HostContext context, out Conditions conditions)
    {
        conditions = Conditions.None;
        for (int i = 3; i < context.ArgumentCount; i++)
        {
            if (context.ArgumentIs(i, "nx"u8)) conditions |= Conditions.WhenPermanent;
            else if (context.ArgumentIs(i, "xx"u8)) conditions |= Conditions.WhenExpiring;
            else if (context.ArgumentIs(i, "gt"u8)) conditions |= Conditions.WhenLater;
            else if (context.ArgumentIs(i, "lt"u8)) conditions |= Conditions.WhenSooner;
            else return Refuse(context, $"ERR Unsupported option {System.Text.Encoding.UTF8.GetString(context.Argument(i))}");
        }

        if (conditions.HasFlag(Conditions.WhenPermanent) && conditions != Conditions.WhenPermanent)
            return Refuse(context, "ERR NX and XX, GT or LT options at the same time are not compatible");
        if (conditions.HasFlag(Conditions.WhenLater | Conditions.WhenSooner))
            return Refuse(context, "ERR GT and LT options at the same time are not compatible");
        return true;
    }

    private static bool TryReadTime(HostContext context, string command, long baseUnixMs, bool inSeconds, out long expireAtUnixMs)
    {
        if (!context.TryInteger(2, out expireAtUnixMs)) return false;
        bool fits = !inSeconds || expireAtUnixMs is <= long.MaxValue / 1000 and >= long.MinValue / 1000;
        if (fits && inSeconds) expireAtUnixMs *= 1000;
        fits = fits && expireAtUnixMs <= long.MaxValue - baseUnixMs;
        if (!fits) return Refuse(context, $"ERR invalid expire time in '{command}' command");
        expireAtUnixMs += baseUnixMs;
        return true;
    }

    private static bool Allows(Conditions conditions, long currentUnixMs, long newUnixMs)
    {
        bool isPermanent = currentUnixMs < 0;
        if (conditions.HasFlag(Conditions.WhenPermanent) && !isPermanent) return false;
        if (conditions.HasFlag(Conditions.WhenExpiring) && isPermanent) return false;

        // A permanent key counts as one that expires at the end of time.
        if (conditions.HasFlag(Conditions.WhenLater) && (isPermanent || newUnixMs <= currentUnixMs)) return false;
        return !conditions.HasFlag(Conditions.WhenSooner) || isPermanent || newUnixMs < currentUnixMs;
    }

    private static void Delete(HostContext context)
    {
        ReadOnlySpan<byte> key = context.Argument(1);
        bool lazily = context.Server.Options.LazyFreeExpire.Value;
        context.Server.Keyspace.Delete(context.Database, key, context.HashOf(key), lazily);
        if (context.PropagationWanted) context.PropagateInstead(lazily ? "UNLINK"u8 : "DEL"u8, key);
        context.SignalModified(key);
        context.Notify(KeyspaceEvent.Generic, "del"u8, key);
    }

    private static void Store(HostContext context, KeyEntry entry, Conditions conditions, long expireAtUnixMs)
    {
        ReadOnlySpan<byte> key = context.Argument(1);

        // While replaying, a time before 1970 may come along: it is over, and -1 would mean the opposite.
        context.SetExpiry(entry, Math.Max(expireAtUnixMs, 0));
        if (context.PropagationWanted) Propagate(context, key, conditions, expireAtUnixMs);
        context.SignalModified(key);
        context.Notify(KeyspaceEvent.Generic, "expire"u8, key);
    }

    private static void Propagate(HostContext context, ReadOnlySpan<byte> key, Conditions conditions, long expireAtUnixMs)
    {
        Span<PropagatedArgument> arguments = stackalloc PropagatedArgument[5];
        int count = 0;
        arguments[count++] = "PEXPIREAT"u8;
        arguments[count++] = key;
        arguments[count++] = expireAtUnixMs;
        if (conditions.HasFlag(Conditions.WhenPermanent)) arguments[count++] = "NX"u8;
        if (conditions.HasFlag(Conditions.WhenExpiring)) arguments[count++] = "XX"u8;
        if (conditions.HasFlag(Conditions.WhenLater)) arguments[count++] = "GT"u8;
        if (conditions.HasFlag(Conditions.WhenSooner)) arguments[count++] = "LT"u8;
        context.PropagateInstead(arguments[..count]);
    }

    private static bool Refuse(HostContext context, string error)
    {
        context.Reply.Error(error);
        return false;
    }
}
