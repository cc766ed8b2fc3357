// HashView: reads a hash, whichever way it is encoded.
//
//   listpack     field, value, field, value ...: few and short ones, none of which expires
//   hashtable    a FieldTable: anything else
// Holds always: reading changes nothing. A field whose time is over at the moment given is not seen.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

/// <summary>The encodings of the hash type, as entries hold them.</summary>
internal static class HashEncoding
{
    /// <summary>The payload is the address of a <see cref="Structures.Listpack"/>.</summary>
    public const byte Listpack = 0;

    /// <summary>The payload is the address of a <see cref="FieldTable"/>.</summary>
    public const byte Table = 1;
}

internal readonly struct HashView
{
    private readonly long _payload;

    public HashView(byte encoding, long payload)
    {
        IsListpack = encoding == HashEncoding.Listpack;
        _payload = payload;
    }

    public HashView(in StoredValue value)
        : this(value.Encoding, value.Payload)
    {
    }

    /// <summary>The hash behind a handle; none behind an empty one.</summary>
    public static HashView Of(KeyEntry handle)
    {
        if (!handle.Exists) return default;
        Entry entry = new(handle.Address);
        return new HashView(entry.Encoding, entry.Payload);
    }

    public bool IsNull => _payload == 0;

    public bool IsListpack { get; }

    public Listpack Listpack => new((nint)_payload);

    public FieldTable Table => new((nint)_payload);

    /// <summary>Fields, those included whose time is over and which nobody took out yet.</summary>
    public long Count => IsListpack ? Listpack.Count / 2 : Table.Count;

    /// <summary>Whether fields expire.</summary>
    public bool HasExpiring => !IsListpack && Table.HasExpiring;

    /// <summary>The value of a field, and when it expires, -1 for never.</summary>
    public bool TryFind(ReadOnlySpan<byte> field, long nowUnixMs, out FieldText value, out long expireAtUnixMs)
    {
        value = default;
        expireAtUnixMs = HashField.NoExpiry;
        if (IsListpack)
        {
            int position = PositionOf(field);
            if (position < 0) return false;
            value = new FieldText(Listpack.At(Listpack.Next(position)));
            return true;
        }

        HashField found = Table.Find(field, nowUnixMs);
        if (found.IsNull) return false;
        value = FieldText.ValueOf(found);
        expireAtUnixMs = found.ExpireAtUnixMs;
        return true;
    }

    /// <summary>Whether there is a field of that name.</summary>
    public bool Contains(ReadOnlySpan<byte> field, long nowUnixMs) =>
        IsListpack ? PositionOf(field) >= 0 : !Table.Find(field, nowUnixMs).IsNull;

    /// <summary>Where a field's name stands in the listpack, -1 when it does not.</summary>
    public int PositionOf(ReadOnlySpan<byte> field)
    {
        int first = Listpack.First;
        return first < 0 ? -1 : Listpack.Find(field, first, skip: 1);
    }

    /// <summary>Walks the fields that are not over at a moment. The hash must not change meanwhile.</summary>
    public FieldWalk Walk(long nowUnixMs) => new(this, nowUnixMs);
}

/// <summary>Goes from field to field.</summary>
internal ref struct FieldWalk
{
    private readonly HashView _hash;
    private readonly long _nowUnixMs;
    private NativeTable<HashFieldTraits>.Enumerator _table;
    private int _valuePosition;
    private int _namePosition;

    internal FieldWalk(HashView hash, long nowUnixMs)
    {
        _hash = hash;
        _nowUnixMs = nowUnixMs;
        if (!hash.IsListpack) _table = hash.Table.GetEnumerator();
    }

    /// <summary>The field's name.</summary>
    public readonly FieldText Name =>
        _hash.IsListpack ? new FieldText(_hash.Listpack.At(_namePosition)) : new FieldText(new HashField(_table.Current).Name);

    /// <summary>Its value.</summary>
    public readonly FieldText Value =>
        _hash.IsListpack ? new FieldText(_hash.Listpack.At(_valuePosition)) : FieldText.ValueOf(new HashField(_table.Current));

    /// <summary>When it expires, -1 for never.</summary>
    public readonly long ExpireAtUnixMs =>
        _hash.IsListpack ? HashField.NoExpiry : new HashField(_table.Current).ExpireAtUnixMs;

    /// <summary>Goes on to the next field.</summary>
    public bool MoveNext()
    {
        if (_hash.IsListpack)
        {
            _namePosition = _valuePosition == 0 ? _hash.Listpack.First : _hash.Listpack.Next(_valuePosition);
            if (_namePosition < 0) return false;
            _valuePosition = _hash.Listpack.Next(_namePosition);
            return true;
        }

        while (_table.MoveNext())
        {
            if (!new HashField(_table.Current).IsExpiredAt(_nowUnixMs)) return true;
        }

        return false;
    }
}
