namespace Valkey.Abstractions;

/// <summary>
/// A key that was found: the address of its native entry. Valid until the keyspace changes; never kept across commands.
/// What lies there is the business of Valkey.Structures.
/// </summary>
public readonly struct KeyEntry(nint address)
{
    /// <summary>Address of the entry, 0 for none.</summary>
    public nint Address { get; } = address;

    /// <summary>Whether there is one.</summary>
    public bool Exists => Address != 0;
}

/// <summary>A value as its type sees it: an encoding and either a payload word or embedded bytes.</summary>
public readonly ref struct StoredValue(byte encoding, long payload, ReadOnlySpan<byte> embedded, bool isEmbedded)
{
    /// <summary>The type's own encoding number, 0 to 15.</summary>
    public byte Encoding { get; } = encoding;

    /// <summary>The type's word: a number, or the address of its native memory, or the id of a managed value.</summary>
    public long Payload { get; } = payload;

    /// <summary>The bytes, when the value lies inside its entry.</summary>
    public ReadOnlySpan<byte> Embedded { get; } = embedded;

    /// <summary>Whether the value lies inside its entry.</summary>
    public bool IsEmbedded { get; } = isEmbedded;
}
