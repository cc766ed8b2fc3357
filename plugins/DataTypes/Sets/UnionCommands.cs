// UnionCommands.cs: SUNION and SUNIONSTORE.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static partial class UnionCommands
{
    // Up to so many sets it is quicker to look whether an earlier one has the member than to collect all members first.
    private const int DirectSetsMax = 3;

    /// <summary>SUNION key [key ...]: replies the members that any of the sets has.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/sunion/</remarks>
    [Command("sunion")]
    public static void SUnion(CommandContext ctx)
    {
        if (!SetOperands.TryRead(ctx, 1, ctx.ArgumentCount - 1, out Span<SetValue> sets)) return;

        bool onlyIntsets = AreAllIntsets(sets);
        if (!onlyIntsets && sets.Length <= DirectSetsMax)
        {
            ReplyDirectly(ctx.Reply, sets);
            return;
        }

        // Of intsets the union is one too, and comes in ascending order.
        SetValue union = Unite(sets, onlyIntsets ? SetValue.CreateIntset() : SetValue.CreateTable());
        ctx.Reply.SetHeader(union.Count);
        MembershipCommands.ReplyAll(ctx.Reply, union);
        union.Free();
    }

    /// <summary>SUNIONSTORE destination key [key ...]: stores the members that any set has, and replies how many.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/sunionstore/</remarks>
    [Command("sunionstore")]
    public static void SUnionStore(CommandContext ctx)
    {
        if (!SetOperands.TryRead(ctx, 2, ctx.ArgumentCount - 2, out Span<SetValue> sets)) return;
        SetStore.StoreResult(ctx, ctx.Argument(1), Unite(sets, SetValue.CreateIntset()), "sunionstore"u8);
    }

    /// <summary>Whether none of the sets that exist is anything else.</summary>
    public static bool AreAllIntsets(ReadOnlySpan<SetValue> sets)
    {
        foreach (SetValue set in sets)
        {
            if (set.Exists && set.Encoding != SetEncoding.Intset) return false;
        }

        return true;
    }

    private static SetValue Unite(ReadOnlySpan<SetValue> sets, SetValue union)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        foreach (SetValue set in sets)
        {
            if (!set.Exists) continue;
            MemberWalk members = new(set, scratch);
            while (members.MoveNext()) union.Add(ref members);
        }

        return union;
    }

    private static void ReplyDirectly(ReplyWriter reply, ReadOnlySpan<SetValue> sets)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        DeferredLength list = reply.BeginDeferred();
        long count = 0;
        for (int i = 0; i < sets.Length; i++)
        {
            if (!sets[i].Exists) continue;
            MemberWalk members = new(sets[i], scratch);
            while (members.MoveNext())
            {
                if (IsInAny(sets[..i], ref members)) continue;
                members.Reply(reply);
                count++;
            }
        }

        reply.EndSet(list, count);
    }

    private static bool IsInAny(ReadOnlySpan<SetValue> sets, ref MemberWalk member)
    {
        for (int i = 0; i < sets.Length; i++)
        {
            if (sets[i].Exists && sets[i].Contains(ref member)) return true;
        }

        return false;
    }
}
