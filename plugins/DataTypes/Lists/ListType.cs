// The list type as the server sees it: saved node by node as type 18 of the RDB format, each node a listpack or one plain
// element; loaded from that or from type 1, a plain row of strings.
// Holds always: what is loaded was checked element by element, so that nothing that walks a list can leave it; and it is
// encoded as if it had been pushed.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Lists;

internal sealed class ListType : DataType, ICollectionType
{
    public static readonly ListType Descriptor = new();

    private readonly DefragmentingMover _mover = new();

    private ListType() { }

    public override string Name => "list";

    public CollectionKind Kind => CollectionKind.List;

    public override string EncodingName(in StoredValue value) =>
        value.Encoding == ListEncoding.Quicklist ? "quicklist" : "listpack";

    public override void Free(in StoredValue value)
    {
        if (HasNodes(value)) QuicklistOf(value).Free();
        else ListpackOf(value).Free();
    }

    public override long FreeEffort(in StoredValue value) =>
        value.Encoding == ListEncoding.Quicklist ? QuicklistOf(value).NodeCount : 1;

    public override KeyEntry Copy(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory)
    {
        nint copy = HasNodes(value) ? QuicklistOf(value).Copy().Address : ListpackOf(value).Copy().Address;
        return factory.Create(key, this, value.Encoding, copy);
    }

    public override KeyEntry CopyForIteration(
        ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory, out long addedBytes)
    {
        if (!HasNodes(value)) return base.CopyForIteration(key, value, factory, out addedBytes);
        Quicklist copy = QuicklistOf(value).CopyShared(out addedBytes);
        return factory.Create(key, this, value.Encoding, copy.Address);
    }

    public override long ElementCount(in StoredValue value) =>
        HasNodes(value) ? QuicklistOf(value).Count : ListpackOf(value).Count;

    public override long MemoryUsageBytes(in StoredValue value, int samples)
    {
        if (!HasNodes(value)) return (long)ListpackOf(value).MemoryBytes;

        Quicklist list = QuicklistOf(value);
        int lookedAt = samples == 0 ? list.NodeCount : Math.Min(samples, list.NodeCount);
        long bytes = 0;
        for (int i = 0; i < lookedAt; i++) bytes += list.FactsOf(i).MemoryBytes;
        if (lookedAt < list.NodeCount) bytes = (long)((double)bytes / lookedAt * list.NodeCount);
        return (long)list.FrameMemoryBytes + bytes;
    }

    public override void Save(in StoredValue value, IValueWriter writer) => ListFile.Save(value, writer);

    public override bool LoadsTypeCode(byte typeCode) => ListFile.IsTypeCode(typeCode);

    public override KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory) =>
        ListFile.Load(key, reader, factory);

    public override bool Rewrite(ReadOnlySpan<byte> key, in StoredValue value, IRewriteWriter writer)
    {
        ListRewrite.Write(key, CursorAt(value, 0, reversed: false), ElementCount(value), writer);
        return true;
    }

    public override void Digest(in StoredValue value, IDigestSink sink)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        ListCursor cursor = CursorAt(value, 0, reversed: false);
        while (cursor.MoveNext()) sink.AddOrdered(cursor.Current.Text(scratch));
        cursor.Dispose();
    }

    public override long Defrag(in StoredValue value, IDefragmenter defragmenter)
    {
        if (!HasNodes(value)) return defragmenter.Move((nint)value.Payload, (nuint)ListpackOf(value).TotalBytes);

        _mover.Defragmenter = defragmenter;
        return QuicklistOf(value).Relocate(_mover).Address;
    }

    public override string DebugFacts(in StoredValue value, bool fast) =>
        value.Encoding == ListEncoding.Quicklist ? ListDescription.Facts(QuicklistOf(value), fast) : "";

    public override string DebugStructure(in StoredValue value, bool full) => HasNodes(value)
        ? ListDescription.Structure(QuicklistOf(value), full)
        : ListDescription.Structure(ListpackOf(value));

    public void ForEach(in StoredValue value, IElementVisitor visitor) => ForEachFrom(value, 0, reversed: false, visitor);

    public void ForEachFrom(in StoredValue value, long start, bool reversed, IElementVisitor visitor)
    {
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        ListCursor cursor = CursorAt(value, reversed ? -1 - start : start, reversed);
        while (cursor.MoveNext() && visitor.Visit(cursor.Current.Text(scratch), score: 0)) { }
        cursor.Dispose();
    }

    public bool TryFind(in StoredValue value, ReadOnlySpan<byte> member, out double score)
    {
        score = 0;
        return false; // a list has no members, only positions
    }


    internal static bool HasNodes(in StoredValue value) => value.Encoding != ListEncoding.Listpack;

    internal static Listpack ListpackOf(in StoredValue value) => new((nint)value.Payload);

    internal static Quicklist QuicklistOf(in StoredValue value) => new((nint)value.Payload);

    private static ListCursor CursorAt(in StoredValue value, long index, bool reversed) => HasNodes(value)
        ? new ListCursor(QuicklistOf(value).CursorAt(index, reversed))
        : new ListCursor(ListpackOf(value), index, reversed);

    private sealed class DefragmentingMover : IBlockMover
    {
        public IDefragmenter Defragmenter { get; set; } = null!;

        public nint Move(nint address, nuint sizeBytes) => Defragmenter.Move(address, sizeBytes);
    }
}
