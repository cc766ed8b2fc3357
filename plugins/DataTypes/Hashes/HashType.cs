// The hash type as the server sees it. How a hash lies in memory is told by HashView; how it is saved by HashRdb.

using System.Buffers.Binary;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal sealed class HashType : DataType, IFieldType, IExpiringItemsType
{
    /// <summary>The most items that are taken out at once, and so the fields of an HDEL that active expiry propagates.</summary>
    private const int ExpireBatchMax = 1024;

    public static readonly HashType Descriptor = new();

    // Where the text of a number is put for TryGetField, whose result outlives the call. Command thread only.
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(IntegerText.LengthMax, pinned: true);

    private HashType() { }

    public override string Name => "hash";

    public ReadOnlySpan<byte> ExpiredEventName => "hexpired"u8;

    public override string EncodingName(in StoredValue value) =>
        value.Encoding == HashEncoding.Listpack ? "listpack" : "hashtable";

    public override void Free(in StoredValue value)
    {
        HashView hash = new(in value);
        if (hash.IsListpack) hash.Listpack.Free();
        else hash.Table.Free();
    }

    public override long FreeEffort(in StoredValue value)
    {
        HashView hash = new(in value);
        return hash.IsListpack ? 1 : hash.Table.Count;
    }

    public override KeyEntry Copy(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory)
    {
        HashView hash = new(in value);
        nint payload = hash.IsListpack ? hash.Listpack.Copy().Address : hash.Table.Copy().Address;
        return Create(factory, key, new HashView(value.Encoding, payload));
    }

    public override long MemoryUsageBytes(in StoredValue value, int samples)
    {
        HashView hash = new(in value);
        if (hash.IsListpack) return (long)hash.Listpack.MemoryBytes;

        long sampledCount = 0;
        long sampledBytes = 0;
        foreach (nint field in hash.Table)
        {
            if (samples > 0 && sampledCount == samples) break;
            sampledBytes += (long)new HashField(field).MemoryBytes;
            sampledCount++;
        }

        long fieldBytes = sampledCount == 0 ? 0 : (long)((double)sampledBytes / sampledCount * hash.Table.Count);
        return hash.Table.TableMemoryBytes + fieldBytes;
    }

    public override long ElementCount(in StoredValue value) => new HashView(in value).Count;

    public override void Save(in StoredValue value, IValueWriter writer) => HashRdb.Save(new HashView(in value), writer);

    public override bool LoadsTypeCode(byte typeCode) => HashRdb.Loads(typeCode);

    public override KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory)
    {
        HashView hash = HashRdb.Load(reader, out byte encoding);
        return hash.IsNull ? default : Create(factory, key, hash, encoding);
    }

    public override bool Rewrite(ReadOnlySpan<byte> key, in StoredValue value, IRewriteWriter writer)
    {
        HashRewrite.Write(key, new HashView(in value), writer);
        return true;
    }

    public override void Digest(in StoredValue value, IDigestSink sink)
    {
        Span<byte> nameScratch = stackalloc byte[IntegerText.LengthMax];
        Span<byte> valueScratch = stackalloc byte[IntegerText.LengthMax];
        FieldWalk fields = new HashView(in value).Walk(long.MinValue);
        while (fields.MoveNext())
        {
            ReadOnlySpan<byte> name = fields.Name.Text(nameScratch);
            ReadOnlySpan<byte> text = fields.Value.Text(valueScratch);
            AddPair(sink, name, text, fields.ExpireAtUnixMs != HashField.NoExpiry);
        }
    }

    public override long Defrag(in StoredValue value, IDefragmenter defragmenter)
    {
        HashView hash = new(in value);
        if (hash.IsListpack) return defragmenter.Move(hash.Listpack.Address, (nuint)hash.Listpack.TotalBytes);
        hash.Table.MoveFields(new Mover(defragmenter));
        return value.Payload;
    }

    public bool TryGetField(
        in StoredValue value, ReadOnlySpan<byte> field, long nowUnixMs, out ReadOnlySpan<byte> fieldValue)
    {
        bool isThere = new HashView(in value).TryFind(field, nowUnixMs, out FieldText text, out _);
        fieldValue = isThere ? text.Text(_scratch) : default;
        return isThere;
    }

    public bool HasExpiringItems(in StoredValue value) => new HashView(in value).HasExpiring;

    public int ExpireItems(in StoredValue value, ReadOnlySpan<byte> key, IItemExpiry expiry, int countMax)
    {
        HashView hash = new(in value);
        if (!hash.HasExpiring) return 0;

        Span<nint> taken = stackalloc nint[Math.Min(countMax, ExpireBatchMax)];
        int count = hash.Table.TakeExpired(expiry.NowUnixMs, taken);
        if (count > 0 && expiry.PropagationWanted)
        {
            ArgumentList.Begin("HDEL"u8, key);
            foreach (nint field in taken[..count]) ArgumentList.Add(new HashField(field).Name);
            expiry.Propagate(ArgumentList.Taken);
        }

        foreach (nint field in taken[..count]) new HashField(field).Free();
        return count;
    }

    private KeyEntry Create(IEntryFactory factory, ReadOnlySpan<byte> key, HashView hash) =>
        Create(factory, key, hash, hash.IsListpack ? HashEncoding.Listpack : HashEncoding.Table);

    private KeyEntry Create(IEntryFactory factory, ReadOnlySpan<byte> key, HashView hash, byte encoding)
    {
        nint payload = hash.IsListpack ? hash.Listpack.Address : hash.Table.Address;
        KeyEntry created = factory.Create(key, this, encoding, payload);
        if (!hash.HasExpiring) return created;

        Entry entry = new(created.Address);
        entry.HasExpiringItems = true;
        return created;
    }

    /// <summary>A pair as one element: the length of the name keeps "ab" + "c" apart from "a" + "bc".</summary>
    private static void AddPair(IDigestSink sink, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool expires)
    {
        byte[] pair = new byte[sizeof(int) + name.Length + value.Length + 1];
        BinaryPrimitives.WriteInt32LittleEndian(pair, name.Length);
        name.CopyTo(pair.AsSpan(sizeof(int)));
        value.CopyTo(pair.AsSpan(sizeof(int) + name.Length));
        pair[^1] = (byte)(expires ? 1 : 0);
        sink.AddUnordered(pair);
    }

    private readonly struct Mover(IDefragmenter defragmenter) : IFieldMover
    {
        public nint Move(nint address, nuint sizeBytes) => defragmenter.Move(address, sizeBytes);
    }
}
