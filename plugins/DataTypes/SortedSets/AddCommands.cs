// Adding members and changing scores: ZADD and ZINCRBY, which are one command with different defaults.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal static partial class AddCommands
{
    private const AddFlags OrderConditions = AddFlags.OnlyGreater | AddFlags.OnlyLess;

    /// <summary>
    /// ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]: replies how many members are new (with CH: new or
    /// changed), with INCR the new score or null.
    /// </summary>
    /// <remarks>Errors: WRONGTYPE, not a float, excluding options. Source: https://valkey.io/commands/zadd/</remarks>
    [Command("zadd")]
    public static void ZAdd(CommandContext ctx) => Add(ctx, AddFlags.None);

    /// <summary>ZINCRBY key increment member: adds to a score and replies the sum; a missing member counts as 0.</summary>
    /// <remarks>Errors: WRONGTYPE, not a float, NaN. Source: https://valkey.io/commands/zincrby/</remarks>
    [Command("zincrby")]
    public static void ZIncrBy(CommandContext ctx) => Add(ctx, AddFlags.Increment);

    private static void Add(CommandContext ctx, AddFlags flags)
    {
        int first = ReadOptions(ctx, ref flags, out bool countsChanges);
        if (!AreSound(ctx, flags, first) || !TryMeasure(ctx, first, out double firstScore, out int memberLengthMax)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!SortedSetStore.TryOpen(ctx, key, out KeyEntry handle, out SortedSetValue value)) return;
        if (!value.Exists && (flags & AddFlags.OnlyExisting) != 0)
        {
            if ((flags & AddFlags.Increment) != 0) ctx.Reply.Null();
            else ctx.Reply.Integer(0);
            return;
        }

        int pairCount = (ctx.ArgumentCount - first) / 2;
        if (value.Exists) value.Prepare(pairCount, memberLengthMax);
        else value = SortedSetValue.Create(pairCount, memberLengthMax);

        Outcome outcome = AddAll(ctx, ref value, first, firstScore, flags);
        if (handle.Exists) SortedSetStore.Save(ctx, handle, value);
        else SortedSetStore.Add(ctx, key, value);
        Reply(ctx, outcome, flags, countsChanges);

        if (outcome.AddedCount + outcome.UpdatedCount == 0) return;
        ctx.SignalModified(key, outcome.AddedCount + outcome.UpdatedCount);
        ctx.Notify(KeyspaceEvent.SortedSet, (flags & AddFlags.Increment) != 0 ? "zincr"u8 : "zadd"u8, key);
    }

    /// <summary>Reads the words in front of the first score; returns where that is.</summary>
    private static int ReadOptions(CommandContext ctx, ref AddFlags flags, out bool countsChanges)
    {
        countsChanges = false;
        int index = 2;
        for (; index < ctx.ArgumentCount; index++)
        {
            int length = ctx.Argument(index).Length;
            if (length is not (2 or 4)) return index;

            if (ctx.ArgumentIs(index, "nx"u8)) flags |= AddFlags.OnlyNew;
            else if (ctx.ArgumentIs(index, "xx"u8)) flags |= AddFlags.OnlyExisting;
            else if (ctx.ArgumentIs(index, "gt"u8)) flags |= AddFlags.OnlyGreater;
            else if (ctx.ArgumentIs(index, "lt"u8)) flags |= AddFlags.OnlyLess;
            else if (ctx.ArgumentIs(index, "ch"u8)) countsChanges = true;
            else if (ctx.ArgumentIs(index, "incr"u8)) flags |= AddFlags.Increment;
            else return index;
        }

        return index;
    }

    private static bool AreSound(CommandContext ctx, AddFlags flags, int first)
    {
        int wordCount = ctx.ArgumentCount - first;
        bool isOnlyNew = (flags & AddFlags.OnlyNew) != 0;
        if (wordCount == 0 || wordCount % 2 != 0)
            ctx.Reply.SyntaxError();
        else if (isOnlyNew && (flags & AddFlags.OnlyExisting) != 0)
            ctx.Reply.Error("ERR XX and NX options at the same time are not compatible"u8);
        else if ((isOnlyNew && (flags & OrderConditions) != 0) || (flags & OrderConditions) == OrderConditions)
            ctx.Reply.Error("ERR GT, LT, and/or NX options at the same time are not compatible"u8);
        else if ((flags & AddFlags.Increment) != 0 && wordCount > 2)
            ctx.Reply.Error("ERR INCR option supports a single increment-element pair"u8);
        else
            return true;
        return false;
    }

    /// <summary>Looks at all pairs before anything is changed; false after replying that a score is no number.</summary>
    private static bool TryMeasure(CommandContext ctx, int first, out double firstScore, out int memberLengthMax)
    {
        firstScore = 0;
        memberLengthMax = 0;
        for (int i = first; i < ctx.ArgumentCount; i += 2)
        {
            if (!DoubleText.TryParse(ctx.Argument(i), out double score))
            {
                ctx.Reply.Error("ERR value is not a valid float"u8);
                return false;
            }

            if (i == first) firstScore = score;
            memberLengthMax = Math.Max(memberLengthMax, ctx.Argument(i + 1).Length);
        }

        return true;
    }

    private static Outcome AddAll(CommandContext ctx, ref SortedSetValue value, int first, double firstScore, AddFlags flags)
    {
        Outcome outcome = default;
        for (int i = first; i < ctx.ArgumentCount; i += 2)
        {
            double score = firstScore;
            if (i != first) _ = DoubleText.TryParse(ctx.Argument(i), out score); // it could be read before
            outcome.Last = value.Add(ref score, ctx.Argument(i + 1), flags);
            outcome.Score = score;
            if (outcome.Last == AddResult.Added) outcome.AddedCount++;
            if (outcome.Last == AddResult.Updated) outcome.UpdatedCount++;
        }

        return outcome;
    }

    private static void Reply(CommandContext ctx, in Outcome outcome, AddFlags flags, bool countsChanges)
    {
        if (outcome.Last == AddResult.NotANumber)
            ctx.Reply.Error("ERR resulting score is not a number (NaN)"u8);
        else if ((flags & AddFlags.Increment) == 0)
            ctx.Reply.Integer(countsChanges ? outcome.AddedCount + outcome.UpdatedCount : outcome.AddedCount);
        else if (outcome.Last == AddResult.Refused)
            ctx.Reply.Null();
        else
            ctx.Reply.Double(outcome.Score);
    }

    private struct Outcome
    {
        public int AddedCount;
        public int UpdatedCount;
        public AddResult Last;
        public double Score;
    }
}
