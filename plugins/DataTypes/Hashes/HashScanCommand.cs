// HSCAN. A listpack comes in one piece, a table in steps with the promise of the table's scan: a field that is there from the
// first call to the last is reported at least once.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static partial class HashScanCommand
{
    private const long CountDefault = 10;

    /// <summary>Buckets visited per field asked for, at most: in a sparse table a call gives up rather than take long.</summary>
    private const long BucketsPerFieldMax = 10;

    /// <summary>The list of one call keeps its room up to here.</summary>
    private const int FoundCapacityMax = 4096;

    private static readonly List<nint> s_found = []; // command thread only

    /// <summary>HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES].</summary>
    /// <remarks>Errors: WRONGTYPE, invalid cursor, syntax. Source: https://valkey.io/commands/hscan/</remarks>
    [Command("hscan")]
    public static void HScan(CommandContext ctx)
    {
        if (!ScanCursor.TryParse(ctx.Argument(2), out ulong cursor))
        {
            ctx.Reply.Error("ERR invalid cursor"u8);
            return;
        }

        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;
        if (hash.IsNull)
        {
            ReplyCursor(ctx.Reply, 0);
            ctx.Reply.ArrayHeader(0);
            return;
        }

        if (!TryReadOptions(ctx, out Options options)) return;
        if (hash.IsListpack) ReplyAll(ctx, hash, in options);
        else ReplyStep(ctx, hash.Table, cursor, in options);
    }

    private static bool TryReadOptions(CommandContext ctx, out Options options)
    {
        options = new Options { Count = CountDefault };
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
                options.PatternIndex = ctx.Argument(++i) is [(byte)'*'] ? 0 : i;
            }
            else if (ctx.ArgumentIs(i, "novalues"u8))
            {
                options.OmitsValues = true;
            }
            else if (ctx.ArgumentIs(i, "noscores"u8))
            {
                return Refuse(ctx, "ERR NOSCORES option can only be used in ZSCAN"u8);
            }
            else
            {
                return Refuse(ctx, "ERR syntax error"u8);
            }
        }

        return true;
    }

    private static bool Refuse(CommandContext ctx, ReadOnlySpan<byte> error)
    {
        ctx.Reply.Error(error);
        return false;
    }

    private static void ReplyAll(CommandContext ctx, HashView hash, in Options options)
    {
        ReplyCursor(ctx.Reply, 0);
        DeferredLength list = ctx.Reply.BeginDeferred();
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        long replied = 0;
        FieldWalk fields = hash.Walk(long.MinValue);
        while (fields.MoveNext())
        {
            if (!options.Matches(ctx, fields.Name.Text(scratch))) continue;
            FieldReply.Text(ctx.Reply, fields.Name);
            if (!options.OmitsValues) FieldReply.Text(ctx.Reply, fields.Value);
            replied += options.OmitsValues ? 1 : 2;
        }

        ctx.Reply.EndArray(list, replied);
    }

    private static void ReplyStep(CommandContext ctx, FieldTable table, ulong cursor, in Options options)
    {
        s_found.Clear();
        Collector collector = default;
        long bucketsLeft = options.Count > long.MaxValue / BucketsPerFieldMax ? long.MaxValue : options.Count * BucketsPerFieldMax;
        do
        {
            cursor = table.Scan(cursor, ref collector);
        }
        while (cursor != 0 && bucketsLeft-- > 0 && s_found.Count < options.Count);

        ReplyCursor(ctx.Reply, cursor);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        long replied = 0;
        foreach (nint address in s_found)
        {
            HashField field = new(address);
            if (field.IsExpiredAt(nowUnixMs) || !options.Matches(ctx, field.Name)) continue;
            ctx.Reply.Bulk(field.Name);
            if (!options.OmitsValues) FieldReply.Text(ctx.Reply, FieldText.ValueOf(field));
            replied += options.OmitsValues ? 1 : 2;
        }

        ctx.Reply.EndArray(list, replied);
        if (s_found.Capacity > FoundCapacityMax) s_found.Capacity = 0; // a huge COUNT is the exception
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
        public bool OmitsValues;

        public readonly bool Matches(CommandContext ctx, ReadOnlySpan<byte> name) =>
            PatternIndex == 0 || GlobPattern.Matches(ctx.Argument(PatternIndex), name, ignoreCase: false);
    }

    private struct Collector : IEntryVisitor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Visit(nint entry) => s_found.Add(entry);
    }
}
