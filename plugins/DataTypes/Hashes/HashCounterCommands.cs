// Fields that count: whole numbers of 64 bits, and decimal fractions in the arithmetic of LongDouble, as INCRBYFLOAT has it.
// Holds always: a field keeps the expiry that it has.
// Handlers run on the command thread: no lock, no await.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static partial class HashCounterCommands
{
    /// <summary>HINCRBY key field increment: replies the sum; a missing field counts as 0.</summary>
    /// <remarks>Errors: WRONGTYPE, not an integer, overflow. Source: https://valkey.io/commands/hincrby/</remarks>
    [Command("hincrby")]
    public static void HIncrBy(CommandContext ctx)
    {
        if (!ctx.TryInteger(3, out long increment)) return;
        if (!TryFind(ctx, out KeyEntry handle, out FieldText text, out bool isThere, out long expireAtUnixMs)) return;

        long value = 0;
        if (isThere && !text.TryReadInteger(out value))
        {
            ctx.Reply.Error("ERR hash value is not an integer"u8);
            return;
        }

        long sum = unchecked(value + increment);
        if (((value ^ sum) & (increment ^ sum)) < 0)
        {
            ctx.Reply.Error("ERR increment or decrement would overflow"u8);
            return;
        }

        Span<byte> digits = stackalloc byte[IntegerText.LengthMax];
        ReadOnlySpan<byte> sumText = digits[..IntegerText.Format(sum, digits)];
        bool hadExpiring = Store(ctx, handle, sumText, expireAtUnixMs, "hincrby"u8);
        ctx.Reply.Integer(sum);

        // What is over here may not be over there, so the result travels.
        if (hadExpiring) PropagateResult(ctx, sumText, expireAtUnixMs);
    }

    /// <summary>HINCRBYFLOAT key field increment: replies the sum as text; a missing field counts as 0.</summary>
    /// <remarks>Errors: WRONGTYPE, not a float, not finite. Source: https://valkey.io/commands/hincrbyfloat/</remarks>
    [Command("hincrbyfloat")]
    public static void HIncrByFloat(CommandContext ctx)
    {
        if (!TryReadIncrement(ctx, out LongDouble increment)) return;
        if (!TryFind(ctx, out KeyEntry handle, out FieldText text, out bool isThere, out long expireAtUnixMs)) return;

        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        LongDouble value = LongDouble.Zero;
        if (isThere && !LongDouble.TryParse(text.Text(scratch), out value))
        {
            ctx.Reply.Error("ERR hash value is not a float"u8);
            return;
        }

        LongDouble sum = value + increment;
        if (!sum.IsFinite)
        {
            ctx.Reply.Error("ERR increment would produce NaN or Infinity"u8);
            return;
        }

        Span<byte> buffer = stackalloc byte[LongDouble.TextBytesMax];
        ReadOnlySpan<byte> sumText = buffer[..sum.Format(buffer)];
        Store(ctx, handle, sumText, expireAtUnixMs, "hincrbyfloat"u8);
        ctx.Reply.Bulk(sumText);

        // The result travels, not the sum: another machine may add or print in another way.
        PropagateResult(ctx, sumText, expireAtUnixMs);
    }

    private static bool TryReadIncrement(CommandContext ctx, out LongDouble increment)
    {
        if (!LongDouble.TryParse(ctx.Argument(3), out increment)) ctx.Reply.Error("ERR value is not a valid float"u8);
        else if (!increment.IsFinite) ctx.Reply.Error("ERR value is NaN or Infinity"u8);
        else return true;
        return false;
    }

    private static bool TryFind(
        CommandContext ctx, out KeyEntry handle, out FieldText text, out bool isThere, out long expireAtUnixMs)
    {
        text = default;
        isThere = false;
        expireAtUnixMs = HashField.NoExpiry;
        if (!ctx.TryLookupWrite(ctx.Argument(1), HashType.Descriptor, out handle)) return false;
        if (handle.Exists)
        {
            isThere = HashView.Of(handle).TryFind(ctx.Argument(2), ctx.ItemExpiryNowUnixMs, out text, out expireAtUnixMs);
        }

        return true;
    }

    /// <summary>Whether the hash had fields that expire.</summary>
    private static bool Store(
        CommandContext ctx, KeyEntry handle, ReadOnlySpan<byte> text, long expireAtUnixMs, ReadOnlySpan<byte> eventName)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        HashValue hash = handle.Exists ? new HashValue(handle) : HashStore.Create(ctx, key);
        bool hadExpiring = hash.View.HasExpiring;
        FieldSetOutcome outcome = hash.Set(ctx, ctx.Argument(2), text, expireAtUnixMs);
        if (hadExpiring) HashStore.TrackExpiring(ctx, hash);
        ctx.SignalModified(key);
        HashStore.NoteExpired(ctx, key, outcome == FieldSetOutcome.ReplacedExpired ? 1 : 0);
        ctx.Notify(KeyspaceEvent.Hash, eventName, key);
        return hadExpiring;
    }

    private static void PropagateResult(CommandContext ctx, ReadOnlySpan<byte> text, long expireAtUnixMs)
    {
        if (!ctx.PropagationWanted) return;
        ReadOnlySpan<byte> key = ctx.Argument(1);
        ReadOnlySpan<byte> field = ctx.Argument(2);
        if (expireAtUnixMs == HashField.NoExpiry) ctx.PropagateInstead("HSET"u8, key, field, text);
        else ctx.PropagateInstead("HSETEX"u8, key, "PXAT"u8, expireAtUnixMs, "FIELDS"u8, 1, field, text);
    }
}
