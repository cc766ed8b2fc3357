// Reading a whole string, alone or together with what becomes of its key afterwards.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static partial class GetCommands
{
    /// <summary>GET key: replies the value, or null when there is none.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/get/</remarks>
    [Command("get")]
    public static void Get(CommandContext ctx) => TryReplyValue(ctx, ctx.Argument(1));

    /// <summary>GETDEL key: replies the value and deletes the key.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/getdel/</remarks>
    [Command("getdel")]
    public static void GetDel(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (TryReplyValue(ctx, key)) Delete(ctx, key);
    }

    /// <summary>GETEX key [EX s|PX ms|EXAT s|PXAT ms|PERSIST]: replies the value and changes when the key expires.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/getex/</remarks>
    [Command("getex")]
    public static void GetEx(CommandContext ctx)
    {
        if (!ExtendedArguments.TryParse(ctx, 2, ExtendedFlags.ForGetEx, out ExtendedArguments options)) return;
        if (!options.TryReadExpiry(ctx, "getex", out long expireAtUnixMs)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupRead(key, StringType.Descriptor, out KeyEntry entry)) return;
        if (!entry.Exists)
        {
            ctx.Reply.Null();
            return;
        }

        StringReply.Value(ctx.Reply, entry);
        if (options.Has(ExtendedFlags.Persist)) Persist(ctx, key, entry);
        if (!options.HasExpiry) return;

        // A relative time lies in the future even if it is over by the time the reply arrives.
        bool isAbsolute = options.Has(ExtendedFlags.ExAt | ExtendedFlags.PxAt);
        if (isAbsolute && ctx.IsExpiredAlready(expireAtUnixMs)) ExpiredOnArrival.Delete(ctx, key);
        else Expire(ctx, key, entry, expireAtUnixMs);
    }

    /// <summary>DELIFEQ key value: deletes the key if it holds this value; replies 1 when it did, else 0.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/delifeq/</remarks>
    [Command("delifeq")]
    public static void DelIfEq(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, StringType.Descriptor, out KeyEntry entry)) return;

        Span<byte> scratch = stackalloc byte[StringValue.ScratchBytes];
        if (!entry.Exists || !StringValue.Read(new Entry(entry.Address), scratch).SequenceEqual(ctx.Argument(2)))
        {
            ctx.Reply.Integer(0);
            return;
        }

        Delete(ctx, key);
        ctx.Reply.Integer(1);
    }

    /// <summary>STRLEN key: replies the length in bytes, 0 for a missing key.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/strlen/</remarks>
    [Command("strlen")]
    public static void StrLen(CommandContext ctx)
    {
        if (!ctx.TryLookupRead(ctx.Argument(1), StringType.Descriptor, out KeyEntry entry)) return;

        ctx.Reply.Integer(entry.Exists ? StringValue.Length(new Entry(entry.Address)) : 0);
    }

    /// <summary>Replies the key's value or null; false after replying WRONGTYPE.</summary>
    public static bool TryReplyValue(CommandContext ctx, ReadOnlySpan<byte> key)
    {
        if (!ctx.TryLookupRead(key, StringType.Descriptor, out KeyEntry entry)) return false;

        if (entry.Exists) StringReply.Value(ctx.Reply, entry);
        else ctx.Reply.Null();
        return true;
    }

    private static void Delete(CommandContext ctx, ReadOnlySpan<byte> key)
    {
        if (!ctx.Delete(key)) return;

        if (ctx.PropagationWanted) ctx.PropagateInstead("DEL"u8, key);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
    }

    private static void Persist(CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry entry)
    {
        if (ctx.ExpiryOf(entry) == -1) return;

        ctx.SetExpiry(entry, -1);
        if (ctx.PropagationWanted) ctx.PropagateInstead("PERSIST"u8, key);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Generic, "persist"u8, key);
    }

    private static void Expire(CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry entry, long expireAtUnixMs)
    {
        ctx.SetExpiry(entry, expireAtUnixMs);
        if (ctx.PropagationWanted) ctx.PropagateInstead("PEXPIREAT"u8, key, expireAtUnixMs);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Generic, "expire"u8, key);
    }
}
