// Tells whether an element was seen before. It keeps 96 bits of each, by two hashes with seeds of their own: equal ones are
// equal elements for all that matters here, and an element of any size takes the same room.

using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed class ElementSet
{
    private readonly HashSet<(ulong, int)> _digests = [];

    /// <summary>False when it is there already.</summary>
    public bool Add(ReadOnlySpan<byte> element)
    {
        HashCode second = default;
        second.AddBytes(element);
        return _digests.Add((KeyHash.Of(element), second.ToHashCode()));
    }

    public void Clear() => _digests.Clear();
}
