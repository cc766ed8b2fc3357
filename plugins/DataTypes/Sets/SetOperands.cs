// SetOperands: the sets that SINTER, SUNION, SDIFF and their kin work on, in one list that lives from command to command.
// Command thread only, one command at a time. A missing key stands for an empty set: it is in the list as one that does not
// exist.

using Valkey.Abstractions;

namespace Valkey.Sets;

internal static class SetOperands
{
    private const int RoomStart = 16;
    private const int RoomKept = 1024;

    private static SetValue[] s_sets = new SetValue[RoomStart];

    /// <summary>Looks the keys up; false after replying WRONGTYPE.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="firstKey">Position of the first key.</param>
    /// <param name="keyCount">How many keys there are.</param>
    /// <param name="sets">The sets, in the order of the keys; valid until the next command.</param>
    public static bool TryRead(CommandContext ctx, int firstKey, int keyCount, out Span<SetValue> sets)
    {
        MakeRoom(keyCount);
        sets = s_sets.AsSpan(0, keyCount);
        for (int i = 0; i < keyCount; i++)
        {
            if (!SetStore.TryRead(ctx, ctx.Argument(firstKey + i), out sets[i])) return false;
        }

        return true;
    }

    /// <summary>Orders sets from small to large.</summary>
    public static void SortAscending(Span<SetValue> sets) => sets.Sort(static (left, right) => left.Size.CompareTo(right.Size));

    /// <summary>Orders sets from large to small.</summary>
    public static void SortDescending(Span<SetValue> sets) => sets.Sort(static (left, right) => right.Size.CompareTo(left.Size));

    private static void MakeRoom(int count)
    {
        bool isTooLarge = s_sets.Length > RoomKept && count <= RoomStart;
        if (count > s_sets.Length || isTooLarge) s_sets = new SetValue[Math.Max(count, RoomStart)];
    }
}
