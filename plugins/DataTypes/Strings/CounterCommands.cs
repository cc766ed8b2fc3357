// Strings that count: whole numbers of 64 bits, and decimal fractions in the arithmetic of LongDouble.
// A number that is encoded as one is counted up inside its entry, without an allocation.
// Handlers run on the command thread: no lock, no await.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static partial class CounterCommands
{
    /// <summary>INCR key: adds 1 and replies the sum; a missing key counts as 0.</summary>
    /// <remarks>Errors: WRONGTYPE, not an integer, overflow. Source: https://valkey.io/commands/incr/</remarks>
    [Command("incr")]
    public static void Incr(CommandContext ctx) => Add(ctx, 1);

    /// <summary>DECR key: takes 1 away and replies the difference.</summary>
    /// <remarks>Errors as INCR. Source: https://valkey.io/commands/decr/</remarks>
    [Command("decr")]
    public static void Decr(CommandContext ctx) => Add(ctx, -1);

    /// <summary>INCRBY key increment.</summary>
    /// <remarks>Errors as INCR. Source: https://valkey.io/commands/incrby/</remarks>
    [Command("incrby")]
    public static void IncrBy(CommandContext ctx)
    {
        if (ctx.TryInteger(2, out long increment)) Add(ctx, increment);
    }

    /// <summary>DECRBY key decrement.</summary>
    /// <remarks>Errors as INCR. Source: https://valkey.io/commands/decrby/</remarks>
    [Command("decrby")]
    public static void DecrBy(CommandContext ctx)
    {
        if (!ctx.TryInteger(2, out long decrement)) return;
        if (decrement == long.MinValue)
        {
            ctx.Reply.Error("ERR decrement would overflow"u8);
            return;
        }

        Add(ctx, -decrement);
    }

    /// <summary>INCRBYFLOAT key increment: adds a fraction and replies the sum as text.</summary>
    /// <remarks>Errors: WRONGTYPE, not a float, not finite. Source: https://valkey.io/commands/incrbyfloat/</remarks>
    [Command("incrbyfloat")]
    public static void IncrByFloat(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, StringType.Descriptor, out KeyEntry entry)) return;
        if (!TryReadFloat(entry, out LongDouble value) || !LongDouble.TryParse(ctx.Argument(2), out LongDouble increment))
        {
            ctx.Reply.Error("ERR value is not a valid float"u8);
            return;
        }

        LongDouble sum = value + increment;
        if (!sum.IsFinite)
        {
            ctx.Reply.Error("ERR increment would produce NaN or Infinity"u8);
            return;
        }

        Span<byte> buffer = stackalloc byte[LongDouble.TextBytesMax];
        ReadOnlySpan<byte> text = buffer[..sum.Format(buffer)];
        StringStore.SetText(ctx, key, entry, text);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.String, "incrbyfloat"u8, key);

        // The result travels, not the sum: another machine may add or print in another way.
        if (ctx.PropagationWanted) ctx.PropagateInstead("SET"u8, key, text, "KEEPTTL"u8);
        ctx.Reply.Bulk(text);
    }

    private static bool TryReadFloat(KeyEntry handle, out LongDouble value)
    {
        value = LongDouble.Zero;
        if (!handle.Exists) return true;

        Span<byte> scratch = stackalloc byte[StringValue.ScratchBytes];
        return LongDouble.TryParse(StringValue.Read(new Entry(handle.Address), scratch), out value);
    }

    private static void Add(CommandContext ctx, long increment)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, StringType.Descriptor, out KeyEntry entry)) return;

        long value = 0;
        if (entry.Exists && !StringValue.TryReadInteger(new Entry(entry.Address), out value))
        {
            ctx.Reply.Error("ERR value is not an integer or out of range"u8);
            return;
        }

        long sum = unchecked(value + increment);
        if (((value ^ sum) & (increment ^ sum)) < 0)
        {
            ctx.Reply.Error("ERR increment or decrement would overflow"u8);
            return;
        }

        StringStore.SetInteger(ctx, key, entry, sum);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.String, "incrby"u8, key);
        ctx.Reply.Integer(sum);
    }
}
