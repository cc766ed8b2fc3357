// A set as the commands that make it: SADD, a portion of the members each.
// Allocates nothing managed: it also runs on a snapshot thread and in a forked child.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static class SetRewrite
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(ReadOnlySpan<byte> key, SetValue set, IRewriteWriter writer)
    {
        MemberWalk members = new(set, stackalloc byte[IntegerText.LengthMax]);
        long count = set.Count;
        for (long written = 0; members.MoveNext(); written++)
        {
            if (written % IRewriteWriter.ItemsPerCommand == 0)
            {
                writer.Begin(2 + (int)Math.Min(count - written, IRewriteWriter.ItemsPerCommand));
                writer.Argument("SADD"u8);
                writer.Argument(key);
            }

            writer.Argument(members.Text);
        }
    }
}
