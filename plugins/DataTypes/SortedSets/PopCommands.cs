// Taking members from either end, from one key or from the first of several that has any, at once or when one comes.
// What is propagated is always ZPOPMIN or ZPOPMAX of one key, so that a replica does not choose for itself.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.SortedSets;

internal static partial class PopCommands
{
    private const long One = -1; // the count of a command that has none: one member, and another shape of the reply

    /// <summary>ZPOPMIN key [count]: removes and replies the members with the lowest scores.</summary>
    /// <remarks>Errors: WRONGTYPE, a negative count. Source: https://valkey.io/commands/zpopmin/</remarks>
    [Command("zpopmin")]
    public static void ZPopMin(CommandContext ctx) => PopFromOne(ctx, isMax: false);

    /// <summary>ZPOPMAX key [count]: removes and replies the members with the highest scores.</summary>
    /// <remarks>Errors: WRONGTYPE, a negative count. Source: https://valkey.io/commands/zpopmax/</remarks>
    [Command("zpopmax")]
    public static void ZPopMax(CommandContext ctx) => PopFromOne(ctx, isMax: true);

    /// <summary>BZPOPMIN key [key ...] timeout: as ZPOPMIN of the first key that has members, waiting for one.</summary>
    /// <remarks>Errors: WRONGTYPE, no timeout. Source: https://valkey.io/commands/bzpopmin/</remarks>
    [Command("bzpopmin")]
    public static void BZPopMin(CommandContext ctx) => PopOrWait(ctx, isMax: false);

    /// <summary>BZPOPMAX key [key ...] timeout: as ZPOPMAX of the first key that has members, waiting for one.</summary>
    /// <remarks>Errors: WRONGTYPE, no timeout. Source: https://valkey.io/commands/bzpopmax/</remarks>
    [Command("bzpopmax")]
    public static void BZPopMax(CommandContext ctx) => PopOrWait(ctx, isMax: true);

    /// <summary>ZMPOP numkeys key [key ...] MIN|MAX [COUNT count]: from the first key that has members.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, numbers below 1. Source: https://valkey.io/commands/zmpop/</remarks>
    [Command("zmpop")]
    public static void ZMPop(CommandContext ctx)
    {
        if (!TryParse(ctx, 1, out int keyCount, out bool isMax, out long count)) return;
        if (!TryFindFirst(ctx, 2, keyCount, out int keyIndex, out KeyEntry handle, out SortedSetValue value)) return;

        if (value.Exists) PopNested(ctx, keyIndex, handle, ref value, isMax, count);
        else ctx.Reply.NullArray();
    }

    /// <summary>BZMPOP timeout numkeys key [key ...] MIN|MAX [COUNT count]: as ZMPOP, or waits.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, no timeout, numbers below 1. Source: https://valkey.io/commands/bzmpop/</remarks>
    [Command("bzmpop")]
    public static void BZMPop(CommandContext ctx)
    {
        if (!TryParse(ctx, 2, out int keyCount, out bool isMax, out long count) || !ctx.TryTimeout(1, out long timeoutMs)) return;
        if (!TryFindFirst(ctx, 3, keyCount, out int keyIndex, out KeyEntry handle, out SortedSetValue value)) return;

        if (value.Exists) PopNested(ctx, keyIndex, handle, ref value, isMax, count);
        else ctx.BlockOnKeys(new BlockingWait(3, keyCount, timeoutMs, TimeoutReply.NullArray));
    }

    private static void PopFromOne(CommandContext ctx, bool isMax)
    {
        if (ctx.ArgumentCount > 3)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        long count = One;
        if (ctx.ArgumentCount == 3 && !ctx.TryIntegerInRange(2, 0, long.MaxValue, out count)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!SortedSetStore.TryOpen(ctx, key, out KeyEntry handle, out SortedSetValue value)) return;
        if (!value.Exists || count == 0)
        {
            ctx.Reply.ArrayHeader(0);
            return;
        }

        bool isNested = ctx.Reply.ProtocolVersion > 2 && count != One;
        long popped = count == One ? 1 : Math.Min(count, value.Count);
        ctx.Reply.ArrayHeader(isNested ? popped : popped * 2);
        Pop(ctx, key, handle, ref value, isMax, popped, isNested);
    }

