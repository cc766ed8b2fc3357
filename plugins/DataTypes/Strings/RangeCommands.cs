// Parts of a string: append, overwrite, cut out.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static partial class RangeCommands
{
    /// <summary>APPEND key value: replies the new length.</summary>
    /// <remarks>Errors: WRONGTYPE, too long. Source: https://valkey.io/commands/append/</remarks>
    [Command("append")]
    public static void Append(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        ReadOnlySpan<byte> tail = ctx.Argument(2);
        if (!ctx.TryLookupWrite(key, StringType.Descriptor, out KeyEntry entry)) return;

        long oldLength = entry.Exists ? StringValue.Length(new Entry(entry.Address)) : 0;
        if (entry.Exists)
        {
            if (!IsLengthAllowed(ctx, oldLength, tail.Length)) return;
            Span<byte> bytes = StringStore.Open(ctx, key, entry, (int)oldLength + tail.Length);
            tail.CopyTo(bytes[(int)oldLength..]);
        }
        else
        {
            StringStore.Set(ctx, key, entry, tail, expireAtUnixMs: -1); // may become a number, as by SET
        }

        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.String, "append"u8, key);
        ctx.Reply.Integer(oldLength + tail.Length);
    }

    /// <summary>SETRANGE key offset value: overwrites from an offset on, padding with zero bytes; replies the length.</summary>
    /// <remarks>Errors: WRONGTYPE, offset, too long. Source: https://valkey.io/commands/setrange/</remarks>
    [Command("setrange")]
    public static void SetRange(CommandContext ctx)
    {
        if (!ctx.TryInteger(2, out long offset)) return;
        if (offset < 0)
        {
            ctx.Reply.Error("ERR offset is out of range"u8);
            return;
        }

        ReadOnlySpan<byte> key = ctx.Argument(1);
        ReadOnlySpan<byte> part = ctx.Argument(3);
        if (!ctx.TryLookupWrite(key, StringType.Descriptor, out KeyEntry entry)) return;
        if (part.IsEmpty)
        {
            ctx.Reply.Integer(entry.Exists ? StringValue.Length(new Entry(entry.Address)) : 0);
            return;
        }

        if (!IsLengthAllowed(ctx, offset, part.Length)) return;
        Span<byte> bytes = StringStore.Open(ctx, key, entry, (int)offset + part.Length);
        part.CopyTo(bytes[(int)offset..]);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.String, "setrange"u8, key);
        ctx.Reply.Integer(bytes.Length);
    }

    /// <summary>GETRANGE key start end: replies the bytes from start to end, both included; negative: from the end.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/getrange/</remarks>
    [Command("getrange")]
    public static void GetRange(CommandContext ctx)
    {
        if (!ctx.TryInteger(2, out long start) || !ctx.TryInteger(3, out long end)) return;
        if (!ctx.TryLookupRead(ctx.Argument(1), StringType.Descriptor, out KeyEntry entry)) return;

        long length = entry.Exists ? StringValue.Length(new Entry(entry.Address)) : 0;
        if (!TryClip(ref start, ref end, length))
        {
            ctx.Reply.Bulk(default(ReadOnlySpan<byte>));
            return;
        }

        StringReply.Part(ctx.Reply, entry, start, end - start + 1);
    }

    /// <summary>SUBSTR key start end: the old name of GETRANGE.</summary>
    /// <remarks>Source: https://valkey.io/commands/substr/</remarks>
    [Command("substr")]
    public static void SubStr(CommandContext ctx) => GetRange(ctx);

    /// <summary>Turns positions that may count from the end into an inclusive range; false when it is empty.</summary>
    public static bool TryClip(ref long start, ref long end, long length)
    {
        if (start < 0 && end < 0 && start > end) return false;

        if (start < 0) start = Math.Max(0, start + length);
        if (end < 0) end = Math.Max(0, end + length);
        end = Math.Min(end, length - 1);
        return start <= end;
    }

    // What comes from the primary or from the file was allowed there; only what no span can hold is refused then.
    private static bool IsLengthAllowed(CommandContext ctx, long length, long addedLength)
    {
        long max = ctx.IsReplaying ? Array.MaxLength : Math.Min(ctx.StringSizeMaxBytes, Array.MaxLength);
        if (length <= max - addedLength) return true;

        ctx.Reply.Error("ERR string exceeds maximum allowed size (proto-max-bulk-len)"u8);
        return false;
    }
}
