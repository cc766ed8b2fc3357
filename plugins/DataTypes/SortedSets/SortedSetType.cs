// The sorted set type as the server sees it. In RDB files a small one is its listpack (type code 17), a large one its members
// with binary scores, highest first (5); read is also what older servers wrote, scores as text (3).
// Holds always: what is loaded is in the encoding that the limits ask for.

using System.Buffers;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal sealed class SortedSetType : DataType, ICollectionType
{
    private const byte TextScoresCode = 3;
    private const byte BinaryScoresCode = 5;
    private const byte ListpackCode = 17;

    public static readonly SortedSetType Descriptor = new();

    private SortedSetType() { }

    public override string Name => "zset";

    public CollectionKind Kind => CollectionKind.SortedSet;

    public override string EncodingName(in StoredValue value) =>
        value.Encoding == SortedSetEncoding.Listpack ? "listpack" : "skiplist";

    public override void Free(in StoredValue value) => Of(value).Free();

    public override long FreeEffort(in StoredValue value) => value.Encoding == SortedSetEncoding.Listpack ? 1 : Of(value).Count;

    public override KeyEntry Copy(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory)
    {
        SortedSetValue copy = Of(value).Copy();
        return factory.Create(key, this, copy.Encoding, copy.Address);
    }

    public override long MemoryUsageBytes(in StoredValue value, int samples)
    {
        SortedSetValue subject = Of(value);
        return subject.IsListpack ? (long)subject.Pairs.MemoryBytes : subject.Set.MemoryBytes;
    }

    public override long ElementCount(in StoredValue value) => Of(value).Count;

    public override void Save(in StoredValue value, IValueWriter writer)
    {
        SortedSetValue subject = Of(value);
        if (subject.IsListpack)
        {
            writer.TypeCode(ListpackCode);
            writer.String(subject.Pairs.Bytes);
            return;
        }

        writer.TypeCode(BinaryScoresCode);
        writer.Length((ulong)subject.Count);
        for (ScorePosition position = subject.Set.Last; !position.IsNone; position = position.Previous())
        {
            writer.String(position.Element.Member);
            writer.Double(position.Score);
        }
    }

    public override bool LoadsTypeCode(byte typeCode) => typeCode is TextScoresCode or BinaryScoresCode or ListpackCode;

    public override KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory)
    {
        SortedSetValue loaded = reader.TypeCode == ListpackCode
            ? SortedSetLoader.LoadListpack(reader)
            : SortedSetLoader.LoadMembers(reader);
        return loaded.Exists ? factory.Create(key, this, loaded.Encoding, loaded.Address) : default;
    }

    public override bool Rewrite(ReadOnlySpan<byte> key, in StoredValue value, IRewriteWriter writer)
    {
        SortedSetRewrite.Write(key, Of(value), writer);
        return true;
    }

    public override void Digest(in StoredValue value, IDigestSink sink)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        for (SortedSetCursor cursor = Of(value).At(0); !cursor.IsNone; cursor.MoveNext())
        {
            ReadOnlySpan<byte> member = cursor.Member(scratch);
            byte[] element = ArrayPool<byte>.Shared.Rent(member.Length + DoubleText.LengthMax);
            member.CopyTo(element);
            int length = member.Length + DoubleText.Format(cursor.Score + 0.0, element.AsSpan(member.Length));
            sink.AddUnordered(element.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(element);
        }
    }

    public override long Defrag(in StoredValue value, IDefragmenter defragmenter)
    {
        SortedSetValue subject = Of(value);
        if (subject.IsListpack) return defragmenter.Move(subject.Address, subject.Pairs.MemoryBytes);

        Mover mover = new(defragmenter);
        return subject.Set.Defrag(ref mover).Address;
    }

    public void ForEach(in StoredValue value, IElementVisitor visitor) => ForEachFrom(value, 0, reversed: false, visitor);

    public void ForEachFrom(in StoredValue value, long start, bool reversed, IElementVisitor visitor)
    {
        SortedSetValue subject = Of(value);
        if (start < 0 || start >= subject.Count) return;

        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        SortedSetCursor cursor = subject.At(reversed ? subject.Count - 1 - start : start);
        while (!cursor.IsNone && visitor.Visit(cursor.Member(scratch), cursor.Score))
        {
            if (reversed) cursor.MovePrevious();
            else cursor.MoveNext();
        }
    }

    public bool TryFind(in StoredValue value, ReadOnlySpan<byte> member, out double score) =>
        Of(value).TryGetScore(member, out score);

    private static SortedSetValue Of(in StoredValue value) => new(value.Encoding, (nint)value.Payload);

    private readonly struct Mover(IDefragmenter defragmenter) : IBlockMover
    {
        public nint Move(nint address, nuint sizeBytes) => defragmenter.Move(address, sizeBytes);
    }
}
