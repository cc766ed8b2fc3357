// The limits up to which a sorted set stays compact. They are looked at when it grows, never when it shrinks, so what was
// converted once stays so.

using Valkey.Abstractions;

namespace Valkey.SortedSets;

internal static class SortedSetOptions
{
    private static readonly IntegerOption s_listpackEntriesMax =
        new("zset-max-listpack-entries", 128) { Alias = "zset-max-ziplist-entries" };

    private static readonly IntegerOption s_listpackValueMax =
        new("zset-max-listpack-value", 64, kind: NumberKind.Memory) { Alias = "zset-max-ziplist-value" };

    /// <summary>The most members of a listpack.</summary>
    public static long ListpackEntriesMax => s_listpackEntriesMax.Value;

    /// <summary>The longest member of a listpack, in bytes.</summary>
    public static long ListpackValueMax => s_listpackValueMax.Value;

    /// <summary>Adds the options.</summary>
    public static void Register(IOptionRegistry options)
    {
        options.Add(s_listpackEntriesMax);
        options.Add(s_listpackValueMax);
    }
}
