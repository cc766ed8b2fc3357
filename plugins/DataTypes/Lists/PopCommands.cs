// Taking elements from the ends of a list: LPOP, RPOP, LMPOP.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Lists;

internal static partial class PopCommands
{
    /// <summary>LPOP key [count]: takes the first element, or the first ones, and replies them.</summary>
    /// <remarks>Errors: WRONGTYPE; a count below zero. Source: https://valkey.io/commands/lpop/</remarks>
    [Command("lpop")]
    public static void LPop(CommandContext ctx) => Pop(ctx, first: true);

    /// <summary>RPOP key [count]: takes the last element, or the last ones beginning with the last, and replies them.</summary>
    /// <remarks>Errors: WRONGTYPE; a count below zero. Source: https://valkey.io/commands/rpop/</remarks>
    [Command("rpop")]
    public static void RPop(CommandContext ctx) => Pop(ctx, first: false);

    /// <summary>LMPOP numkeys key [key ...] LEFT|RIGHT [COUNT count]: takes elements of the first list that exists.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/lmpop/</remarks>
    [Command("lmpop")]
    public static void LMPop(CommandContext ctx)
    {
        if (!MultiPopArguments.TryParse(ctx, 1, out MultiPopArguments arguments)) return;

        if (TryPopFromAny(ctx, arguments, out bool isAnswered)) return;
        if (!isAnswered) ctx.Reply.NullArray();
    }

    /// <summary>Pops from the first of the keys that is a list, replies key and elements, and propagates as LPOP or RPOP.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="isAnswered">Whether a reply was written, be it an error.</param>
    public static bool TryPopFromAny(CommandContext ctx, in MultiPopArguments arguments, out bool isAnswered)
    {
        isAnswered = true;
        for (int i = arguments.FirstKey; i < arguments.FirstKey + arguments.KeyCount; i++)
        {
            ReadOnlySpan<byte> key = ctx.Argument(i);
            if (!ctx.TryLookupWrite(key, ListType.Descriptor, out KeyEntry handle)) return false;
            if (!handle.Exists) continue;

            ListValue list = new(handle);
            long count = Math.Min(arguments.Count, list.Length);
            ctx.Reply.ArrayHeader(2);
            ctx.Reply.Bulk(key);
            PopRange(ctx, key, list, count, arguments.First);
            if (ctx.PropagationWanted) ctx.PropagateInstead(arguments.First ? "LPOP"u8 : "RPOP"u8, key, count);
            return true;
        }

        isAnswered = false;
        return false;
    }

    /// <summary>Replies the element at one end and takes it out.</summary>
    public static void PopOne(CommandContext ctx, ReadOnlySpan<byte> key, ListValue list, bool first)
    {
        ListReply.End(ctx.Reply, list, first);
        list.Drop(first);
        NoteRemoved(ctx, key, list, 1, first);
    }

    /// <summary>What follows when elements were taken from one end: the events, and the key goes with its last element.</summary>
    public static void NoteRemoved(CommandContext ctx, ReadOnlySpan<byte> key, ListValue list, long count, bool first)
    {
        ctx.Notify(KeyspaceEvent.List, first ? "lpop"u8 : "rpop"u8, key);
        DeleteOrShrink(ctx, key, list);
        ctx.SignalModified(key, count);
    }

    /// <summary>Deletes a list that has become empty, with its event; else lets it take less room.</summary>
    public static void DeleteOrShrink(CommandContext ctx, ReadOnlySpan<byte> key, ListValue list)
    {
        if (list.Length != 0)
        {
            list.Shrink();
            return;
        }

        ctx.Delete(key);
        ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
    }

    private static void Pop(CommandContext ctx, bool first)
    {
        bool hasCount = ctx.ArgumentCount == 3;
        long count = 1;
        if (ctx.ArgumentCount > 3)
        {
            ctx.Reply.Error(first
                ? "ERR wrong number of arguments for 'lpop' command"u8
                : "ERR wrong number of arguments for 'rpop' command"u8);
            return;
        }

        if (hasCount && !ctx.TryIntegerInRange(2, 0, long.MaxValue, out count)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, ListType.Descriptor, out KeyEntry handle)) return;
        if (!handle.Exists)
        {
            if (hasCount) ctx.Reply.NullArray();
            else ctx.Reply.Null();
            return;
        }

        ListValue list = new(handle);
        if (!hasCount) PopOne(ctx, key, list, first);
        else if (count == 0) ctx.Reply.ArrayHeader(0);
        else PopRange(ctx, key, list, Math.Min(count, list.Length), first);
    }

    private static void PopRange(CommandContext ctx, ReadOnlySpan<byte> key, ListValue list, long count, bool first)
    {
        ListReply.Range(ctx.Reply, list, first ? 0 : -1, count, reversed: !first);
        list.DeleteRange(first ? 0 : -count, count);
        NoteRemoved(ctx, key, list, count, first);
    }
}

/// <summary>What LMPOP and BLMPOP share: keys, an end, and how many.</summary>
internal readonly struct MultiPopArguments
{
    /// <summary>Index of the first key.</summary>
    public int FirstKey { get; private init; }

    /// <summary>Number of keys.</summary>
    public int KeyCount { get; private init; }

    /// <summary>From the start of the list; else from its end.</summary>
    public bool First { get; private init; }

    /// <summary>How many elements at most.</summary>
    public long Count { get; private init; }

    /// <summary>Reads the arguments from the number of keys on; false after replying what is wrong.</summary>
    public static bool TryParse(CommandContext ctx, int keyNumberIndex, out MultiPopArguments arguments)
    {
        arguments = default;
        if (!ctx.TryIntegerInRange(keyNumberIndex, 1, long.MaxValue, out long keyCount, "ERR numkeys should be greater than 0"))
        {
            return false;
        }

        if (keyCount > ctx.ArgumentCount - keyNumberIndex - 2)
        {
            ctx.Reply.SyntaxError();
            return false;
        }

        int whereIndex = keyNumberIndex + (int)keyCount + 1;
        if (!ListEnd.TryParse(ctx, whereIndex, out bool first)) return false;
        if (!TryParseCount(ctx, whereIndex + 1, out long count)) return false;

        arguments = new MultiPopArguments
        {
            FirstKey = keyNumberIndex + 1,
            KeyCount = (int)keyCount,
            First = first,
            Count = count,
        };
        return true;
    }

    private static bool TryParseCount(CommandContext ctx, int index, out long count)
    {
        count = 1;
        if (index == ctx.ArgumentCount) return true;
        if (!ctx.ArgumentIs(index, "count"u8) || index + 1 == ctx.ArgumentCount)
        {
            ctx.Reply.SyntaxError();
            return false;
        }

        if (!ctx.TryIntegerInRange(index + 1, 1, long.MaxValue, out count, "ERR count should be greater than 0")) return false;
        if (index + 2 == ctx.ArgumentCount) return true;

        ctx.Reply.SyntaxError();
        return false;
    }
}

/// <summary>LEFT or RIGHT.</summary>
internal static class ListEnd
{
    /// <summary>Reads an argument that names an end of a list; false after replying a syntax error.</summary>
    public static bool TryParse(CommandContext ctx, int index, out bool first)
    {
        first = ctx.ArgumentIs(index, "left"u8);
        if (first || ctx.ArgumentIs(index, "right"u8)) return true;

        ctx.Reply.SyntaxError();
        return false;
    }
}
