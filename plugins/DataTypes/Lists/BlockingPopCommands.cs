// Popping that waits for an element: BLPOP, BRPOP, BLMPOP. Replicas and the append-only file get what was done, the plain
// LPOP or RPOP, never the wait.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Lists;

internal static partial class BlockingPopCommands
{
    /// <summary>BLPOP key [key ...] timeout: pops the first element of the first list that exists, or waits for one.</summary>
    /// <remarks>Errors: WRONGTYPE, timeout. Source: https://valkey.io/commands/blpop/</remarks>
    [Command("blpop")]
    public static void BLPop(CommandContext ctx) => Pop(ctx, first: true);

    /// <summary>BRPOP key [key ...] timeout: pops the last element of the first list that exists, or waits for one.</summary>
    /// <remarks>Errors: WRONGTYPE, timeout. Source: https://valkey.io/commands/brpop/</remarks>
    [Command("brpop")]
    public static void BRPop(CommandContext ctx) => Pop(ctx, first: false);

    /// <summary>BLMPOP timeout numkeys key [key ...] LEFT|RIGHT [COUNT count]: as LMPOP, or waits for a list.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, timeout. Source: https://valkey.io/commands/blmpop/</remarks>
    [Command("blmpop")]
    public static void BLMPop(CommandContext ctx)
    {
        if (!MultiPopArguments.TryParse(ctx, 2, out MultiPopArguments arguments)) return;
        if (!ctx.TryTimeout(1, out long timeoutMs)) return;

        if (PopCommands.TryPopFromAny(ctx, arguments, out bool isAnswered) || isAnswered) return;
        ctx.BlockOnKeys(new BlockingWait(arguments.FirstKey, arguments.KeyCount, timeoutMs, TimeoutReply.NullArray));
    }

    private static void Pop(CommandContext ctx, bool first)
    {
        int timeoutIndex = ctx.ArgumentCount - 1;
        if (!ctx.TryTimeout(timeoutIndex, out long timeoutMs)) return;

        for (int i = 1; i < timeoutIndex; i++)
        {
            ReadOnlySpan<byte> key = ctx.Argument(i);
            if (!ctx.TryLookupWrite(key, ListType.Descriptor, out KeyEntry handle)) return;
            if (!handle.Exists) continue;

            ctx.Reply.ArrayHeader(2);
            ctx.Reply.Bulk(key);
            PopCommands.PopOne(ctx, key, new ListValue(handle), first);
            if (ctx.PropagationWanted) ctx.PropagateInstead(first ? "LPOP"u8 : "RPOP"u8, key);
            return;
        }

        ctx.BlockOnKeys(new BlockingWait(1, timeoutIndex - 1, timeoutMs, TimeoutReply.NullArray));
    }
}
