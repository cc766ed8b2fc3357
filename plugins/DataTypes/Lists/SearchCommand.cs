// LPOS: at which indexes an element is found, from either end, how many, and how far to look.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Lists;

internal static partial class SearchCommand
{
    private const string RankIsZero =
        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
        + "or use negative to start from the end of the list";

    /// <summary>LPOS key element [RANK rank] [COUNT matches] [MAXLEN length]: replies an index or, with COUNT, indexes.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, a rank of zero. Source: https://valkey.io/commands/lpos/</remarks>
    [Command("lpos")]
    public static void LPos(CommandContext ctx)
    {
        if (!Search.TryParse(ctx, out Search search)) return;
        if (!ctx.TryLookupRead(ctx.Argument(1), ListType.Descriptor, out KeyEntry handle)) return;

        if (!search.HasCount)
        {
            long index = handle.Exists ? FindOne(new ListValue(handle), ctx.Argument(2), search) : -1;
            if (index >= 0) ctx.Reply.Integer(index);
            else ctx.Reply.Null();
        }
        else if (handle.Exists)
        {
            ReplyAll(ctx, new ListValue(handle), search);
        }
        else
        {
            ctx.Reply.ArrayHeader(0);
        }
    }

    private static long FindOne(ListValue list, ReadOnlySpan<byte> element, in Search search)
    {
        ListCursor cursor = list.CursorAt(search.Reversed ? -1 : 0, search.Reversed);
        long matches = 0;
        long found = -1;
        for (long i = 0; i < search.LengthMax && cursor.MoveNext(); i++)
        {
            if (!cursor.Current.Equals(element) || ++matches < search.Rank) continue;

            found = search.Reversed ? list.Length - 1 - i : i;
            break;
        }

        cursor.Dispose();
        return found;
    }

    private static void ReplyAll(CommandContext ctx, ListValue list, in Search search)
    {
        DeferredLength array = ctx.Reply.BeginDeferred();
        ReadOnlySpan<byte> element = ctx.Argument(2);
        ListCursor cursor = list.CursorAt(search.Reversed ? -1 : 0, search.Reversed);
        long length = list.Length;
        long matches = 0;
        long repliedCount = 0;
        for (long i = 0; i < search.LengthMax && repliedCount < search.CountMax && cursor.MoveNext(); i++)
        {
            if (!cursor.Current.Equals(element) || ++matches < search.Rank) continue;

            ctx.Reply.Integer(search.Reversed ? length - 1 - i : i);
            repliedCount++;
        }

        cursor.Dispose();
        ctx.Reply.EndArray(array, repliedCount);
    }

    /// <summary>What to look for.</summary>
    private struct Search
    {
        /// <summary>From which match on they count.</summary>
        public long Rank;

        /// <summary>From the end.</summary>
        public bool Reversed;

        /// <summary>Whether indexes are wanted, and not one.</summary>
        public bool HasCount;

        /// <summary>How many indexes at most.</summary>
        public long CountMax;

        /// <summary>How many elements to look at at most.</summary>
        public long LengthMax;

        /// <summary>Reads the options; false after replying what is wrong with them.</summary>
        public static bool TryParse(CommandContext ctx, out Search search)
        {
            search = new Search { Rank = 1, CountMax = long.MaxValue, LengthMax = long.MaxValue };
            for (int i = 3; i < ctx.ArgumentCount; i += 2)
            {
                if (i + 1 < ctx.ArgumentCount)
                {
                    if (ctx.ArgumentIs(i, "rank"u8))
                    {
                        if (!search.TryReadRank(ctx, i + 1)) return false;
                        continue;
                    }

                    if (ctx.ArgumentIs(i, "count"u8))
                    {
                        if (!TryReadLimit(ctx, i + 1, "ERR COUNT can't be negative", out search.CountMax)) return false;
                        search.HasCount = true;
                        continue;
                    }

                    if (ctx.ArgumentIs(i, "maxlen"u8))
                    {
                        if (!TryReadLimit(ctx, i + 1, "ERR MAXLEN can't be negative", out search.LengthMax)) return false;
                        continue;
                    }
                }

                ctx.Reply.SyntaxError();
                return false;
            }

            return true;
        }

        private bool TryReadRank(CommandContext ctx, int index)
        {
            if (!ctx.TryIntegerInRange(index, -long.MaxValue, long.MaxValue, out long rank)) return false;
            if (rank == 0)
            {
                ctx.Reply.Error(RankIsZero);
                return false;
            }

            Reversed = rank < 0;
            Rank = Math.Abs(rank);
            return true;
        }

        // Zero stands for no limit.
        private static bool TryReadLimit(CommandContext ctx, int index, string error, out long limit)
        {
            if (!ctx.TryIntegerInRange(index, 0, long.MaxValue, out limit, error)) return false;
            if (limit == 0) limit = long.MaxValue;
            return true;
        }
    }
}
