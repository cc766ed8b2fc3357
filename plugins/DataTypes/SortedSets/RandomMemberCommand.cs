// ZRANDMEMBER. Without a count one member; with a positive count that many different ones, or all; with a negative count that
// many draws, where a member may come again. Every member, and every choice of different members, is equally likely.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal static partial class RandomMemberCommand
{
    // From here on it is quicker to pass over all members once than to draw until enough different ones came.
    private const long PassFactor = 3;

    // Positions of so many members are kept on the stack, for draws from a listpack.
    private const int PositionsMax = 512;

    private static ulong s_state = (ulong)Random.Shared.NextInt64();

    /// <summary>ZRANDMEMBER key [count [WITHSCORES]]: replies random members.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, the count is no number. Source: https://valkey.io/commands/zrandmember/</remarks>
    [Command("zrandmember")]
    public static void ZRandMember(CommandContext ctx)
    {
        if (ctx.ArgumentCount > 2)
        {
            ReplySeveral(ctx);
            return;
        }

        if (!SortedSetStore.TryRead(ctx, ctx.Argument(1), out SortedSetValue value)) return;
        if (!value.Exists)
        {
            ctx.Reply.Null();
            return;
        }

        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        ctx.Reply.Bulk(value.IsListpack
            ? value.At(Random.Shared.NextInt64(value.Count)).Member(scratch)
            : value.Set.Random(ref s_state).Member);
    }

    private static void ReplySeveral(CommandContext ctx)
    {
        if (!ctx.TryIntegerInRange(2, -long.MaxValue, long.MaxValue, out long count)) return;

        bool withScores = ctx.ArgumentCount == 4;
        if (ctx.ArgumentCount > 4 || (withScores && !ctx.ArgumentIs(3, "withscores"u8)))
        {
            ctx.Reply.SyntaxError();
            return;
        }

        if (withScores && count is < -long.MaxValue / 2 or > long.MaxValue / 2)
        {
            ctx.Reply.Error("ERR value is out of range"u8);
            return;
        }

        if (!SortedSetStore.TryRead(ctx, ctx.Argument(1), out SortedSetValue value)) return;

        if (!value.Exists || count == 0) ctx.Reply.ArrayHeader(0);
        else if (count is < 0 or 1) ReplyDraws(ctx, value, Math.Abs(count), withScores);
        else ReplyDifferent(ctx, value, Math.Min(count, value.Count), withScores);
    }

    private static void ReplyDraws(CommandContext ctx, in SortedSetValue value, long count, bool withScores)
    {
        ElementReply reply = new(ctx.Reply, count, withScores);
        if (!value.IsListpack)
        {
            for (long i = 0; i < count && !ctx.IsReplyFutileAfter(i); i++) reply.Write(value.Set.Random(ref s_state));
            return;
        }

        // One pass finds where all members are; each draw is one step then.
        Span<int> positions = stackalloc int[PositionsMax];
        Listpack pairs = value.Pairs;
        int known = 0;
        for (int position = pairs.First; position >= 0 && known < PositionsMax; position = ScorePairs.Next(pairs, position))
        {
            positions[known++] = position;
        }

        bool areAllKnown = known == value.Count;
        for (long i = 0; i < count && !ctx.IsReplyFutileAfter(i); i++)
        {
            int drawn = (int)Random.Shared.NextInt64(value.Count);
            reply.Write(areAllKnown ? new SortedSetCursor(pairs, positions[drawn]) : value.At(drawn));
        }
    }

    private static void ReplyDifferent(CommandContext ctx, in SortedSetValue value, long count, bool withScores)
    {
        ElementReply reply = new(ctx.Reply, count, withScores);
        if (value.IsListpack || count > value.Count / PassFactor) ReplyInOnePass(reply, value, count);
        else ReplyByDrawing(reply, value.Set, count);
    }

    // Of the members that are left, each is taken with the same probability.
    private static void ReplyInOnePass(in ElementReply reply, in SortedSetValue value, long count)
    {
        long unseenCount = value.Count;
        for (SortedSetCursor cursor = value.At(0); count > 0; cursor.MoveNext())
        {
            if (Random.Shared.NextInt64(unseenCount--) >= count) continue;

            count--;
            reply.Write(cursor);
        }
    }

    // The table holds elements of the set: only the table itself is freed.
    private static void ReplyByDrawing(in ElementReply reply, ScoredSet set, long count)
    {
        NativeTable<ScoredElementTraits> drawn = NativeTable<ScoredElementTraits>.Create();
        while (drawn.Count < count)
        {
            ScoredElement element = set.Random(ref s_state);
            ulong hash = KeyHash.Of(element.Member);
            if (drawn.Find(element.Member, hash) != 0) continue;

            drawn.Insert(element.Address, hash);
            reply.Write(element);
        }

        drawn.Free();
    }
}
