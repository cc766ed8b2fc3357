// PopCommand.cs: SPOP. Chance decides what is taken out, so what is propagated is the outcome: SREM with the members, or the
// deletion of the key when all were taken.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static partial class PopCommand
{
    // When this many times what would remain is still not more than what is wanted, drawing what remains is quicker.
    private const long RemainderFactor = 5;

    /// <summary>SPOP key [count]: takes random members out and replies them.</summary>
    /// <remarks>Errors: WRONGTYPE, the count is no number or negative. Source: https://valkey.io/commands/spop/</remarks>
    [Command("spop")]
    public static void SPop(CommandContext ctx)
    {
        if (ctx.ArgumentCount > 3)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        if (ctx.ArgumentCount == 3) PopSeveral(ctx);
        else PopOne(ctx);
    }

    private static void PopOne(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!SetStore.TryOpen(ctx, key, out KeyEntry entry, out SetValue set)) return;
        if (!set.Exists)
        {
            ctx.Reply.Null();
            return;
        }

        switch (set.Encoding)
        {
            case SetEncoding.Intset:
                PopInteger(ctx, key, ref set);
                break;
            case SetEncoding.Listpack:
                PopFromListpack(ctx, key, ref set);
                break;
            default:
                PopFromTable(ctx, key, set);
                break;
        }

        SetStore.Save(ctx, entry, set);
        ctx.Notify(KeyspaceEvent.Set, "spop"u8, key);
        if (set.Count == 0)
        {
            ctx.Delete(key);
            ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
        }

        ctx.SignalModified(key);
    }

    private static void PopInteger(CommandContext ctx, ReadOnlySpan<byte> key, ref SetValue set)
    {
        int index = (int)SetRandom.Below(set.Intset.Count);
        long member = set.Intset[index];
        ctx.Reply.BulkInteger(member);
        if (ctx.PropagationWanted) ctx.PropagateInstead("SREM"u8, key, member);
        set.RemoveIntegerAt(index);
    }

    private static void PopFromListpack(CommandContext ctx, ReadOnlySpan<byte> key, ref SetValue set)
    {
        int position = set.Listpack.Seek(SetRandom.Below(set.Listpack.Count));
        ReadOnlySpan<byte> member = set.Listpack.At(position).Text(stackalloc byte[IntegerText.LengthMax]);
        ctx.Reply.Bulk(member);
        if (ctx.PropagationWanted) ctx.PropagateInstead("SREM"u8, key, member);
        set.RemoveAt(position);
    }

    private static void PopFromTable(CommandContext ctx, ReadOnlySpan<byte> key, SetValue set)
    {
        PackedString member = new(set.Table.Random(ref SetRandom.State));
        ctx.Reply.Bulk(member.Span);
        if (ctx.PropagationWanted) ctx.PropagateInstead("SREM"u8, key, member.Span);
        set.Table.RemoveExact(member.Address, KeyHash.Of(member.Span));
        member.Free();
    }

    private static void PopSeveral(CommandContext ctx)
    {
        if (!ctx.TryIntegerInRange(2, 0, long.MaxValue, out long count, "value is out of range, must be positive")) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!SetStore.TryOpen(ctx, key, out KeyEntry entry, out SetValue set)) return;
        if (!set.Exists || count == 0)
        {
            ctx.Reply.SetHeader(0);
            return;
        }

        long size = set.Count;
        ctx.Notify(KeyspaceEvent.Set, "spop"u8, key);
        if (count >= size)
        {
            PopAll(ctx, key, set);
            return;
        }

        ctx.Reply.SetHeader(count);
        PopPropagation propagation = new(ctx, key);
        set = Take(ctx.Reply, ref propagation, set, count, size - count);
        SetStore.Save(ctx, entry, set);
        propagation.Finish();
        ctx.SignalModified(key, count);
    }

    private static void PopAll(CommandContext ctx, ReadOnlySpan<byte> key, SetValue set)
    {
        long size = set.Count;
        ctx.Reply.SetHeader(size);
        MembershipCommands.ReplyAll(ctx.Reply, set);
        ctx.Delete(key);
        ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
        if (ctx.PropagationWanted) ctx.PropagateInstead(SetOptions.DeletionCommand, key);
        ctx.SignalModified(key, size);
    }

    /// <summary>Replies and takes out so many members.</summary>
    /// <returns>The set that is left.</returns>
    private static SetValue Take(
        ReplyWriter reply, ref PopPropagation propagation, SetValue set, long count, long remainingCount)
    {
        bool drawsRemainder = remainingCount * RemainderFactor <= count;
        if (set.Encoding == SetEncoding.Listpack) return TakeFromListpack(reply, ref propagation, set, count, drawsRemainder);
        if (drawsRemainder) return TakeAllBut(reply, ref propagation, set, remainingCount);

        for (long i = 0; i < count; i++)
        {
            if (set.Encoding == SetEncoding.Intset) TakeInteger(reply, ref propagation, ref set);
            else TakeFromTable(reply, ref propagation, set);
        }

        return set;
    }

    private static void TakeInteger(ReplyWriter reply, ref PopPropagation propagation, ref SetValue set)
    {
        int index = (int)SetRandom.Below(set.Intset.Count);
        long member = set.Intset[index];
        reply.BulkInteger(member);
        propagation.Add(member);
        set.RemoveIntegerAt(index);
    }

    private static void TakeFromTable(ReplyWriter reply, ref PopPropagation propagation, SetValue set)
    {
        PackedString member = new(set.Table.Random(ref SetRandom.State));
        reply.Bulk(member.Span);
        set.Table.RemoveExact(member.Address, KeyHash.Of(member.Span));
        propagation.AddAndFree(member);
    }

    // In one pass: of the members that are left, each is taken with the same probability. What is not taken makes the new set.
    private static SetValue TakeFromListpack(
        ReplyWriter reply, ref PopPropagation propagation, SetValue set, long count, bool limitsRemainder)
    {
        SetValue remaining = SetValue.CreateListpack();
        long unseenCount = set.Listpack.Count;
        MemberWalk members = new(set, stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext())
        {
            if (SetRandom.Below(unseenCount--) < count)
            {
                count--;
                members.Reply(reply);
                if (members.IsStoredAsInteger) propagation.Add(members.Integer);
                else propagation.Add(members.Text);
            }
            else if (limitsRemainder)
            {
                remaining.AddNew(ref members);
            }
            else
            {
                remaining.AppendAsIs(ref members);
            }
        }

        propagation.Finish(); // it refers to the listpack's bytes
        set.Free();
        return remaining;
    }

    // The members that stay are drawn and make the new set; all others go to the client.
    private static SetValue TakeAllBut(
        ReplyWriter reply, ref PopPropagation propagation, SetValue set, long remainingCount)
    {
        SetValue remaining = set.Encoding == SetEncoding.Intset ? SetValue.CreateIntset() : SetValue.CreateListpack();
        for (long i = 0; i < remainingCount; i++) MoveRandom(ref set, ref remaining);

        MemberWalk members = new(set, stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext())
        {
            members.Reply(reply);
            if (members.IsStoredAsInteger) propagation.Add(members.Integer);
            else propagation.Add(members.Text);
        }

        propagation.Finish(); // it refers to the members
        set.Free();
        return remaining;
    }

    private static void MoveRandom(ref SetValue source, ref SetValue target)
    {
        if (source.Encoding == SetEncoding.Intset)
        {
            int index = (int)SetRandom.Below(source.Intset.Count);
            target.AddInteger(source.Intset[index]);
            source.RemoveIntegerAt(index);
            return;
        }

        PackedString member = new(source.Table.Random(ref SetRandom.State));
        ReadOnlySpan<byte> text = member.Span;
        target.Add(text);
        source.Table.RemoveExact(member.Address, KeyHash.Of(text));
        member.Free();
    }
}
