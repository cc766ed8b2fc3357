// Single bits of a string. Bit 0 is the highest bit of the first byte; what lies behind the end counts as zero.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static partial class BitCommands
{
    private const string OffsetError = "ERR bit offset is not an integer or out of range";
    private const string BitError = "ERR bit is not an integer or out of range";

    /// <summary>SETBIT key offset value: replies what the bit was.</summary>
    /// <remarks>Errors: WRONGTYPE, offset, a value that is no bit. Source: https://valkey.io/commands/setbit/</remarks>
    [Command("setbit")]
    public static void SetBit(CommandContext ctx)
    {
        if (!TryReadOffset(ctx, 2, width: 0, out long offset)) return;
        if (!ctx.TryIntegerInRange(3, 0, 1, out long bit, BitError)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, StringType.Descriptor, out KeyEntry entry)) return;

        int index = (int)(offset >> 3);
        int mask = 0x80 >> (int)(offset & 7);
        bool grows = !entry.Exists || StringValue.Length(new Entry(entry.Address)) <= index;
        Span<byte> bytes = StringStore.Open(ctx, key, entry, index + 1);
        bool wasSet = (bytes[index] & mask) != 0;
        if (grows || wasSet != (bit == 1))
        {
            bytes[index] = (byte)(bit == 1 ? bytes[index] | mask : bytes[index] & ~mask);
            ctx.SignalModified(key);
            ctx.Notify(KeyspaceEvent.String, "setbit"u8, key);
        }

        ctx.Reply.Integer(wasSet ? 1 : 0);
    }

    /// <summary>GETBIT key offset: replies the bit.</summary>
    /// <remarks>Errors: WRONGTYPE, offset. Source: https://valkey.io/commands/getbit/</remarks>
    [Command("getbit")]
    public static void GetBit(CommandContext ctx)
    {
        if (!TryReadOffset(ctx, 2, width: 0, out long offset)) return;
        if (!ctx.TryLookupRead(ctx.Argument(1), StringType.Descriptor, out KeyEntry entry)) return;

        Span<byte> scratch = stackalloc byte[StringValue.ScratchBytes];
        ReadOnlySpan<byte> bytes = entry.Exists ? StringValue.Read(new Entry(entry.Address), scratch) : default;
        long index = offset >> 3;
        bool isSet = index < bytes.Length && (bytes[(int)index] & (0x80 >> (int)(offset & 7))) != 0;
        ctx.Reply.Integer(isSet ? 1 : 0);
    }

    /// <summary>Reads a bit's position; false after replying that it is none. A field's may be written as <c>#n</c>.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="index">The argument.</param>
    /// <param name="width">Bits of a field, by which <c>#n</c> is multiplied; 0 where that form is not known.</param>
    /// <param name="offset">The position, such that a string that reaches so far is not too long.</param>
    public static bool TryReadOffset(CommandContext ctx, int index, int width, out long offset)
    {
        ReadOnlySpan<byte> text = ctx.Argument(index);
        bool isMultiple = width > 0 && !text.IsEmpty && text[0] == '#';
        if (isMultiple) text = text[1..];

        // The room for one field behind the offset is kept free, so that no length ever overflows.
        const long OffsetMax = ((long)int.MaxValue - 64) * 8;
        bool isValid = IntegerText.TryParse(text, out offset) && offset is >= 0 and <= OffsetMax;
        if (isValid && isMultiple)
        {
            offset *= width;
            isValid = offset <= OffsetMax;
        }

        isValid = isValid && (ctx.IsReplaying || offset >> 3 < ctx.StringSizeMaxBytes);
        if (!isValid) ctx.Reply.Error(OffsetError);
        return isValid;
    }
}
