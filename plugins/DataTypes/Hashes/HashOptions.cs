// Up to where a hash is a listpack.

using Valkey.Abstractions;

namespace Valkey.Hashes;

internal static class HashOptions
{
    private static readonly IntegerOption s_maxListpackEntries =
        new("hash-max-listpack-entries", 512) { Alias = "hash-max-ziplist-entries" };

    private static readonly IntegerOption s_maxListpackValue =
        new("hash-max-listpack-value", 64, 0, long.MaxValue, NumberKind.Memory) { Alias = "hash-max-ziplist-value" };

    /// <summary>Fields of a listpack.</summary>
    public static long MaxListpackEntries => s_maxListpackEntries.Value;

    /// <summary>Bytes of a field or a value in a listpack.</summary>
    public static long MaxListpackValueBytes => s_maxListpackValue.Value;

    public static void Register(IOptionRegistry options)
    {
        options.Add(s_maxListpackEntries);
        options.Add(s_maxListpackValue);
    }
}
