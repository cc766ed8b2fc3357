// RandomMemberCommand.cs: SRANDMEMBER. Without a count one member; with a positive count that many different ones, or all; with
// a negative count that many draws, where a member may come again. Every member, and every choice of different members, is
// equally likely.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static partial class RandomMemberCommand
{
    // From here on it is quicker to pass over all members once than to draw until enough different ones came.
    private const long PassFactor = 3;

    // Positions of so many members are kept on the stack, for draws from a listpack.
    private const int PositionsMax = 512;

    /// <summary>SRANDMEMBER key [count]: replies random members.</summary>
    /// <remarks>Errors: WRONGTYPE, the count is no number. Source: https://valkey.io/commands/srandmember/</remarks>
    [Command("srandmember")]
    public static void SRandMember(CommandContext ctx)
    {
        if (ctx.ArgumentCount > 3)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        if (ctx.ArgumentCount == 3)
        {
            ReplySeveral(ctx);
            return;
        }

        if (!SetStore.TryRead(ctx, ctx.Argument(1), out SetValue set)) return;
        if (set.Exists) ReplyOne(ctx.Reply, set);
        else ctx.Reply.Null();
    }

    private static void ReplySeveral(CommandContext ctx)
    {
        if (!ctx.TryIntegerInRange(2, -long.MaxValue, long.MaxValue, out long count)) return;
        if (!SetStore.TryRead(ctx, ctx.Argument(1), out SetValue set)) return;

        if (!set.Exists || count == 0) ctx.Reply.ArrayHeader(0);
        else if (count is < 0 or 1) ReplyDraws(ctx, set, Math.Abs(count));
        else if (count >= set.Count) ReplyAll(ctx.Reply, set);
        else ReplyDifferent(ctx.Reply, set, count);
    }

    private static void ReplyAll(ReplyWriter reply, SetValue set)
    {
        reply.ArrayHeader(set.Count);
        MembershipCommands.ReplyAll(reply, set);
    }

    private static void ReplyOne(ReplyWriter reply, SetValue set)
    {
        switch (set.Encoding)
        {
            case SetEncoding.Intset:
                reply.BulkInteger(set.Intset[(int)SetRandom.Below(set.Intset.Count)]);
                break;
            case SetEncoding.Listpack:
                ReplyAt(reply, set.Listpack, set.Listpack.Seek(SetRandom.Below(set.Listpack.Count)));
                break;
            default:
                reply.Bulk(new PackedString(set.Table.Random(ref SetRandom.State)).Span);
                break;
        }
    }

    private static void ReplyAt(ReplyWriter reply, Listpack listpack, int position)
    {
        ListpackElement element = listpack.At(position);
        if (element.IsInteger) reply.BulkInteger(element.Integer);
        else reply.Bulk(element.Bytes);
    }

    private static void ReplyDraws(CommandContext ctx, SetValue set, long count)
    {
        ctx.Reply.ArrayHeader(count);
        if (set.Encoding == SetEncoding.Listpack && count > 1 && set.Listpack.Count <= PositionsMax)
        {
            ReplyListpackDraws(ctx, set.Listpack, count);
            return;
        }

        for (long i = 0; i < count && !ctx.IsReplyFutileAfter(i); i++) ReplyOne(ctx.Reply, set);
    }

    // One pass finds where all members are; each draw is one step then.
    private static void ReplyListpackDraws(CommandContext ctx, Listpack listpack, long count)
    {
        Span<int> positions = stackalloc int[PositionsMax];
        int memberCount = 0;
        for (int position = listpack.First; position >= 0; position = listpack.Next(position)) positions[memberCount++] = position;

        for (long i = 0; i < count && !ctx.IsReplyFutileAfter(i); i++)
        {
            ReplyAt(ctx.Reply, listpack, positions[(int)SetRandom.Below(memberCount)]);
        }
    }

    private static void ReplyDifferent(ReplyWriter reply, SetValue set, long count)
    {
        reply.ArrayHeader(count);
        long size = set.Count;
        bool isOnePassBetter = set.Encoding == SetEncoding.Listpack || count > size / PassFactor;
        if (isOnePassBetter) ReplyInOnePass(reply, set, count, size);
        else if (set.Encoding == SetEncoding.Intset) ReplyDifferentIntegers(reply, set.Intset, count);
        else ReplyDifferentFromTable(reply, set.Table, count);
    }

    // Of the members that are left, each is taken with the same probability.
    private static void ReplyInOnePass(ReplyWriter reply, SetValue set, long count, long unseenCount)
    {
        MemberWalk members = new(set, stackalloc byte[IntegerText.LengthMax]);
        while (count > 0 && members.MoveNext())
        {
            if (SetRandom.Below(unseenCount--) >= count) continue;

            count--;
            members.Reply(reply);
        }
    }

    private static void ReplyDifferentIntegers(ReplyWriter reply, Intset intset, long count)
    {
        Intset drawn = Intset.Create();
        while (drawn.Count < count)
        {
            long member = intset[(int)SetRandom.Below(intset.Count)];
            drawn = drawn.Add(member, out bool isNew);
            if (isNew) reply.BulkInteger(member);
        }

        drawn.Free();
    }

    // The second table holds the strings of the first one: only the table itself is freed.
    private static void ReplyDifferentFromTable(ReplyWriter reply, NativeTable<PackedStringTraits> table, long count)
    {
        NativeTable<PackedStringTraits> drawn = NativeTable<PackedStringTraits>.Create();
        while (drawn.Count < count)
        {
            PackedString member = new(table.Random(ref SetRandom.State));
            ulong hash = KeyHash.Of(member.Span);
            if (drawn.Find(member.Span, hash) != 0) continue;

            drawn.Insert(member.Address, hash);
            reply.Bulk(member.Span);
        }

        drawn.Free();
    }
}
