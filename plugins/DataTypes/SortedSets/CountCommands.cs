// Counting members: all, or those in a range.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.SortedSets;

internal static partial class CountCommands
{
    /// <summary>ZCARD key: replies the number of members.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/zcard/</remarks>
    [Command("zcard")]
    public static void ZCard(CommandContext ctx)
    {
        if (!SortedSetStore.TryRead(ctx, ctx.Argument(1), out SortedSetValue value)) return;

        ctx.Reply.Integer(value.Exists ? value.Count : 0);
    }

    /// <summary>ZCOUNT key min max: replies how many scores lie in the range.</summary>
    /// <remarks>Errors: WRONGTYPE, not a float. Source: https://valkey.io/commands/zcount/</remarks>
    [Command("zcount")]
    public static void ZCount(CommandContext ctx)
    {
        if (ScoreRange.TryParse(ctx, 2, 3, out ScoreRange range)) ReplyCount(ctx, range);
    }

    /// <summary>ZLEXCOUNT key min max: replies how many members lie in the range of bytes.</summary>
    /// <remarks>Errors: WRONGTYPE, not valid string range item. Source: https://valkey.io/commands/zlexcount/</remarks>
    [Command("zlexcount")]
    public static void ZLexCount(CommandContext ctx)
    {
        if (MemberRange.TryParse(ctx, 2, 3, out MemberRange range)) ReplyCount(ctx, range);
    }

    private static void ReplyCount<TRange>(CommandContext ctx, in TRange range)
        where TRange : struct, IElementRange, allows ref struct
    {
        if (!SortedSetStore.TryRead(ctx, ctx.Argument(1), out SortedSetValue value)) return;

        ctx.Reply.Integer(value.Exists ? ElementRange.Find(range, value).Count : 0);
    }
}
