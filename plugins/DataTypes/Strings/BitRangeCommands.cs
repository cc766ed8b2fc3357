// Counting and finding bits in a range of a string, given in bytes or bits. Positions may count from the end.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static partial class BitRangeCommands
{
    // The range as it was given: what is missing is the first or the last position.
    private struct Range
    {
        public long Start;
        public long End;
        public bool HasEnd;
        public bool InBits;
    }

    /// <summary>BITCOUNT key [start [end [BYTE|BIT]]]: replies how many bits are set.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/bitcount/</remarks>
    [Command("bitcount")]
    public static void CountBits(CommandContext ctx)
    {
        if (!TryReadRange(ctx, 2, out Range range)) return;
        if (!ctx.TryLookupRead(ctx.Argument(1), StringType.Descriptor, out KeyEntry entry)) return;

        Span<byte> scratch = stackalloc byte[StringValue.ScratchBytes];
        ReadOnlySpan<byte> bytes = entry.Exists ? StringValue.Read(new Entry(entry.Address), scratch) : default;

        // Seen before the ends are moved into the string, where two positions before its start would become the same.
        bool isReversed = range.HasEnd && range.Start < 0 && range.End < 0 && range.Start > range.End;
        bool isEmpty = !TryClip(in range, bytes.Length, out long firstBit, out long lastBit) || isReversed;
        ctx.Reply.Integer(isEmpty ? 0 : BitCount.Count(bytes, firstBit, lastBit));
    }

    /// <summary>BITPOS key bit [start [end [BYTE|BIT]]]: replies where the first such bit is, or -1.</summary>
    /// <remarks>
    /// A clear bit that is not found is taken to be the one behind the string, unless an end was given.
    /// Errors: WRONGTYPE. Source: https://valkey.io/commands/bitpos/
    /// </remarks>
    [Command("bitpos")]
    public static void FindBit(CommandContext ctx)
    {
        if (!ctx.TryInteger(2, out long bit)) return;
        if (bit is not (0 or 1))
        {
            ctx.Reply.Error("ERR The bit argument must be 1 or 0."u8);
            return;
        }

        if (!TryReadRange(ctx, 3, out Range range)) return;
        if (!ctx.TryLookupRead(ctx.Argument(1), StringType.Descriptor, out KeyEntry entry)) return;
        if (!entry.Exists)
        {
            ctx.Reply.Integer(bit == 1 ? -1 : 0);
            return;
        }

        Span<byte> scratch = stackalloc byte[StringValue.ScratchBytes];
        ReadOnlySpan<byte> bytes = StringValue.Read(new Entry(entry.Address), scratch);
        if (!TryClip(in range, bytes.Length, out long firstBit, out long lastBit))
        {
            ctx.Reply.Integer(-1);
            return;
        }

        long position = BitSearch.FindFirst(bytes, bit == 1, firstBit, lastBit);
        if (position < 0 && bit == 0 && !range.HasEnd) position = lastBit + 1;
        ctx.Reply.Integer(position);
    }

    private static bool TryReadRange(CommandContext ctx, int index, out Range range)
    {
        range = new Range { Start = 0, End = -1 };
        int count = ctx.ArgumentCount - index;
        if (count == 0) return true;
        if (count > 3)
        {
            ctx.Reply.SyntaxError();
            return false;
        }

        if (!ctx.TryInteger(index, out range.Start)) return false;
        range.InBits = count == 3 && ctx.ArgumentIs(index + 2, "bit"u8);
        if (count == 3 && !range.InBits && !ctx.ArgumentIs(index + 2, "byte"u8))
        {
            ctx.Reply.SyntaxError();
            return false;
        }

        range.HasEnd = count >= 2;
        return !range.HasEnd || ctx.TryInteger(index + 1, out range.End);
    }

    // The first and the last bit of the range; false when it is empty.
    private static bool TryClip(in Range range, long lengthBytes, out long firstBit, out long lastBit)
    {
        long length = range.InBits ? lengthBytes * 8 : lengthBytes;
        firstBit = range.Start < 0 ? Math.Max(0, range.Start + length) : range.Start;
        lastBit = range.End < 0 ? Math.Max(0, range.End + length) : range.End;
        lastBit = Math.Min(lastBit, length - 1);
        if (firstBit > lastBit) return false;

        if (range.InBits) return true;
        firstBit *= 8;
        lastBit = (lastBit * 8) + 7;
        return true;
    }
}
