// FieldTable: a large hash, fields to values, and when its fields expire.
//
// A NativeTable of HashField, and beside it a FieldExpiryHeap of those that expire, whose address is the table's owner word
// (0: none expires). So a hash without expiring fields pays nothing for them, and of one with a million of them the next to
// expire is known at once.
// Holds always: a field is in the heap exactly when it has an expiry. The table owns its fields.
// A field whose time is over stays until somebody takes it out: readers say what moment it is and do not see it.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>Where a field was found; valid until the table changes.</summary>
public readonly struct FieldPlace
{
    internal FieldPlace(nint slot, ulong hash, HashField field)
    {
        Slot = slot;
        Hash = hash;
        Field = field;
    }

    /// <summary>The field; null when it was not found.</summary>
    public HashField Field { get; }

    internal nint Slot { get; }

    internal ulong Hash { get; }
}

/// <summary>A view of a large hash in native memory. Command thread only, except where a member says otherwise.</summary>
public readonly struct FieldTable
{
    private readonly NativeTable<HashFieldTraits> _fields;

    /// <summary>Views the hash whose <see cref="Address"/> this was.</summary>
    public FieldTable(nint address) => _fields = new NativeTable<HashFieldTraits>(address);

    /// <summary>Where the hash is; it stays while the hash lives.</summary>
    public nint Address => _fields.Address;

    /// <summary>Fields, those included whose time is over and which nobody took out yet.</summary>
    public long Count => _fields.Count;

    /// <summary>Whether fields expire.</summary>
    public bool HasExpiring => _fields.OwnerWord != 0;

    /// <summary>How many fields expire.</summary>
    public long ExpiringCount => HasExpiring ? Expiring.Count : 0;

    /// <summary>When the next field expires, milliseconds of unix time; the largest number when none does.</summary>
    public long NextExpiryUnixMs => HasExpiring ? Expiring.First.ExpireAtUnixMs : long.MaxValue;

    /// <summary>Native memory of the tables, without the fields.</summary>
    public long TableMemoryBytes => _fields.MemoryBytes + (HasExpiring ? (long)Expiring.MemoryBytes : 0);

    private FieldExpiryHeap Expiring => new((nint)_fields.OwnerWord);

    /// <summary>A new, empty hash.</summary>
    public static FieldTable Create() => new(NativeTable<HashFieldTraits>.Create().Address);

    /// <summary>Makes room before many fields are added.</summary>
    public void Reserve(long count) => _fields.Reserve(count);

    /// <summary>A field that is there and not expired at this moment; null else. Any thread, while nobody changes the hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HashField Find(ReadOnlySpan<byte> name, long nowUnixMs)
    {
        HashField field = new(_fields.Find(name, KeyHash.Of(name)));
        return !field.IsNull && field.IsExpiredAt(nowUnixMs) ? default : field;
    }

    /// <summary>Where a field is, or would be; also one whose time is over.</summary>
    /// <returns>Whether it is there.</returns>
    public bool TryFindPlace(ReadOnlySpan<byte> name, out FieldPlace place)
    {
        ulong hash = KeyHash.Of(name);
        bool isThere = _fields.TryFindSlot(name, hash, out nint slot);
        place = new FieldPlace(slot, hash, isThere ? new HashField(_fields.EntryAt(slot)) : default);
        return isThere;
    }

    /// <summary>Adds a field that <see cref="TryFindPlace"/> did not find.</summary>
    public void Add(in FieldPlace place, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long expireAtUnixMs)
    {
        Debug.Assert(place.Field.IsNull);
        Insert(HashField.Create(name, value, expireAtUnixMs), place.Hash);
    }

    /// <summary>Adds a field unless it is there already. False, with nothing changed, when it is.</summary>
    public bool TryAdd(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long expireAtUnixMs = HashField.NoExpiry)
    {
        if (TryFindPlace(name, out FieldPlace place)) return false;
        Add(in place, name, value, expireAtUnixMs);
        return true;
    }

    /// <summary>Gives a field that was found another value and another expiry, -1 for none.</summary>
    public void Update(in FieldPlace place, ReadOnlySpan<byte> value, long expireAtUnixMs)
    {
        HashField updated = place.Field.WithValue(value);
        if (updated != place.Field) Moved(place.Slot, updated);
        SetExpiry(place.Slot, updated, expireAtUnixMs);
    }

    /// <summary>Gives a field that was found another expiry, -1 for none.</summary>
    public void SetExpiry(in FieldPlace place, long expireAtUnixMs) => SetExpiry(place.Slot, place.Field, expireAtUnixMs);

    /// <summary>Takes a field out that was found, and frees it.</summary>
    public void Remove(in FieldPlace place)
    {
        if (place.Field.HasExpiry) Untrack(place.Field);
        _fields.RemoveAt(place.Slot, place.Hash);
        place.Field.Free();
    }

    /// <summary>Takes fields out whose time is over, the oldest first. They are the caller's to free.</summary>
    /// <param name="nowUnixMs">The moment.</param>
    /// <param name="taken">Receives their addresses.</param>
    /// <returns>How many: fewer than there is room for when no more are over.</returns>
    public int TakeExpired(long nowUnixMs, Span<nint> taken)
    {
        int count = 0;
        while (count < taken.Length && nowUnixMs > NextExpiryUnixMs)
        {
            HashField field = Expiring.First;
            Untrack(field);
            _fields.RemoveExact(field.Address, KeyHash.Of(field.Name));
            taken[count++] = field.Address;
        }

        return count;
    }

    /// <summary>Any field, each with the same probability, also one whose time is over; null when there is none.</summary>
    public HashField Random(ref ulong rngState) => new(_fields.Random(ref rngState));

    /// <summary>Visits some fields; see <see cref="NativeTable{TTraits}.Scan"/>.</summary>
    public ulong Scan<TVisitor>(ulong cursor, ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor => _fields.Scan(cursor, ref visitor);

    /// <summary>Every field, in no order, those whose time is over too; the hash must not change meanwhile. Any thread.</summary>
    public NativeTable<HashFieldTraits>.Enumerator GetEnumerator() => _fields.GetEnumerator();

    /// <summary>A hash with the same content that shares nothing with this one.</summary>
    public FieldTable Copy()
    {
        FieldTable copy = Create();
        copy.Reserve(Count);
        foreach (nint address in this)
        {
            HashField field = new HashField(address).Copy();
            copy.Insert(field, KeyHash.Of(field.Name));
        }

        return copy;
    }

    /// <summary>Frees the hash with all its fields. Any thread.</summary>
    public void Free()
    {
        if (HasExpiring) Expiring.Free();
        FieldFreer freer = default;
        _fields.Free(ref freer);
    }

    /// <summary>Lets a mover put each field elsewhere in memory.</summary>
    public void MoveFields<TMover>(TMover mover)
        where TMover : struct, IFieldMover
    {
        MovingVisitor<TMover> visitor = new(this, mover);
        _fields.ScanAll(ref visitor);
    }

    private void Insert(HashField field, ulong hash)
    {
        _fields.Insert(field.Address, hash);
        if (field.HasExpiry) Track(field);
    }

    private void SetExpiry(nint slot, HashField field, long expireAtUnixMs)
    {
        bool hadExpiry = field.HasExpiry;
        bool expires = expireAtUnixMs != HashField.NoExpiry;
        if (!hadExpiry && !expires) return;
        if (hadExpiry && !expires) Untrack(field);

        HashField updated = field.WithExpiry(expireAtUnixMs);
        if (updated != field) _fields.ReplaceAt(slot, updated.Address);
        if (hadExpiry && expires) Expiring.TimeChanged(updated);
        else if (expires) Track(updated);
    }

    private void Moved(nint slot, HashField field)
    {
        _fields.ReplaceAt(slot, field.Address);
        if (field.HasExpiry) Expiring.Moved(field);
    }

    private void Track(HashField field)
    {
        FieldExpiryHeap heap = HasExpiring ? Expiring : FieldExpiryHeap.Create();
        NativeTable<HashFieldTraits> fields = _fields;
        fields.OwnerWord = heap.Add(field).Address;
    }

    private void Untrack(HashField field)
    {
        FieldExpiryHeap heap = Expiring.Remove(field);
        NativeTable<HashFieldTraits> fields = _fields;
        fields.OwnerWord = heap.Address;
        if (heap.Count > 0) return;
        heap.Free();
        fields.OwnerWord = 0;
    }

    private readonly struct FieldFreer : IEntryVisitor
    {
        public void Visit(nint entry) => new HashField(entry).Free();
    }

    private readonly struct MovingVisitor<TMover>(FieldTable table, TMover mover) : IEntryVisitor
        where TMover : struct, IFieldMover
    {
        public void Visit(nint entry)
        {
            nint moved = mover.Move(entry, new HashField(entry).SizeBytes);
            if (moved == entry) return;

            // The old block is gone: name and place are read from the new one.
            HashField field = new(moved);
            table._fields.Replace(entry, moved, KeyHash.Of(field.Name));
            if (field.HasExpiry) table.Expiring.Moved(field);
        }
    }
}

/// <summary>Moves the allocations of fields. A struct, so that the call costs nothing.</summary>
public interface IFieldMover
{
    /// <summary>The new address of an allocation, or the old one.</summary>
    nint Move(nint address, nuint sizeBytes);
}