    private static void PopOrWait(CommandContext ctx, bool isMax)
    {
        int keyCount = ctx.ArgumentCount - 2;
        if (!ctx.TryTimeout(ctx.ArgumentCount - 1, out long timeoutMs)) return;
        if (!TryFindFirst(ctx, 1, keyCount, out int keyIndex, out KeyEntry handle, out SortedSetValue value)) return;
        if (!value.Exists)
        {
            ctx.BlockOnKeys(new BlockingWait(1, keyCount, timeoutMs, TimeoutReply.NullArray));
            return;
        }

        ReadOnlySpan<byte> key = ctx.Argument(keyIndex);
        ctx.Reply.ArrayHeader(3);
        ctx.Reply.Bulk(key);
        Pop(ctx, key, handle, ref value, isMax, 1, isNested: false);
        if (ctx.PropagationWanted) ctx.PropagateInstead(isMax ? "ZPOPMAX"u8 : "ZPOPMIN"u8, key);
    }

    private static bool TryParse(CommandContext ctx, int countIndex, out int keyCount, out bool isMax, out long count)
    {
        keyCount = 0;
        isMax = false;
        count = One;
        const string NoKeys = "numkeys should be greater than 0";
        if (!ctx.TryIntegerInRange(countIndex, 1, long.MaxValue, out long given, NoKeys)) return false;

        if (given >= ctx.ArgumentCount - countIndex - 1)
        {
            ctx.Reply.SyntaxError();
            return false;
        }

        keyCount = (int)given;
        int index = countIndex + keyCount + 1;
        isMax = ctx.ArgumentIs(index, "max"u8);
        if (!isMax && !ctx.ArgumentIs(index, "min"u8))
        {
            ctx.Reply.SyntaxError();
            return false;
        }

        return TryParseCount(ctx, index + 1, out count);
    }

    private static bool TryParseCount(CommandContext ctx, int index, out long count)
    {
        count = One;
        for (; index < ctx.ArgumentCount; index += 2)
        {
            if (count != One || index + 1 == ctx.ArgumentCount || !ctx.ArgumentIs(index, "count"u8))
            {
                ctx.Reply.SyntaxError();
                return false;
            }

            if (!ctx.TryIntegerInRange(index + 1, 1, long.MaxValue, out count, "count should be greater than 0")) return false;
        }

        if (count == One) count = 1;
        return true;
    }

    /// <summary>Finds the first key that has members; false after replying that one before it is of another type.</summary>
    private static bool TryFindFirst(
        CommandContext ctx, int firstKey, int keyCount, out int keyIndex, out KeyEntry handle, out SortedSetValue value)
    {
        handle = default;
        value = default;
        for (keyIndex = firstKey; keyIndex < firstKey + keyCount; keyIndex++)
        {
            if (!SortedSetStore.TryOpen(ctx, ctx.Argument(keyIndex), out handle, out value)) return false;
            if (value.Exists) return true;
        }

        return true;
    }

    private static void PopNested(
        CommandContext ctx, int keyIndex, KeyEntry handle, ref SortedSetValue value, bool isMax, long count)
    {
        ReadOnlySpan<byte> key = ctx.Argument(keyIndex);
        long popped = Math.Min(count, value.Count);
        ctx.Reply.ArrayHeader(2);
        ctx.Reply.Bulk(key);
        ctx.Reply.ArrayHeader(popped);
        Pop(ctx, key, handle, ref value, isMax, popped, isNested: true);
        if (ctx.PropagationWanted) ctx.PropagateInstead(isMax ? "ZPOPMAX"u8 : "ZPOPMIN"u8, key, popped);
    }

    private static void Pop(
        CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry handle, ref SortedSetValue value, bool isMax, long count,
        bool isNested)
    {
        long length = value.Count;
        Span<byte> scratch = stackalloc byte[Valkey.Structures.IntegerText.LengthMax];
        SortedSetCursor cursor = value.At(isMax ? length - 1 : 0);
        for (long i = 0; i < count; i++)
        {
            if (isNested) ctx.Reply.ArrayHeader(2);
            ctx.Reply.Bulk(cursor.Member(scratch));
            ctx.Reply.Double(cursor.Score);
            if (isMax) cursor.MovePrevious();
            else cursor.MoveNext();
        }

        value.RemoveRange(isMax ? length - count : 0, count);
        SortedSetStore.EndRemoval(ctx, key, handle, value, count, isMax ? "zpopmax"u8 : "zpopmin"u8);
    }
}
