// What the server must be able to do with a value of ours without knowing what it is: save, load, copy, count and free it.
// Saved as [number of fields], then per field [field: string][counter: number]. A counter's sign travels in its top bit.

using System.Buffers;
using System.Buffers.Binary;
using Valkey.Abstractions;

namespace Valkey.Samples.CounterMap;

/// <summary>The key type <c>cmap</c>. The payload is the map's address.</summary>
internal sealed class CounterMapType : DataType
{
    private const int EncodingVersion = 0;

    /// <summary>The one instance.</summary>
    public static CounterMapType Descriptor { get; } = new();

    /// <inheritdoc/>
    public override string Name => "cmap";

    /// <inheritdoc/>
    public override ulong ModuleId { get; } = ModuleTypeId.Of("cntr-map_", EncodingVersion);

    /// <inheritdoc/>
    public override string EncodingName(in StoredValue value) => "raw";

    /// <inheritdoc/>
    public override void Free(in StoredValue value) => new CounterMap(value.Payload).Free();

    /// <inheritdoc/>
    public override long FreeEffort(in StoredValue value) => ElementCount(value);

    /// <inheritdoc/>
    public override KeyEntry Copy(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory) =>
        factory.Create(key, this, value.Encoding, new CounterMap(value.Payload).Clone().Address);

    /// <inheritdoc/>
    public override long MemoryUsageBytes(in StoredValue value, int samples) => new CounterMap(value.Payload).SizeBytes;

    /// <inheritdoc/>
    public override long ElementCount(in StoredValue value) => new CounterMap(value.Payload).Count;

    /// <inheritdoc/>
    public override void Save(in StoredValue value, IValueWriter writer)
    {
        CounterMap map = new(value.Payload);
        writer.TypeCode(ModuleTypeId.TypeCode);
        writer.Length((ulong)map.Count);
        for (int i = 0; i < map.SlotCount; i++)
        {
            if (!map.TryGetSlot(i, out ReadOnlySpan<byte> field, out long counter)) continue;
            writer.String(field);
            writer.Length(unchecked((ulong)counter));
        }
    }

    /// <inheritdoc/>
    public override KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory)
    {
        ulong count = reader.Length();
        if (count is 0 or > CounterMap.FieldCountMax) throw new InvalidDataException($"a counter map cannot have {count} fields");

        CounterMap map = CounterMap.Create(); // grows with what is really there, whatever the file promises
        try
        {
            for (ulong i = 0; i < count; i++) map = LoadField(map, reader);
        }
        catch
        {
            map.Free();
            throw;
        }

        return factory.Create(key, this, encoding: 0, map.Address);
    }

    /// <inheritdoc/>
    public override void Digest(in StoredValue value, IDigestSink sink)
    {
        CounterMap map = new(value.Payload);
        for (int i = 0; i < map.SlotCount; i++)
        {
            if (map.TryGetSlot(i, out ReadOnlySpan<byte> field, out long counter)) DigestField(field, counter, sink);
        }
    }

    /// <inheritdoc/>
    public override long Defrag(in StoredValue value, IDefragmenter defragmenter) =>
        new CounterMap(value.Payload).Relocate(defragmenter.Move).Address;

    // The reader's string is valid until its next call, so the field goes into the map before its counter is read.
    private static CounterMap LoadField(CounterMap map, IValueReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.String();
        if (map.TryGet(bytes, out _)) throw new InvalidDataException("a counter map has the same field twice");

        byte[] field = bytes.ToArray();
        return map.Set(field, unchecked((long)reader.Length()));
    }

    // Field and counter are one element: {a: 1, b: 2} and {a: 2, b: 1} must not have the same digest.
    private static void DigestField(ReadOnlySpan<byte> field, long counter, IDigestSink sink)
    {
        byte[] element = ArrayPool<byte>.Shared.Rent(field.Length + sizeof(long));
        field.CopyTo(element);
        BinaryPrimitives.WriteInt64LittleEndian(element.AsSpan(field.Length), counter);
        sink.AddUnordered(element.AsSpan(0, field.Length + sizeof(long)));
        ArrayPool<byte>.Shared.Return(element);
    }
}
