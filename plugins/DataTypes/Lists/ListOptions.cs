// The options of the list type: how much a node holds, and how many nodes at either end are never compressed.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Lists;

internal static class ListOptions
{
    private static readonly IntegerOption s_fill = new("list-max-listpack-size", -2, int.MinValue, int.MaxValue)
    {
        Alias = "list-max-ziplist-size",
    };

    private static readonly IntegerOption s_compressDepth = new("list-compress-depth", 0, 0, int.MaxValue);

    /// <summary>The limit of a listpack, and of the nodes of quicklists made from now on.</summary>
    public static ListFill Fill => new((int)s_fill.Value);

    /// <summary>The compress depth of quicklists made from now on.</summary>
    public static int CompressDepth => (int)s_compressDepth.Value;

    /// <summary>Adds the options to the server's.</summary>
    public static void Register(IOptionRegistry options)
    {
        options.Add(s_fill);
        options.Add(s_compressDepth);
    }
}
