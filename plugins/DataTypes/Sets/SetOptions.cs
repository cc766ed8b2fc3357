// The limits up to which a set stays compact. They are looked at when a set grows, never when it shrinks, so a set that was
// converted once stays so.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static class SetOptions
{
    private static readonly IntegerOption s_intsetEntriesMax = new("set-max-intset-entries", 512);
    private static readonly IntegerOption s_listpackEntriesMax = new("set-max-listpack-entries", 128);
    private static readonly IntegerOption s_listpackValueMax = new("set-max-listpack-value", 64);
    private static BoolOption? s_lazyFree;

    /// <summary>The most members of an intset as configured: what is about to be made is measured by it.</summary>
    public static long ConfiguredIntsetEntriesMax => s_intsetEntriesMax.Value;

    /// <summary>The most members of an intset, as far as one can grow at all.</summary>
    public static long IntsetEntriesMax => Math.Min(s_intsetEntriesMax.Value, Intset.CountMax);

    /// <summary>The most members of a listpack.</summary>
    public static long ListpackEntriesMax => s_listpackEntriesMax.Value;

    /// <summary>The longest member of a listpack, in bytes.</summary>
    public static long ListpackValueMax => s_listpackValueMax.Value;

    /// <summary>How the deletion of a key by a command is propagated.</summary>
    public static ReadOnlySpan<byte> DeletionCommand => s_lazyFree is { Value: false } ? "DEL"u8 : "UNLINK"u8;

    /// <summary>Adds the options, and finds the one of the server that shows in what is propagated.</summary>
    public static void Register(IOptionRegistry options)
    {
        options.Add(s_intsetEntriesMax);
        options.Add(s_listpackEntriesMax);
        options.Add(s_listpackValueMax);
        s_lazyFree = options.Find("lazyfree-lazy-server-del") as BoolOption;
    }
}
