// What SORT was asked for. Options may come in any order and be repeated; the last one counts, but every GET.
// Source: https://valkey.io/commands/sort/

using Valkey.Abstractions;

namespace Valkey.Lists;

internal struct SortArguments
{
    /// <summary>In descending order.</summary>
    public bool Descending;

    /// <summary>By bytes; else by number.</summary>
    public bool Alpha;

    /// <summary>Position of the BY pattern; 0 for none.</summary>
    public int ByIndex;

    /// <summary>Whether a BY pattern without a star says that nothing is sorted.</summary>
    public bool KeepsOrder;

    /// <summary>First element wanted; may be anything.</summary>
    public long LimitStart;

    /// <summary>How many elements; negative for all.</summary>
    public long LimitCount;

    /// <summary>How many GET patterns there are.</summary>
    public int GetCount;

    /// <summary>Position of the key to store the result under; 0 for none.</summary>
    public int StoreIndex;

    private const int FirstOption = 2;

    /// <summary>Reads the options; false after replying what is wrong with them.</summary>
    public static bool TryParse(CommandContext ctx, bool canStore, out SortArguments sort)
    {
        sort = new SortArguments { LimitCount = -1 };
        for (int i = FirstOption; i < ctx.ArgumentCount; i++)
        {
            int left = ctx.ArgumentCount - i - 1;
            if (ctx.ArgumentIs(i, "asc"u8)) sort.Descending = false;
            else if (ctx.ArgumentIs(i, "desc"u8)) sort.Descending = true;
            else if (ctx.ArgumentIs(i, "alpha"u8)) sort.Alpha = true;
            else if (left >= 2 && ctx.ArgumentIs(i, "limit"u8))
            {
                if (!ctx.TryInteger(i + 1, out sort.LimitStart) || !ctx.TryInteger(i + 2, out sort.LimitCount)) return false;
                i += 2;
            }
            else if (left >= 1 && canStore && ctx.ArgumentIs(i, "store"u8)) sort.StoreIndex = ++i;
            else if (left >= 1 && ctx.ArgumentIs(i, "by"u8)) sort.ReadBy(ctx, ++i);
            else if (left >= 1 && IsGet(ctx, i))
            {
                sort.GetCount++;
                i++;
            }
            else
            {
                ctx.Reply.SyntaxError();
                return false;
            }
        }

        return true;
    }

    /// <summary>Position of the next GET pattern behind a position; begin with 0. Only of arguments that were parsed.</summary>
    public static int NextGet(CommandContext ctx, int behind)
    {
        for (int i = Math.Max(behind + 1, FirstOption); i < ctx.ArgumentCount; i++)
        {
            if (IsGet(ctx, i)) return i + 1;
            i += ValuesBehind(ctx.Arguments, i);
        }

        return 0;
    }

    /// <summary>Finds the keys: what is sorted, and where the result is stored.</summary>
    public static bool FindKeys(CommandArguments arguments, KeyCollector keys)
    {
        keys.Add(1, KeySpecFlags.ReadOnly | KeySpecFlags.Access);
        int storeIndex = 0;
        for (int i = FirstOption; i < arguments.Count; i++)
        {
            if (i + 1 < arguments.Count && Is(arguments[i], "store"u8)) storeIndex = i + 1;
            i += Is(arguments[i], "store"u8) ? 0 : ValuesBehind(arguments, i);
        }

        if (storeIndex > 0) keys.Add(storeIndex, KeySpecFlags.Overwrite | KeySpecFlags.Update);
        return true;
    }

    /// <summary>Finds the one key of SORT_RO.</summary>
    public static bool FindKeysReadOnly(CommandArguments arguments, KeyCollector keys)
    {
        keys.Add(1, KeySpecFlags.ReadOnly | KeySpecFlags.Access);
        return true;
    }

    private void ReadBy(CommandContext ctx, int index)
    {
        // Once a pattern said so, nothing is sorted, whatever a later one says: clients may rely on it.
        ByIndex = index;
        if (!ctx.Argument(index).Contains((byte)'*')) KeepsOrder = true;
    }

    private static bool IsGet(CommandContext ctx, int index) => ctx.ArgumentIs(index, "get"u8);

    /// <summary>How many values follow an option's name.</summary>
    private static int ValuesBehind(CommandArguments arguments, int index)
    {
        ReadOnlySpan<byte> name = arguments[index];
        if (Is(name, "limit"u8)) return 2;
        return Is(name, "get"u8) || Is(name, "by"u8) || Is(name, "store"u8) ? 1 : 0;
    }

    private static bool Is(ReadOnlySpan<byte> argument, ReadOnlySpan<byte> lowerCaseToken) =>
        System.Text.Ascii.EqualsIgnoreCase(argument, lowerCaseToken);
}
