// ZSCAN. A small sorted set comes in one piece, a large one in steps with the promise of its table's scan: a member that is
// there from the first call to the last is reported at least once.

using System.Globalization;
using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal static partial class ScanCommand
{
    private const long CountDefault = 10;

    /// <summary>Buckets visited per member asked for, at most: in a sparse table a call gives up rather than take long.</summary>
    private const long BucketsPerMemberMax = 10;

    /// <summary>The list of one call keeps its room up to here.</summary>
    private const int FoundCapacityMax = 4096;

    private static readonly List<nint> s_found = []; // command thread only

    /// <summary>ZSCAN key cursor [MATCH pattern] [COUNT count] [NOSCORES].</summary>
    /// <remarks>Errors: WRONGTYPE, invalid cursor, syntax. Source: https://valkey.io/commands/zscan/</remarks>
    [Command("zscan")]
    public static void ZScan(CommandContext ctx)
    {
        if (!ScanCursor.TryParse(ctx.Argument(2), out ulong cursor))
        {
            ctx.Reply.Error("ERR invalid cursor"u8);
            return;
        }

        if (!SortedSetStore.TryRead(ctx, ctx.Argument(1), out SortedSetValue value)) return;
        if (!value.Exists)
        {
            ReplyCursor(ctx.Reply, 0);
            ctx.Reply.ArrayHeader(0);
            return;
        }

        if (!TryReadOptions(ctx, out Options options)) return;
        if (value.IsListpack) ReplyAll(ctx, value, options);
        else ReplyStep(ctx, value.Set, cursor, options);
    }

    private static bool TryReadOptions(CommandContext ctx, out Options options)
    {
        options = new Options { Count = CountDefault, WithScores = true };
        for (int i = 3; i < ctx.ArgumentCount; i++)
        {
            bool hasValue = i + 1 < ctx.ArgumentCount;
            if (hasValue && ctx.ArgumentIs(i, "count"u8))
            {
                if (!ctx.TryInteger(++i, out options.Count)) return false;
                if (options.Count < 1) return Refuse(ctx, "ERR syntax error"u8);
            }
            else if (hasValue && ctx.ArgumentIs(i, "match"u8))
            {
                i++;
                options.PatternIndex = ctx.Argument(i) is [(byte)'*'] ? 0 : i;
            }
            else if (ctx.ArgumentIs(i, "noscores"u8))
            {
                options.WithScores = false;
            }
            else
            {
                return Refuse(ctx, ctx.ArgumentIs(i, "novalues"u8)
                    ? "ERR NOVALUES option can only be used in HSCAN"u8
                    : "ERR syntax error"u8);
            }
        }

        return true;
    }

    private static bool Refuse(CommandContext ctx, ReadOnlySpan<byte> error)
    {
        ctx.Reply.Error(error);
        return false;
    }

    private static void ReplyAll(CommandContext ctx, in SortedSetValue value, in Options options)
    {
        ReplyCursor(ctx.Reply, 0);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long replied = 0;
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        Span<byte> score = stackalloc byte[DoubleText.LengthMax];
        for (SortedSetCursor cursor = value.At(0); !cursor.IsNone; cursor.MoveNext())
        {
            ReadOnlySpan<byte> member = cursor.Member(scratch);
            if (!options.Takes(ctx, member)) continue;

            ctx.Reply.Bulk(member);
            if (options.WithScores) ctx.Reply.Bulk(score[..DoubleText.Format(cursor.Score, score)]);
            replied += options.WithScores ? 2 : 1;
        }

        ctx.Reply.EndArray(list, replied);
    }

    private static void ReplyStep(CommandContext ctx, ScoredSet set, ulong cursor, in Options options)
    {
        s_found.Clear();
        Collector collector = default;
        long bucketsLeft = Math.Min(options.Count, long.MaxValue / BucketsPerMemberMax) * BucketsPerMemberMax;
        do
        {
            cursor = set.Scan(cursor, ref collector);
        }
        while (cursor != 0 && bucketsLeft-- > 0 && s_found.Count < options.Count);

        ReplyCursor(ctx.Reply, cursor);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long replied = 0;
        foreach (nint address in s_found)
        {
            ScoredElement element = new(address);
            if (!options.Takes(ctx, element.Member)) continue;

            ctx.Reply.Bulk(element.Member);
            if (options.WithScores) ReplyLongScore(ctx.Reply, element.Score);
            replied += options.WithScores ? 2 : 1;
        }

        ctx.Reply.EndArray(list, replied);
        if (s_found.Capacity > FoundCapacityMax) s_found.Capacity = 0; // a huge COUNT is the exception
    }

    // Here, and nowhere else, Valkey writes scores with 17 digits: 0.1 is 0.10000000000000001.
    private static void ReplyLongScore(ReplyWriter reply, double score)
    {
        Span<byte> text = stackalloc byte[DoubleText.LengthMax];
        if (DoubleText.TryInteger(score, out long integer) && Math.Abs(integer) < 100_000_000_000_000_000)
        {
            reply.BulkInteger(integer);
            return;
        }

        if (!double.IsFinite(score))
        {
            reply.Bulk(text[..DoubleText.Format(score, text)]);
            return;
        }

        _ = score.TryFormat(text, out int length, "G17", CultureInfo.InvariantCulture);
        int exponent = text[..length].IndexOf((byte)'E');
        if (exponent >= 0) text[exponent] = (byte)'e';
        reply.Bulk(text[..length]);
    }

    private static void ReplyCursor(ReplyWriter reply, ulong cursor)
    {
        Span<byte> digits = stackalloc byte[20];
        cursor.TryFormat(digits, out int length);
        reply.ArrayHeader(2);
        reply.Bulk(digits[..length]);
    }

    private struct Options
    {
        public int PatternIndex;
        public long Count;
        public bool WithScores;

        public readonly bool Takes(CommandContext ctx, ReadOnlySpan<byte> member) =>
            PatternIndex == 0 || GlobPattern.Matches(ctx.Argument(PatternIndex), member, ignoreCase: false);
    }

    private struct Collector : IEntryVisitor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Visit(nint entry) => s_found.Add(entry);
    }
}
