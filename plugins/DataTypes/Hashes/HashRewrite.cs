// A hash as the commands that make it: HMSET for the fields that stay, a portion each, and HSETEX for each field that expires.
// Allocates nothing managed: it also runs on a snapshot thread and in a forked child.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static class HashRewrite
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(ReadOnlySpan<byte> key, HashView hash, IRewriteWriter writer)
    {
        long lasting = hash.HasExpiring ? CountLasting(hash) : hash.Count;
        WriteLasting(key, hash, lasting, writer);
        if (lasting < hash.Count) WriteExpiring(key, hash, writer);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteLasting(ReadOnlySpan<byte> key, HashView hash, long count, IRewriteWriter writer)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        FieldWalk fields = hash.Walk(long.MinValue);
        long written = 0;
        while (fields.MoveNext())
        {
            if (fields.ExpireAtUnixMs != HashField.NoExpiry) continue;
            if (written % IRewriteWriter.ItemsPerCommand == 0)
            {
                writer.Begin(2 + (2 * (int)Math.Min(count - written, IRewriteWriter.ItemsPerCommand)));
                writer.Argument("HMSET"u8);
                writer.Argument(key);
            }

            writer.Argument(fields.Name.Text(scratch));
            writer.Argument(fields.Value.Text(scratch));
            written++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteExpiring(ReadOnlySpan<byte> key, HashView hash, IRewriteWriter writer)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        FieldWalk fields = hash.Walk(long.MinValue);
        while (fields.MoveNext())
        {
            if (fields.ExpireAtUnixMs == HashField.NoExpiry) continue;
            writer.Begin(8);
            writer.Argument("HSETEX"u8);
            writer.Argument(key);
            writer.Argument("PXAT"u8);
            writer.Argument(fields.ExpireAtUnixMs);
            writer.Argument("FIELDS"u8);
            writer.Argument(1);
            writer.Argument(fields.Name.Text(scratch));
            writer.Argument(fields.Value.Text(scratch));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long CountLasting(HashView hash)
    {
        long count = 0;
        FieldWalk fields = hash.Walk(long.MinValue);
        while (fields.MoveNext())
        {
            if (fields.ExpireAtUnixMs == HashField.NoExpiry) count++;
        }

        return count;
    }
}
