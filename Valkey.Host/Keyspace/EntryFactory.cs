// Makes entries for data types that copy or load a value. Holds always: nothing that it made is in a table yet.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class EntryFactory : IEntryFactory
{
    public static readonly EntryFactory Instance = new();

    private EntryFactory() { }

    /// <inheritdoc/>
    public KeyEntry Create(ReadOnlySpan<byte> key, DataType type, byte encoding, long payload) =>
        new(Entry.CreateWithPayload(key, type.Id, encoding, payload).Address);

    /// <inheritdoc/>
    public KeyEntry CreateEmbedded(ReadOnlySpan<byte> key, DataType type, byte encoding, ReadOnlySpan<byte> value) =>
        new(Entry.CreateEmbedded(key, type.Id, encoding, value).Address);
}
