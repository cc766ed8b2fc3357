// ZSCAN. A small sorted set comes in one piece, a large one in steps with the promise of its table's scan: a member that is
// there from the first call to the last is reported at least once.

using System.Globalization;
using Valkey.Abstractions;
using Valkey.DataTypes.Shared;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal static partial class ScanCommand
{
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
            ScanReply.Nothing(ctx.Reply);
            return;
        }

        if (!ScanOptions.TryRead(ctx, BareOption.NoScores, out ScanOptions options)) return;
        if (value.IsListpack) ReplyAll(ctx, value, options);
        else ReplyStep(ctx, value.Set, cursor, options);
    }

    private static void ReplyAll(CommandContext ctx, in SortedSetValue value, in ScanOptions options)
    {
        ScanReply.Cursor(ctx.Reply, 0);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long replied = 0;
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        Span<byte> score = stackalloc byte[DoubleText.LengthMax];
        for (SortedSetCursor cursor = value.At(0); !cursor.IsNone; cursor.MoveNext())
        {
            ReadOnlySpan<byte> member = cursor.Member(scratch);
            if (!options.Takes(ctx, member)) continue;

            ctx.Reply.Bulk(member);
            if (!options.IsBare) ctx.Reply.Bulk(score[..DoubleText.Format(cursor.Score, score)]);
            replied += options.IsBare ? 1 : 2;
        }

        ctx.Reply.EndArray(list, replied);
    }

    private static void ReplyStep(CommandContext ctx, ScoredSet set, ulong cursor, in ScanOptions options)
    {
        ScanFound.Clear();
        ScanFound.Collector collector = default;
        long bucketsLeft = options.BucketCountMax;
        do
        {
            cursor = set.Scan(cursor, ref collector);
        }
        while (cursor != 0 && bucketsLeft-- > 0 && ScanFound.Addresses.Count < options.Count);

        ScanReply.Cursor(ctx.Reply, cursor);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long replied = 0;
        foreach (nint address in ScanFound.Addresses)
        {
            ScoredElement element = new(address);
            if (!options.Takes(ctx, element.Member)) continue;

            ctx.Reply.Bulk(element.Member);
            if (!options.IsBare) ReplyLongScore(ctx.Reply, element.Score);
            replied += options.IsBare ? 1 : 2;
        }

        ctx.Reply.EndArray(list, replied);
        ScanFound.Trim();
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
}
