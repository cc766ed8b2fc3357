// The set type as the server sees it. A compact set is saved as the bytes that it lies in memory as, a table as its members
// one by one: type codes 11 (intset), 20 (listpack) and 2 of the RDB format. How one is read back is SetLoader.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal sealed class SetType : DataType, ICollectionType
{
    public const byte MembersTypeCode = 2;
    public const byte IntsetTypeCode = 11;
    public const byte ListpackTypeCode = 20;

    public static readonly SetType Descriptor = new();

    private SetType() { }

    public override string Name => "set";

    public CollectionKind Kind => CollectionKind.Set;

    public override string EncodingName(in StoredValue value) => value.Encoding switch
    {
        SetEncoding.Intset => "intset",
        SetEncoding.Listpack => "listpack",
        _ => "hashtable",
    };

    public override void Free(in StoredValue value) => SetValue.Of(value).Free();

    public override long FreeEffort(in StoredValue value) =>
        value.Encoding == SetEncoding.Table ? SetValue.Of(value).Count : 1;

    public override KeyEntry Copy(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory)
    {
        SetValue copy = SetValue.Of(value).Copy();
        return factory.Create(key, this, copy.Encoding, copy.Payload);
    }

    public override long MemoryUsageBytes(in StoredValue value, int samples) => SetValue.Of(value).MemoryBytes(samples);

    public override long ElementCount(in StoredValue value) => SetValue.Of(value).Count;

    public override void Save(in StoredValue value, IValueWriter writer)
    {
        SetValue set = SetValue.Of(value);
        switch (set.Encoding)
        {
            case SetEncoding.Intset:
                writer.TypeCode(IntsetTypeCode);
                writer.String(set.Intset.Bytes);
                break;
            case SetEncoding.Listpack:
                writer.TypeCode(ListpackTypeCode);
                writer.String(set.Listpack.Bytes);
                break;
            default:
                writer.TypeCode(MembersTypeCode);
                writer.Length((ulong)set.Table.Count);
                foreach (nint address in set.Table) writer.String(new PackedString(address).Span);
                break;
        }
    }

    public override bool LoadsTypeCode(byte typeCode) =>
        typeCode is MembersTypeCode or IntsetTypeCode or ListpackTypeCode;

    public override KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory)
    {
        SetValue set = SetLoader.Load(reader);
        return set.Exists ? factory.Create(key, this, set.Encoding, set.Payload) : default;
    }

    public override bool Rewrite(ReadOnlySpan<byte> key, in StoredValue value, IRewriteWriter writer)
    {
        SetRewrite.Write(key, SetValue.Of(value), writer);
        return true;
    }

    public override void Digest(in StoredValue value, IDigestSink sink)
    {
        MemberWalk members = new(SetValue.Of(value), stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext()) sink.AddUnordered(members.Text);
    }

    public override long Defrag(in StoredValue value, IDefragmenter defragmenter)
    {
        SetValue set = SetValue.Of(value);
        if (set.Encoding == SetEncoding.Intset) return defragmenter.Move((nint)value.Payload, set.Intset.MemoryBytes);
        if (set.Encoding == SetEncoding.Listpack) return defragmenter.Move((nint)value.Payload, set.Listpack.MemoryBytes);

        NativeTable<PackedStringTraits> table = set.Table;
        foreach (nint address in table)
        {
            PackedString member = new(address);
            if (!table.TryFindSlot(member.Span, KeyHash.Of(member.Span), out nint slot)) continue;
            nint moved = defragmenter.Move(address, member.MemoryBytes);
            if (moved != address) table.ReplaceAt(slot, moved);
        }

        return value.Payload;
    }

    public void ForEach(in StoredValue value, IElementVisitor visitor) => ForEachFrom(value, 0, reversed: false, visitor);

    // A set has no order that could be reversed; it is shown as it is stored.
    public void ForEachFrom(in StoredValue value, long start, bool reversed, IElementVisitor visitor)
    {
        MemberWalk members = new(SetValue.Of(value), stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext())
        {
            if (start > 0) start--;
            else if (!visitor.Visit(members.Text, score: 1)) return;
        }
    }

    public bool TryFind(in StoredValue value, ReadOnlySpan<byte> member, out double score)
    {
        score = 1;
        return SetValue.Of(value).Contains(member);
    }
}
