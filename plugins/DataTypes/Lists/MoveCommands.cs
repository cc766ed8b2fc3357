// Moving an element from one list to another, or from one end of a list to the other: LMOVE and its relatives.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Lists;

internal static partial class MoveCommands
{
    // Up to this length the element waits on the stack between its lists.
    private const int StackBytesMax = 256;

    /// <summary>LMOVE source destination LEFT|RIGHT LEFT|RIGHT: moves an element and replies it.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/lmove/</remarks>
    [Command("lmove")]
    public static void LMove(CommandContext ctx)
    {
        if (!TryParseEnds(ctx, out bool fromFirst, out bool toFirst)) return;
        if (!TryMove(ctx, fromFirst, toFirst, out bool isAnswered) && !isAnswered) ctx.Reply.Null();
    }

    /// <summary>RPOPLPUSH source destination: LMOVE source destination RIGHT LEFT.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/rpoplpush/</remarks>
    [Command("rpoplpush")]
    public static void RPopLPush(CommandContext ctx)
    {
        if (!TryMove(ctx, fromFirst: false, toFirst: true, out bool isAnswered) && !isAnswered) ctx.Reply.Null();
    }

    /// <summary>BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout: as LMOVE, or waits for the source.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, timeout. Source: https://valkey.io/commands/blmove/</remarks>
    [Command("blmove")]
    public static void BLMove(CommandContext ctx)
    {
        if (!TryParseEnds(ctx, out bool fromFirst, out bool toFirst)) return;
        if (!ctx.TryTimeout(5, out long timeoutMs)) return;

        if (TryMove(ctx, fromFirst, toFirst, out bool isAnswered))
        {
            if (ctx.PropagationWanted)
            {
                ctx.PropagateInstead("LMOVE"u8, ctx.Argument(1), ctx.Argument(2), ctx.Argument(3), ctx.Argument(4));
            }
        }
        else if (!isAnswered)
        {
            ctx.BlockOnKeys(new BlockingWait(1, 1, timeoutMs, TimeoutReply.Null));
        }
    }

    /// <summary>BRPOPLPUSH source destination timeout: as RPOPLPUSH, or waits for the source.</summary>
    /// <remarks>Errors: WRONGTYPE, timeout. Source: https://valkey.io/commands/brpoplpush/</remarks>
    [Command("brpoplpush")]
    public static void BRPopLPush(CommandContext ctx)
    {
        if (!ctx.TryTimeout(3, out long timeoutMs)) return;

        if (TryMove(ctx, fromFirst: false, toFirst: true, out bool isAnswered))
        {
            if (ctx.PropagationWanted) ctx.PropagateInstead("RPOPLPUSH"u8, ctx.Argument(1), ctx.Argument(2));
        }
        else if (!isAnswered)
        {
            ctx.BlockOnKeys(new BlockingWait(1, 1, timeoutMs, TimeoutReply.Null));
        }
    }

    private static bool TryParseEnds(CommandContext ctx, out bool fromFirst, out bool toFirst)
    {
        toFirst = false;
        return ListEnd.TryParse(ctx, 3, out fromFirst) && ListEnd.TryParse(ctx, 4, out toFirst);
    }

    /// <summary>Moves an element and replies it. False when nothing was moved: an error was replied, or the source is missing.</summary>
    private static bool TryMove(CommandContext ctx, bool fromFirst, bool toFirst, out bool isAnswered)
    {
        isAnswered = true;
        if (!ctx.TryLookupWrite(ctx.Argument(1), ListType.Descriptor, out KeyEntry source)) return false;
        if (!source.Exists)
        {
            isAnswered = false;
            return false;
        }

        if (!ctx.TryLookupWrite(ctx.Argument(2), ListType.Descriptor, out KeyEntry target)) return false;

        Move(ctx, new ListValue(source), target, fromFirst, toFirst);
        return true;
    }

    private static void Move(CommandContext ctx, ListValue source, KeyEntry target, bool fromFirst, bool toFirst)
    {
        NativeBuffer buffer = default;
        Span<byte> stack = stackalloc byte[StackBytesMax];
        ListpackElement moved = fromFirst ? source.First : source.Last;
        ReadOnlySpan<byte> element = moved.Text(stack);
        if (!moved.IsInteger)
        {
            if (element.Length <= stack.Length)
            {
                element.CopyTo(stack);
                element = stack[..element.Length];
            }
            else
            {
                element = buffer.Keep(element);
            }
        }

        // It may be one list: the element leaves it before it comes in again.
        source.Drop(fromFirst);
        ReadOnlySpan<byte> targetKey = ctx.Argument(2);
        PushCommands.PushOne(ctx, targetKey, target, element, toFirst);
        ctx.SignalModified(targetKey, dirtyCount: 0); // the move is one change, counted where it is taken out
        PushCommands.NotifyPushed(ctx, targetKey, toFirst);
        ctx.Reply.Bulk(element);
        PopCommands.NoteRemoved(ctx, ctx.Argument(1), source, 1, fromFirst);
        buffer.Dispose();
    }
}
