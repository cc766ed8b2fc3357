// DifferenceCommands.cs: SDIFF and SDIFFSTORE, in one of two ways. Either each member of the first set is looked for in the
// others; or the first set is copied and the members of the others are taken out of the copy. The sizes say which is less work.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static partial class DifferenceCommands
{
    /// <summary>SDIFF key [key ...]: replies the members of the first set that no other has.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/sdiff/</remarks>
    [Command("sdiff")]
    public static void SDiff(CommandContext ctx)
    {
        if (!SetOperands.TryRead(ctx, 1, ctx.ArgumentCount - 1, out Span<SetValue> sets)) return;
        if (!sets[0].Exists || IsFirstRepeated(sets))
        {
            ctx.Reply.SetHeader(0);
            return;
        }

        if (IsLookingUpLessWork(sets))
        {
            ReplyDirectly(ctx.Reply, sets);
            return;
        }

        bool onlyIntsets = UnionCommands.AreAllIntsets(sets);
        SetValue difference = Subtract(sets, onlyIntsets ? SetValue.CreateIntset() : SetValue.CreateTable());
        ctx.Reply.SetHeader(difference.Count);
        MembershipCommands.ReplyAll(ctx.Reply, difference);
        difference.Free();
    }

    /// <summary>SDIFFSTORE destination key [key ...]: stores the members that only the first set has, and replies how many.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/sdiffstore/</remarks>
    [Command("sdiffstore")]
    public static void SDiffStore(CommandContext ctx)
    {
        if (!SetOperands.TryRead(ctx, 2, ctx.ArgumentCount - 2, out Span<SetValue> sets)) return;

        ReadOnlySpan<byte> destination = ctx.Argument(1);
        if (!sets[0].Exists || IsFirstRepeated(sets))
        {
            SetStore.ReplyEmptyResult(ctx, destination);
            return;
        }

        SetValue difference = SetValue.CreateIntset();
        difference = IsLookingUpLessWork(sets) ? Select(sets, difference) : Subtract(sets, difference);
        SetStore.StoreResult(ctx, destination, difference, "sdiffstore"u8);
    }

    private static bool IsFirstRepeated(ReadOnlySpan<SetValue> sets)
    {
        for (int i = 1; i < sets.Length; i++)
        {
            if (sets[i].IsSameAs(sets[0])) return true;
        }

        return false;
    }

    // Looking up ends early where sets have members in common, so it counts half.
    private static bool IsLookingUpLessWork(ReadOnlySpan<SetValue> sets)
    {
        long lookups = 0, walked = 0;
        foreach (SetValue set in sets)
        {
            if (!set.Exists) continue;
            lookups += sets[0].Count;
            walked += set.Count;
        }

        return lookups / 2 <= walked;
    }

    private static void ReplyDirectly(ReplyWriter reply, Span<SetValue> sets)
    {
        SetOperands.SortDescending(sets[1..]); // what many have is found soon
        DeferredLength list = reply.BeginDeferred();
        long count = 0;
        MemberWalk members = new(sets[0], stackalloc byte[IntegerText.LengthMax]);
        TwinFilter twins = new(sets[0]);
        while (members.MoveNext())
        {
            if (IsInAny(sets[1..], ref members) || twins.IsRepeated(ref members)) continue;
            members.Reply(reply);
            count++;
        }

        reply.EndSet(list, count);
    }

    private static SetValue Select(Span<SetValue> sets, SetValue difference)
    {
        SetOperands.SortDescending(sets[1..]);
        MemberWalk members = new(sets[0], stackalloc byte[IntegerText.LengthMax]);
        TwinFilter twins = new(sets[0]);
        while (members.MoveNext())
        {
            if (!IsInAny(sets[1..], ref members) && !twins.IsRepeated(ref members)) difference.AddNew(ref members);
        }

        return difference;
    }

    private static SetValue Subtract(ReadOnlySpan<SetValue> sets, SetValue difference)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        MemberWalk members = new(sets[0], scratch);
        TwinFilter twins = new(sets[0]);
        while (members.MoveNext())
        {
            if (!twins.IsRepeated(ref members)) difference.AddNew(ref members);
        }

        for (int i = 1; i < sets.Length && difference.Count > 0; i++)
        {
            if (!sets[i].Exists) continue;
            members = new MemberWalk(sets[i], scratch);
            while (members.MoveNext()) difference.Remove(ref members);
        }

        return difference;
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
