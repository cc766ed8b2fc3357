// Adding elements at the ends of a list.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Lists;

internal static partial class PushCommands
{
    private const int FirstElement = 2;

    /// <summary>LPUSH key element [element ...]: adds elements at the start, one after the other, and replies the length.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/lpush/</remarks>
    [Command("lpush")]
    public static void LPush(CommandContext ctx) => Push(ctx, first: true, mustExist: false);

    /// <summary>RPUSH key element [element ...]: adds elements at the end and replies the length.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/rpush/</remarks>
    [Command("rpush")]
    public static void RPush(CommandContext ctx) => Push(ctx, first: false, mustExist: false);

    /// <summary>LPUSHX key element [element ...]: as LPUSH, when the list exists.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/lpushx/</remarks>
    [Command("lpushx")]
    public static void LPushX(CommandContext ctx) => Push(ctx, first: true, mustExist: true);

    /// <summary>RPUSHX key element [element ...]: as RPUSH, when the list exists.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/rpushx/</remarks>
    [Command("rpushx")]
    public static void RPushX(CommandContext ctx) => Push(ctx, first: false, mustExist: true);

    /// <summary>Adds one element to the list under a key, or makes it.</summary>
    public static void PushOne(CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry handle, ReadOnlySpan<byte> element, bool first)
    {
        ListValue list = handle.Exists ? new ListValue(handle) : ListValue.Create(ctx, key);
        list.GrowFor(element.Length, 1);
        list.Push(element, first);
    }

    /// <summary>Tells that elements were added at one end.</summary>
    public static void NotifyPushed(CommandContext ctx, ReadOnlySpan<byte> key, bool first) =>
        ctx.Notify(KeyspaceEvent.List, first ? "lpush"u8 : "rpush"u8, key);

    private static void Push(CommandContext ctx, bool first, bool mustExist)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, ListType.Descriptor, out KeyEntry handle)) return;
        if (!handle.Exists && mustExist)
        {
            ctx.Reply.Integer(0);
            return;
        }

        ListValue list = handle.Exists ? new ListValue(handle) : ListValue.Create(ctx, key);
        CommandArguments arguments = ctx.Arguments;
        list.GrowFor(BytesOf(arguments), arguments.Count - FirstElement);
        for (int i = FirstElement; i < arguments.Count; i++) list.Push(arguments[i], first);

        ctx.Reply.Integer(list.Length);
        ctx.SignalModified(key, arguments.Count - FirstElement);
        NotifyPushed(ctx, key, first);
    }

    private static long BytesOf(CommandArguments arguments)
    {
        long bytes = 0;
        for (int i = FirstElement; i < arguments.Count; i++) bytes += arguments[i].Length;
        return bytes;
    }
}
