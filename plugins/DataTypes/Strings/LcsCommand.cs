// LCS: the longest common subsequence of two strings, by the table of the lengths for all pairs of prefixes: cell (i, j)
// is the length for the first i bytes of one and the first j of the other. Walking back from the last cell finds the
// subsequence itself and where it stands. Where two ways are as long, the walk goes towards shorter second strings, so
// that the answer is always the same one.
// Only the length is wanted: two rows do. The table lives in native memory for the time of the command.
// Source: https://valkey.io/commands/lcs/

using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static partial class LcsCommand
{
    private const int TwoRows = 2;

    private struct Options
    {
        public bool LengthOnly;
        public bool Ranges;
        public bool RangeLengths;
        public long RangeLengthMin;
    }

    /// <summary>LCS key1 key2 [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN].</summary>
    /// <remarks>Errors: keys that hold no strings, contradicting options, a table larger than a string may be.</remarks>
    [Command("lcs")]
    public static void Lcs(CommandContext ctx)
    {
        KeyEntry first = ctx.LookupRead(ctx.Argument(1));
        KeyEntry second = ctx.LookupRead(ctx.Argument(2));
        if (!IsMissingOrString(ctx, first) || !IsMissingOrString(ctx, second))
        {
            ctx.Reply.Error("ERR The specified keys must contain string values"u8);
            return;
        }

        if (!TryParse(ctx, out Options options)) return;

        Span<byte> firstScratch = stackalloc byte[StringValue.ScratchBytes];
        Span<byte> secondScratch = stackalloc byte[StringValue.ScratchBytes];
        ReadOnlySpan<byte> a = first.Exists ? StringValue.Read(new Entry(first.Address), firstScratch) : default;
        ReadOnlySpan<byte> b = second.Exists ? StringValue.Read(new Entry(second.Address), secondScratch) : default;
        if (IsTableAllowed(ctx, a.Length, b.Length)) Solve(ctx, a, b, in options);
    }

    private static bool IsMissingOrString(CommandContext ctx, KeyEntry entry) =>
        !entry.Exists || ReferenceEquals(ctx.TypeOf(entry), StringType.Descriptor);

    private static bool TryParse(CommandContext ctx, out Options options)
    {
        options = default;
        for (int i = 3; i < ctx.ArgumentCount; i++)
        {
            if (ctx.ArgumentIs(i, "idx"u8)) options.Ranges = true;
            else if (ctx.ArgumentIs(i, "len"u8)) options.LengthOnly = true;
            else if (ctx.ArgumentIs(i, "withmatchlen"u8)) options.RangeLengths = true;
            else if (ctx.ArgumentIs(i, "minmatchlen"u8) && i + 1 < ctx.ArgumentCount)
            {
                if (!ctx.TryInteger(++i, out options.RangeLengthMin)) return false;
            }
            else
            {
                ctx.Reply.SyntaxError();
                return false;
            }
        }

        if (!options.LengthOnly || !options.Ranges) return true;
        ctx.Reply.Error("ERR If you want both the length and indexes, please just use IDX."u8);
        return false;
    }

    private static bool IsTableAllowed(CommandContext ctx, long aLength, long bLength)
    {
        Int128 tableBytes = (Int128)(aLength + 1) * (bLength + 1) * sizeof(uint);
        if (tableBytes > ctx.StringSizeMaxBytes)
        {
            ctx.Reply.Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"u8);
            return false;
        }

        if (tableBytes <= Array.MaxLength) return true;
        ctx.Reply.Error("ERR Insufficient memory, failed allocating transient memory for LCS"u8);
        return false;
    }

    private static void Solve(CommandContext ctx, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, in Options options)
    {
        int rowCount = options.LengthOnly ? TwoRows : a.Length + 1;
        int cellCount = rowCount * (b.Length + 1);
        Blob memory = Blob.Allocate((long)cellCount * sizeof(uint), (long)cellCount * sizeof(uint));
        Span<uint> table = MemoryMarshal.Cast<byte, uint>(memory.Span);
        try
        {
            uint length = FillTable(table, a, b, rowCount);
            if (options.LengthOnly) ctx.Reply.Integer(length);
            else if (options.Ranges) ReplyRanges(ctx.Reply, table, a, b, in options);
            else ReplySubsequence(ctx.Reply, table, a, b, (int)length);
        }
        finally
        {
            memory.Release();
        }
    }

    private static uint FillTable(Span<uint> table, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, int rowCount)
    {
        int width = b.Length + 1;
        table[..width].Clear();
        for (int i = 1; i <= a.Length; i++)
        {
            Span<uint> above = table.Slice((i - 1) % rowCount * width, width);
            Span<uint> row = table.Slice(i % rowCount * width, width);
            byte letter = a[i - 1];
            uint left = 0;
            row[0] = 0;
            for (int j = 0; j < b.Length && j + 1 < row.Length && j + 1 < above.Length; j++)
            {
                left = b[j] == letter ? above[j] + 1 : Math.Max(above[j + 1], left);
                row[j + 1] = left;
            }
        }

        return table[(a.Length % rowCount * width) + b.Length];
    }

    private static void ReplySubsequence(
        ReplyWriter reply, ReadOnlySpan<uint> table, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, int length)
    {
        Blob memory = Blob.Allocate(length, length);
        Span<byte> result = memory.Span;
        int width = b.Length + 1;
        int i = a.Length;
        int j = b.Length;
        while (i > 0 && j > 0)
        {
            if (a[i - 1] == b[j - 1])
            {
                result[--length] = a[i - 1];
                i--;
                j--;
            }
            else if (table[((i - 1) * width) + j] > table[(i * width) + j - 1]) i--;
            else j--;
        }

        reply.Bulk(result);
        memory.Release();
    }

    private static void ReplyRanges(
        ReplyWriter reply, ReadOnlySpan<uint> table, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, in Options options)
    {
        reply.MapHeader(2);
        reply.Bulk("matches"u8);
        DeferredLength matches = reply.BeginDeferred();
        long matchCount = 0;
        int width = b.Length + 1;
        int i = a.Length;
        int j = b.Length;
        while (i > 0 && j > 0)
        {
            int length = 0; // of the run of equal bytes that ends here
            while (length < i && length < j && a[i - 1 - length] == b[j - 1 - length]) length++;
            if (length > 0)
            {
                i -= length;
                j -= length;
                if (length < options.RangeLengthMin) continue;
                ReplyRange(reply, i, j, length, options.RangeLengths);
                matchCount++;
            }
            else if (table[((i - 1) * width) + j] > table[(i * width) + j - 1]) i--;
            else j--;
        }

        reply.EndArray(matches, matchCount);
        reply.Bulk("len"u8);
        reply.Integer(table[(a.Length * width) + b.Length]);
    }

    private static void ReplyRange(ReplyWriter reply, int aStart, int bStart, int length, bool withLength)
    {
        reply.ArrayHeader(withLength ? 3 : 2);
        reply.ArrayHeader(2);
        reply.Integer(aStart);
        reply.Integer(aStart + length - 1);
        reply.ArrayHeader(2);
        reply.Integer(bStart);
        reply.Integer(bStart + length - 1);
        if (withLength) reply.Integer(length);
    }
}
