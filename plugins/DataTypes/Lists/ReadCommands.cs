// Reading a list by position.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Lists;

internal static partial class ReadCommands
{
    /// <summary>LLEN key: replies the number of elements, 0 for a missing key.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/llen/</remarks>
    [Command("llen")]
    public static void LLen(CommandContext ctx)
    {
        if (!ctx.TryLookupRead(ctx.Argument(1), ListType.Descriptor, out KeyEntry handle)) return;

        ctx.Reply.Integer(handle.Exists ? new ListValue(handle).Length : 0);
    }

    /// <summary>LINDEX key index: replies the element with this index, negative from the end, or null.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/lindex/</remarks>
    [Command("lindex")]
    public static void LIndex(CommandContext ctx)
    {
        if (!ctx.TryLookupRead(ctx.Argument(1), ListType.Descriptor, out KeyEntry handle)) return;
        if (!handle.Exists)
        {
            ctx.Reply.Null();
            return;
        }

        if (!ctx.TryInteger(2, out long index)) return;

        ListCursor cursor = new ListValue(handle).CursorAt(index, reversed: false);
        if (cursor.MoveNext()) ListReply.Element(ctx.Reply, cursor.Current);
        else ctx.Reply.Null();
        cursor.Dispose();
    }

    /// <summary>LRANGE key start stop: replies the elements from one index to the other, both included, negative from the end.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/lrange/</remarks>
    [Command("lrange")]
    public static void LRange(CommandContext ctx)
    {
        if (!ctx.TryInteger(2, out long start) || !ctx.TryInteger(3, out long stop)) return;
        if (!ctx.TryLookupRead(ctx.Argument(1), ListType.Descriptor, out KeyEntry handle)) return;
        if (!handle.Exists)
        {
            ctx.Reply.ArrayHeader(0);
            return;
        }

        ListValue list = new(handle);
        long count = IndexRange.Clamp(list.Length, ref start, stop);
        ListReply.Range(ctx.Reply, list, start, count, reversed: false);
    }
}

/// <summary>A range of indexes as clients give it: both ends included, negative from the end of the list.</summary>
internal static class IndexRange
{
    /// <summary>Cuts the range to what there is.</summary>
    /// <param name="length">Elements of the list.</param>
    /// <param name="start">First index; 0 or more afterwards.</param>
    /// <param name="stop">Last index.</param>
    /// <returns>How many elements lie in the range.</returns>
    public static long Clamp(long length, ref long start, long stop)
    {
        if (start < 0) start = Math.Max(start + length, 0);
        if (stop < 0) stop += length;
        if (start > stop || start >= length) return 0;

        return Math.Min(stop, length - 1) - start + 1;
    }
}
