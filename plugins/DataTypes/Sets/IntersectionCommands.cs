// IntersectionCommands.cs: SINTER, SINTERCARD and SINTERSTORE. The members of the smallest set are looked for in all others, the
// small ones first, as one that lacks the member ends the search.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static partial class IntersectionCommands
{
    /// <summary>SINTER key [key ...]: replies the members that all sets have.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/sinter/</remarks>
    [Command("sinter")]
    public static void SInter(CommandContext ctx)
    {
        if (!SetOperands.TryRead(ctx, 1, ctx.ArgumentCount - 1, out Span<SetValue> sets)) return;
        if (HasEmpty(sets))
        {
            ctx.Reply.SetHeader(0);
            return;
        }

        SetOperands.SortAscending(sets);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long count = 0;
        MemberWalk members = new(sets[0], stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext())
        {
            if (!AreAllContaining(sets, ref members)) continue;
            members.Reply(ctx.Reply);
            count++;
        }

        ctx.Reply.EndSet(list, count);
    }

    /// <summary>SINTERCARD numkeys key [key ...] [LIMIT limit]: replies how many members all sets have.</summary>
    /// <remarks>Errors: WRONGTYPE, bad numbers, syntax. Source: https://valkey.io/commands/sintercard/</remarks>
    [Command("sintercard")]
    public static void SInterCard(CommandContext ctx)
    {
        if (!ctx.TryIntegerInRange(1, 1, long.MaxValue, out long keyCount, "numkeys should be greater than 0")) return;
        if (keyCount > ctx.ArgumentCount - 2)
        {
            ctx.Reply.Error("ERR Number of keys can't be greater than number of args"u8);
            return;
        }

        if (!TryReadLimit(ctx, 2 + (int)keyCount, out long limit)) return;
        if (!SetOperands.TryRead(ctx, 2, (int)keyCount, out Span<SetValue> sets)) return;
        ctx.Reply.Integer(HasEmpty(sets) ? 0 : CountCommon(sets, limit));
    }

    /// <summary>SINTERSTORE destination key [key ...]: stores the members that all sets have, and replies how many.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/sinterstore/</remarks>
    [Command("sinterstore")]
    public static void SInterStore(CommandContext ctx)
    {
        if (!SetOperands.TryRead(ctx, 2, ctx.ArgumentCount - 2, out Span<SetValue> sets)) return;

        ReadOnlySpan<byte> destination = ctx.Argument(1);
        if (HasEmpty(sets)) SetStore.ReplyEmptyResult(ctx, destination);
        else SetStore.StoreResult(ctx, destination, Intersect(sets), "sinterstore"u8);
    }

    private static bool TryReadLimit(CommandContext ctx, int index, out long limit)
    {
        limit = 0;
        for (; index < ctx.ArgumentCount; index += 2)
        {
            if (!ctx.ArgumentIs(index, "limit"u8) || index + 1 == ctx.ArgumentCount)
            {
                ctx.Reply.SyntaxError();
                return false;
            }

            if (!ctx.TryIntegerInRange(index + 1, 0, long.MaxValue, out limit, "ERR LIMIT can't be negative")) return false;
        }

        return true;
    }

    private static bool HasEmpty(ReadOnlySpan<SetValue> sets)
    {
        foreach (SetValue set in sets)
        {
            if (!set.Exists) return true;
        }

        return false;
    }

    private static bool AreAllContaining(ReadOnlySpan<SetValue> sets, ref MemberWalk member)
    {
        for (int i = 1; i < sets.Length; i++)
        {
            if (!sets[i].IsSameAs(sets[0]) && !sets[i].Contains(ref member)) return false;
        }

        return true;
    }

    private static long CountCommon(Span<SetValue> sets, long limit)
    {
        SetOperands.SortAscending(sets);
        long count = 0;
        MemberWalk members = new(sets[0], stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext())
        {
            if (AreAllContaining(sets, ref members) && ++count == limit) break;
        }

        return count;
    }

    // A compact result is built as a listpack, or as an intset where the smallest set is one already: its members come in
    // ascending order. When all of it turns out to be integers, it is made an intset in the end.
    private static SetValue Intersect(Span<SetValue> sets)
    {
        SetOperands.SortAscending(sets);
        SetValue result = sets[0].Encoding == SetEncoding.Intset ? SetValue.CreateIntset() : SetValue.CreateListpack();
        bool onlyIntegers = true;
        MemberWalk members = new(sets[0], stackalloc byte[IntegerText.LengthMax]);
        TwinFilter twins = new(sets[0]);
        while (members.MoveNext())
        {
            if (!AreAllContaining(sets, ref members) || twins.IsRepeated(ref members)) continue;
            onlyIntegers = onlyIntegers && members.TryGetInteger(out _);
            result.AddNew(ref members);
        }

        if (onlyIntegers && result.Count > 0) result.CompactToIntset();
        return result;
    }
}
