// BITOP: bitwise operations over whole strings. Shorter ones count as padded with zeroes to the length of the longest.
// The result is built block by block over all sources, so that a block stays in the cache while they are combined.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static partial class BitOpCommand
{
    private const int BlockBytes = 16 * 1024;
    private const int SourcesOnStackMax = 64;

    private enum Operation
    {
        And,
        Or,
        Xor,
        Not,
    }

    /// <summary>BITOP operation destkey key [key ...]: stores the result and replies its length.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, NOT with several keys. Source: https://valkey.io/commands/bitop/</remarks>
    [Command("bitop")]
    public static void BitOp(CommandContext ctx)
    {
        if (!TryReadOperation(ctx, out Operation operation)) return;

        int count = ctx.ArgumentCount - 3;
        Span<KeyEntry> sources = count <= SourcesOnStackMax ? stackalloc KeyEntry[SourcesOnStackMax] : new KeyEntry[count];
        sources = sources[..count];
        long length = 0;
        for (int i = 0; i < count; i++)
        {
            if (!ctx.TryLookupRead(ctx.Argument(i + 3), StringType.Descriptor, out sources[i])) return;
            if (sources[i].Exists) length = Math.Max(length, StringValue.Length(new Entry(sources[i].Address)));
        }

        Store(ctx, operation, sources, length);
        ctx.Reply.Integer(length);
    }

    private static bool TryReadOperation(CommandContext ctx, out Operation operation)
    {
        operation = Operation.Not;
        if (ctx.ArgumentIs(1, "and"u8)) operation = Operation.And;
        else if (ctx.ArgumentIs(1, "or"u8)) operation = Operation.Or;
        else if (ctx.ArgumentIs(1, "xor"u8)) operation = Operation.Xor;
        else if (!ctx.ArgumentIs(1, "not"u8))
        {
            ctx.Reply.SyntaxError();
            return false;
        }

        if (operation != Operation.Not || ctx.ArgumentCount == 4) return true;
        ctx.Reply.Error("ERR BITOP NOT must be called with a single source key."u8);
        return false;
    }

    private static void Store(CommandContext ctx, Operation operation, ReadOnlySpan<KeyEntry> sources, long length)
    {
        ReadOnlySpan<byte> key = ctx.Argument(2);
        if (length == 0)
        {
            if (!ctx.Delete(key)) return;
            ctx.SignalModified(key);
            ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
            return;
        }

        Blob result = Blob.Allocate(length, length);
        Compute(operation, sources, result.Span);
        StringStore.SetBlob(ctx, key, ctx.LookupWrite(key, LookupFlags.Replace), result);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.String, "set"u8, key);
    }

    private static void Compute(Operation operation, ReadOnlySpan<KeyEntry> sources, Span<byte> result)
    {
        Span<byte> scratch = stackalloc byte[StringValue.ScratchBytes];
        for (int start = 0; start < result.Length;)
        {
            Span<byte> block = result.Slice(start, Math.Min(BlockBytes, result.Length - start));
            for (int i = 0; i < sources.Length; i++)
            {
                ReadOnlySpan<byte> part = sources[i].Exists ? StringValue.Read(new Entry(sources[i].Address), scratch) : default;
                part = start < part.Length ? part[start..Math.Min(part.Length, start + block.Length)] : default;
                if (i > 0) Combine(operation, block, part);
                else Begin(block, part);
            }

            if (operation == Operation.Not) Bitwise.Invert(block);
            start += block.Length;
        }
    }

    private static void Begin(Span<byte> block, ReadOnlySpan<byte> part)
    {
        part.CopyTo(block);
        block[part.Length..].Clear();
    }

    private static void Combine(Operation operation, Span<byte> block, ReadOnlySpan<byte> part)
    {
        switch (operation)
        {
            case Operation.And:
                Bitwise.Combine<BitAnd>(block, part);
                block[part.Length..].Clear(); // the padding's zeroes
                break;
            case Operation.Or:
                Bitwise.Combine<BitOr>(block, part);
                break;
            default:
                Bitwise.Combine<BitXor>(block, part);
                break;
        }
    }
}
