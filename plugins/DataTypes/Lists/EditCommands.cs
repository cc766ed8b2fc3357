// Changing a list inside: LINSERT, LSET, LREM, LTRIM.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Lists;

internal static partial class EditCommands
{
    /// <summary>LINSERT key BEFORE|AFTER pivot element: inserts beside the first element that equals the pivot; replies the
    /// length, -1 without a pivot, 0 without a list.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/linsert/</remarks>
    [Command("linsert")]
    public static void LInsert(CommandContext ctx)
    {
        bool after = ctx.ArgumentIs(2, "after"u8);
        if (!after && !ctx.ArgumentIs(2, "before"u8))
        {
            ctx.Reply.SyntaxError();
            return;
        }

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, ListType.Descriptor, out KeyEntry handle)) return;
        if (!handle.Exists)
        {
            ctx.Reply.Integer(0);
            return;
        }

        // Whether there is a pivot is known only when it is too late to turn into a quicklist.
        ListValue list = new(handle);
        ReadOnlySpan<byte> element = ctx.Argument(4);
        list.GrowFor(element.Length, 1);
        if (!list.InsertBeside(ctx.Argument(3), element, after))
        {
            ctx.Reply.Integer(-1);
            return;
        }

        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.List, "linsert"u8, key);
        ctx.Reply.Integer(list.Length);
    }

    /// <summary>LSET key index element: replaces the element with this index, negative from the end.</summary>
    /// <remarks>Errors: WRONGTYPE, no such key, index out of range. Source: https://valkey.io/commands/lset/</remarks>
    [Command("lset")]
    public static void LSet(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, ListType.Descriptor, out KeyEntry handle)) return;
        if (!handle.Exists)
        {
            ctx.Reply.Error("ERR no such key"u8);
            return;
        }

        if (!ctx.TryInteger(2, out long index)) return;

        ListValue list = new(handle);
        ReadOnlySpan<byte> element = ctx.Argument(3);
        list.GrowFor(element.Length, 1);
        if (!list.Replace(index, element))
        {
            ctx.Reply.Error("ERR index out of range"u8);
            return;
        }

        list.Shrink(); // a large element may have given way to a small one
        ctx.Reply.Ok();
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.List, "lset"u8, key);
    }

    /// <summary>LREM key count element: removes elements that equal one, the first ones, or with a negative count the last, or
    /// with 0 all; replies how many.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/lrem/</remarks>
    [Command("lrem")]
    public static void LRem(CommandContext ctx)
    {
        if (!ctx.TryIntegerInRange(2, -long.MaxValue, long.MaxValue, out long count)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, ListType.Descriptor, out KeyEntry handle)) return;
        if (!handle.Exists)
        {
            ctx.Reply.Integer(0);
            return;
        }

        ListValue list = new(handle);
        long removedCount = list.DeleteMatches(ctx.Argument(3), Math.Abs(count), fromEnd: count < 0);
        if (removedCount > 0)
        {
            ctx.Notify(KeyspaceEvent.List, "lrem"u8, key);
            PopCommands.DeleteOrShrink(ctx, key, list);
            ctx.SignalModified(key, removedCount);
        }

        ctx.Reply.Integer(removedCount);
    }

    /// <summary>LTRIM key start stop: removes all elements outside of the range; a list that becomes empty is deleted.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/ltrim/</remarks>
    [Command("ltrim")]
    public static void LTrim(CommandContext ctx)
    {
        if (!ctx.TryInteger(2, out long start) || !ctx.TryInteger(3, out long stop)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, ListType.Descriptor, out KeyEntry handle)) return;
        if (!handle.Exists)
        {
            ctx.Reply.Ok();
            return;
        }

        ListValue list = new(handle);
        long length = list.Length;
        long keptCount = IndexRange.Clamp(length, ref start, stop);
        long behindCount = keptCount == 0 ? 0 : length - start - keptCount;
        list.DeleteRange(0, keptCount == 0 ? length : start);
        list.DeleteRange(-behindCount, behindCount);

        ctx.Notify(KeyspaceEvent.List, "ltrim"u8, key);
        PopCommands.DeleteOrShrink(ctx, key, list);
        ctx.SignalModified(key, length - keptCount);
        ctx.Reply.Ok();
    }
}
