// Makes the entries of loaded keys, with their expiry at once, so that no entry is allocated twice.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed class EntryBuilder : IEntryFactory
{
    /// <summary>When the next key expires, -1 for never.</summary>
    public long ExpireAtUnixMs { get; set; } = Entry.NoExpiry;

    /// <inheritdoc/>
    public KeyEntry Create(ReadOnlySpan<byte> key, DataType type, byte encoding, long payload) =>
        new(Entry.CreateWithPayload(key, type.Id, encoding, payload, ExpireAtUnixMs).Address);

    /// <inheritdoc/>
    public KeyEntry CreateEmbedded(ReadOnlySpan<byte> key, DataType type, byte encoding, ReadOnlySpan<byte> value) =>
        new(Entry.CreateEmbedded(key, type.Id, encoding, value, ExpireAtUnixMs).Address);

    /// <summary>Frees an entry that nobody took, with its value.</summary>
    public static void Free(KeyEntry entry, DataType type)
    {
        Entry loaded = new(entry.Address);
        if (!loaded.IsEmbedded) type.Free(new StoredValue(loaded.Encoding, loaded.Payload, default, false));
        loaded.FreeShell();
    }
}
