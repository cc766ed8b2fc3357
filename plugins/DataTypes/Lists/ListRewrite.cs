// A list as the commands that make it: RPUSH, a portion of the elements each.
// Allocates nothing managed: it also runs on a snapshot thread and in a forked child.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Lists;

internal static class ListRewrite
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(ReadOnlySpan<byte> key, ListCursor elements, long count, IRewriteWriter writer)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        for (long written = 0; elements.MoveNext(); written++)
        {
            if (written % IRewriteWriter.ItemsPerCommand == 0)
            {
                writer.Begin(2 + (int)Math.Min(count - written, IRewriteWriter.ItemsPerCommand));
                writer.Argument("RPUSH"u8);
                writer.Argument(key);
            }

            writer.Argument(elements.Current.Text(scratch));
        }

        elements.Dispose();
    }
}
