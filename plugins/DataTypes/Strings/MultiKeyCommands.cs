// Several strings at once. A command sees and changes all of its keys in one step, so NX and XX hold for all or none.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Strings;

internal static partial class MultiKeyCommands
{
    private const int ArgumentsOnStackMax = 64;

    /// <summary>MGET key [key ...]: replies each value, null where there is none or it is no string.</summary>
    /// <remarks>Source: https://valkey.io/commands/mget/</remarks>
    [Command("mget")]
    public static void MGet(CommandContext ctx)
    {
        ctx.Reply.ArrayHeader(ctx.ArgumentCount - 1);
        for (int i = 1; i < ctx.ArgumentCount; i++)
        {
            KeyEntry entry = ctx.LookupRead(ctx.Argument(i));
            if (entry.Exists && ReferenceEquals(ctx.TypeOf(entry), StringType.Descriptor)) StringReply.Value(ctx.Reply, entry);
            else ctx.Reply.Null();
        }
    }

    /// <summary>MSET key value [key value ...].</summary>
    /// <remarks>Source: https://valkey.io/commands/mset/</remarks>
    [Command("mset")]
    public static void MSet(CommandContext ctx)
    {
        if (ctx.ArgumentCount % 2 == 0)
        {
            ctx.Reply.Error("ERR wrong number of arguments for 'mset' command"u8);
            return;
        }

        SetAll(ctx, 1, ctx.ArgumentCount, ExtendedFlags.None, expireAtUnixMs: -1);
        ctx.Reply.Ok();
    }

    /// <summary>MSETNX key value [key value ...]: sets all and replies 1, or, when one of the keys exists, none and 0.</summary>
    /// <remarks>Source: https://valkey.io/commands/msetnx/</remarks>
    [Command("msetnx")]
    public static void MSetNx(CommandContext ctx)
    {
        if (ctx.ArgumentCount % 2 == 0)
        {
            ctx.Reply.Error("ERR wrong number of arguments for 'msetnx' command"u8);
            return;
        }

        bool isMet = MeetCondition(ctx, 1, ctx.ArgumentCount, ExtendedFlags.IfMissing);
        if (isMet) SetAll(ctx, 1, ctx.ArgumentCount, ExtendedFlags.None, expireAtUnixMs: -1);
        ctx.Reply.Integer(isMet ? 1 : 0);
    }

    /// <summary>MSETEX numkeys key value [key value ...] [NX|XX] [EX s|PX ms|EXAT s|PXAT ms|KEEPTTL].</summary>
    /// <remarks>
    /// Replies 1, or 0 when NX or XX does not hold for all keys. A time that is over already is set nevertheless and ends
    /// the key when it is next looked at. Source: https://valkey.io/commands/msetex/
    /// </remarks>
    [Command("msetex")]
    public static void MSetEx(CommandContext ctx)
    {
        const string OutOfRange = "ERR invalid numkeys value or out of range";
        if (!ctx.TryIntegerInRange(1, 1, int.MaxValue, out long keyCount, OutOfRange)) return;

        long end = 2 + (keyCount * 2);
        if (end > ctx.ArgumentCount)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        if (!ExtendedArguments.TryParse(ctx, (int)end, ExtendedFlags.ForMSetEx, out ExtendedArguments options)) return;
        if (!options.TryReadExpiry(ctx, "msetex", out long expireAtUnixMs)) return;
        if (!MeetCondition(ctx, 2, (int)end, options.Flags))
        {
            ctx.Reply.Integer(0);
            return;
        }

        SetAll(ctx, 2, (int)end, options.Flags, expireAtUnixMs);
        if (ctx.PropagationWanted && options.HasExpiry && !options.Has(ExtendedFlags.PxAt))
        {
            PropagateWithMoment(ctx, options.ExpiryIndex, expireAtUnixMs);
        }

        ctx.Reply.Integer(1);
    }

    private static bool MeetCondition(CommandContext ctx, int first, int end, ExtendedFlags flags)
    {
        if ((flags & (ExtendedFlags.IfMissing | ExtendedFlags.IfExists)) == 0) return true;

        bool mustExist = (flags & ExtendedFlags.IfExists) != 0;
        for (int i = first; i < end; i += 2)
        {
            if (ctx.LookupWrite(ctx.Argument(i), LookupFlags.Replace).Exists != mustExist) return false;
        }

        return true;
    }

    private static void SetAll(CommandContext ctx, int first, int end, ExtendedFlags flags, long expireAtUnixMs)
    {
        bool keepsTtl = (flags & ExtendedFlags.KeepTtl) != 0;
        bool expires = (flags & ExtendedFlags.Times) != 0;
        for (int i = first; i < end; i += 2)
        {
            ReadOnlySpan<byte> key = ctx.Argument(i);
            KeyEntry existing = ctx.LookupWrite(key, LookupFlags.Replace);
            long expiry = keepsTtl && existing.Exists ? ctx.ExpiryOf(existing) : expireAtUnixMs;
            StringStore.Set(ctx, key, existing, ctx.Argument(i + 1), expiry);
            ctx.SignalModified(key);
            ctx.Notify(KeyspaceEvent.String, "set"u8, key);
            if (expires) ctx.Notify(KeyspaceEvent.Generic, "expire"u8, key);
        }
    }

    // The same command with the moment in place of a time that only means something now.
    private static void PropagateWithMoment(CommandContext ctx, int expiryIndex, long expireAtUnixMs)
    {
        int count = ctx.ArgumentCount;
        Span<PropagatedArgument> arguments = count <= ArgumentsOnStackMax
            ? stackalloc PropagatedArgument[ArgumentsOnStackMax]
            : new PropagatedArgument[count];
        for (int i = 0; i < count; i++) arguments[i] = ctx.Argument(i);

        arguments[expiryIndex - 1] = "PXAT"u8;
        arguments[expiryIndex] = expireAtUnixMs;
        ctx.PropagateInstead(arguments[..count]);
    }
}
