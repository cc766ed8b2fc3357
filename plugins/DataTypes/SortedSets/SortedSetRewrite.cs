// A sorted set as the commands that make it: ZADD, a portion of scores and members each.
// Allocates nothing managed: it also runs on a snapshot thread and in a forked child.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal static class SortedSetRewrite
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(ReadOnlySpan<byte> key, SortedSetValue subject, IRewriteWriter writer)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        long count = subject.Count;
        SortedSetCursor cursor = subject.At(0);
        for (long written = 0; !cursor.IsNone; cursor.MoveNext(), written++)
        {
            if (written % IRewriteWriter.ItemsPerCommand == 0)
            {
                writer.Begin(2 + (2 * (int)Math.Min(count - written, IRewriteWriter.ItemsPerCommand)));
                writer.Argument("ZADD"u8);
                writer.Argument(key);
            }

            writer.Argument(cursor.Score);
            writer.Argument(cursor.Member(scratch));
        }
    }
}
