// EntryTable: a NativeTable for those who live on the managed heap anyway, as a database does: an object with a lifetime
// (Dispose) whose content can be taken away as a whole. All that the table can do is in NativeTable.
// One thread at a time; there is no finalizer.

using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>A managed holder of a <see cref="NativeTable{TTraits}"/>; see there. Not for more than one thread at a time.</summary>
/// <remarks>The table never frees an entry. Slot addresses end with the next change of the table.</remarks>
public sealed class EntryTable<TTraits> : IDisposable
    where TTraits : struct, IEntryTraits
{
    private NativeTable<TTraits> _table;

    /// <summary>An empty table, of some two hundred bytes.</summary>
    public EntryTable()
        : this(NativeTable<TTraits>.Create())
    {
    }

    private EntryTable(NativeTable<TTraits> table) => _table = table;

    /// <summary>The table itself, for those who do not need its lifetime. It ends with <see cref="Dispose"/> and
    /// <see cref="DetachAll"/>.</summary>
    public NativeTable<TTraits> Native => _table;

    /// <inheritdoc cref="NativeTable{TTraits}.Count"/>
    public long Count => _table.Count;

    /// <inheritdoc cref="NativeTable{TTraits}.BucketCount"/>
    public long BucketCount => _table.BucketCount;

    /// <inheritdoc cref="NativeTable{TTraits}.MemoryBytes"/>
    public long MemoryBytes => _table.MemoryBytes;

    /// <inheritdoc cref="NativeTable{TTraits}.ResizePaused"/>
    public bool ResizePaused
    {
        get => _table.ResizePaused;
        set => _table.ResizePaused = value;
    }

    /// <inheritdoc cref="NativeTable{TTraits}.Find"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Find(ReadOnlySpan<byte> key, ulong hash) => _table.Find(key, hash);

    /// <inheritdoc cref="NativeTable{TTraits}.TryFindSlot"/>
    public bool TryFindSlot(ReadOnlySpan<byte> key, ulong hash, out nint slotAddress) =>
        _table.TryFindSlot(key, hash, out slotAddress);

    /// <inheritdoc cref="NativeTable{TTraits}.EntryAt"/>
    public nint EntryAt(nint slotAddress) => _table.EntryAt(slotAddress);

    /// <inheritdoc cref="NativeTable{TTraits}.ReplaceAt"/>
    public void ReplaceAt(nint slotAddress, nint newEntry) => _table.ReplaceAt(slotAddress, newEntry);

    /// <inheritdoc cref="NativeTable{TTraits}.RemoveAt"/>
    public void RemoveAt(nint slotAddress, ulong hash) => _table.RemoveAt(slotAddress, hash);

    /// <inheritdoc cref="NativeTable{TTraits}.Insert"/>
    public void Insert(nint entry, ulong hash) => _table.Insert(entry, hash);

    /// <inheritdoc cref="NativeTable{TTraits}.Remove"/>
    public nint Remove(ReadOnlySpan<byte> key, ulong hash) => _table.Remove(key, hash);

    /// <inheritdoc cref="NativeTable{TTraits}.RemoveExact"/>
    public bool RemoveExact(nint entry, ulong hash) => _table.RemoveExact(entry, hash);

    /// <inheritdoc cref="NativeTable{TTraits}.Replace"/>
    public bool Replace(nint oldEntry, nint newEntry, ulong hash) => _table.Replace(oldEntry, newEntry, hash);

    /// <inheritdoc cref="NativeTable{TTraits}.Step"/>
    public bool Step(int bucketCount) => _table.Step(bucketCount);

    /// <inheritdoc cref="NativeTable{TTraits}.Reserve"/>
    public void Reserve(long entryCount) => _table.Reserve(entryCount);

    /// <inheritdoc cref="NativeTable{TTraits}.DrainStep"/>
    public bool DrainStep<TVisitor>(ref TVisitor visitor, int bucketCount)
        where TVisitor : struct, IEntryVisitor => _table.DrainStep(ref visitor, bucketCount);

    /// <inheritdoc cref="NativeTable{TTraits}.Clear"/>
    public void Clear<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor => _table.Clear(ref visitor);

    /// <inheritdoc cref="NativeTable{TTraits}.Scan"/>
    public ulong Scan<TVisitor>(ulong cursor, ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor => _table.Scan(cursor, ref visitor);

    /// <inheritdoc cref="NativeTable{TTraits}.ScanAll"/>
    public void ScanAll<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor => _table.ScanAll(ref visitor);

    /// <inheritdoc cref="NativeTable{TTraits}.Random"/>
    public nint Random(ref ulong rngState) => _table.Random(ref rngState);

    /// <inheritdoc cref="NativeTable{TTraits}.Sample"/>
    public int Sample(Span<nint> into, ref ulong rngState) => _table.Sample(into, ref rngState);

    /// <inheritdoc cref="NativeTable{TTraits}.Prefetch"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash) => _table.Prefetch(hash);

    /// <inheritdoc cref="NativeTable{TTraits}.PrefetchEntry"/>
    public void PrefetchEntry(ulong hash) => _table.PrefetchEntry(hash);

    /// <inheritdoc cref="NativeTable{TTraits}.GetEnumerator"/>
    public NativeTable<TTraits>.Enumerator GetEnumerator() => _table.GetEnumerator();

    /// <inheritdoc cref="NativeTable{TTraits}.ReadStatistics"/>
    public EntryTableStatistics ReadStatistics() => _table.ReadStatistics();

    /// <summary>A new table with everything that this one holds; this one is empty afterwards.</summary>
    /// <remarks>For freeing on another thread: the new table is handed over as a whole.</remarks>
    public EntryTable<TTraits> DetachAll()
    {
        EntryTable<TTraits> detached = new(_table);
        _table = NativeTable<TTraits>.Create();
        return detached;
    }

    /// <summary>Frees the table's own memory, not the entries. The table must not be used afterwards.</summary>
    public void Dispose()
    {
        if (!_table.IsNull) _table.Free();
        _table = default;
    }
}
