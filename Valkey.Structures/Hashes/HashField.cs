// HashField: one field of a large hash with its value, in one allocation.
//
// Layout, parts only as present:
//   [0] flags      field length: 1 byte, or 4 where it is 255 or more
//   value: [length: 1], or the address of a Blob: 8 where it is longer than 255 bytes
//   expiry: 8 bytes, ms of unix time      place among the expiring fields: 4 bytes
//   field bytes, then the value's bytes
// A field of 10 bytes with a value of 20 takes 33 bytes, and 12 more when it expires.
// Holds always: a field has room for an expiry exactly when it has one. The flags never change while the allocation
// lives; what changes them makes a new allocation, frees the old one and returns the new: whoever holds the address (the
// table) takes the new one.
// Lives on the command thread; another thread may read a field that the command thread promised not to touch.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valkey.Structures;

/// <summary>A view of one field in native memory. Owns nothing; spans from it end with the field.</summary>
public readonly unsafe struct HashField : IEquatable<HashField>
{
    /// <summary>Stands for "never expires".</summary>
    public const long NoExpiry = -1;

    /// <summary>The longest value that is kept inside.</summary>
    public const int EmbeddedMax = 255;

    private const int ShortFieldMax = 254;

    private const int FlagExpiry = 1;
    private const int FlagBlob = 2;
    private const int FlagLongField = 4;

    private const int LengthOffset = 1;
    private const int ExpiryPartBytes = sizeof(long) + sizeof(int);

    private readonly byte* _address;

    /// <summary>Views what an earlier field's <see cref="Address"/> points to.</summary>
    public HashField(nint address) => _address = (byte*)address;

    /// <summary>Where the field is; 0 for none.</summary>
    public nint Address => (nint)_address;

    /// <summary>Whether there is no field.</summary>
    public bool IsNull => _address == null;

    /// <summary>The field's name.</summary>
    public ReadOnlySpan<byte> Name
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_address + HeadBytes(*_address), NameLength);
    }

    /// <summary>The value, wherever it is.</summary>
    public ReadOnlySpan<byte> Value => (*_address & FlagBlob) != 0 ? BlobSlot.Span : Embedded;

    /// <summary>When the field expires, in milliseconds of unix time; -1 for never.</summary>
    public long ExpireAtUnixMs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => HasExpiry ? Unsafe.ReadUnaligned<long>(ExpiryPart) : NoExpiry;
    }

    /// <summary>Whether the field expires at some time.</summary>
    public bool HasExpiry => (*_address & FlagExpiry) != 0;

    /// <summary>Bytes that the allocator set aside for the field and its value.</summary>
    public nuint MemoryBytes =>
        NativeHeap.UsableSize(SizeBytes) + ((*_address & FlagBlob) != 0 ? BlobSlot.MemoryBytes : 0);

    /// <summary>Bytes that the field itself needs, without a value that is a blob.</summary>
    public nuint SizeBytes => (nuint)(HeadBytes(*_address) + NameLength + EmbeddedLength);

    /// <summary>Where the field stands among those that expire.</summary>
    internal int HeapIndex
    {
        get => Unsafe.ReadUnaligned<int>(ExpiryPart + sizeof(long));
        set => Unsafe.WriteUnaligned(ExpiryPart + sizeof(long), value);
    }

    // How many bytes stand before the name, by flags: 1, + 1 or 4 for its length, + 1 or 8 for the value, + 12 for an expiry.
    private static ReadOnlySpan<byte> HeadBytesByFlags => [3, 15, 10, 22, 6, 18, 13, 25];

    private int NameLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (*_address & FlagLongField) == 0
            ? _address[LengthOffset]
            : Unsafe.ReadUnaligned<int>(_address + LengthOffset);
    }

    private byte* ValuePart => _address + LengthOffset + ((*_address & FlagLongField) != 0 ? sizeof(int) : 1);

    private byte* ExpiryPart => _address + HeadBytes(*_address) - ExpiryPartBytes;

    private int EmbeddedLength => (*_address & FlagBlob) != 0 ? 0 : *ValuePart;

    private Span<byte> Embedded => new(_address + HeadBytes(*_address) + NameLength, *ValuePart);

    private Blob BlobSlot
    {
        get => new(Unsafe.ReadUnaligned<nint>(ValuePart));
        set => Unsafe.WriteUnaligned(ValuePart, value.Address);
    }

    /// <summary>Compares addresses, not names.</summary>
    public static bool operator ==(HashField left, HashField right) => left._address == right._address;

    /// <summary>Compares addresses, not names.</summary>
    public static bool operator !=(HashField left, HashField right) => left._address != right._address;

    /// <summary>A new field.</summary>
    public static HashField Create(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long expireAtUnixMs = NoExpiry)
    {
        bool isBlob = value.Length > EmbeddedMax;
        HashField field = Allocate(name, isBlob ? 0 : value.Length, isBlob, expireAtUnixMs != NoExpiry);
        if (isBlob) field.BlobSlot = Blob.From(value);
        else value.CopyTo(field.Embedded);
        if (expireAtUnixMs != NoExpiry) field.StoreExpiry(expireAtUnixMs, heapIndex: 0);
        return field;
    }

    /// <summary>Whether the value's bytes are in a blob, and which.</summary>
    public bool TryGetBlob(out Blob blob)
    {
        bool isBlob = (*_address & FlagBlob) != 0;
        blob = isBlob ? BlobSlot : default;
        return isBlob;
    }

    /// <summary>Whether the time of the field is over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsExpiredAt(long nowUnixMs) => HasExpiry && nowUnixMs > ExpireAtUnixMs;

    /// <summary>The field with another value: itself, or a new one, and the old one is freed. The expiry stays.</summary>
    public HashField WithValue(ReadOnlySpan<byte> value)
    {
        if (TryOverwrite(value)) return this;

        bool isBlob = value.Length > EmbeddedMax;
        HashField moved = Allocate(Name, isBlob ? 0 : value.Length, isBlob, HasExpiry);
        if (isBlob) moved.BlobSlot = Blob.From(value);
        else value.CopyTo(moved.Embedded);
        if (HasExpiry) moved.StoreExpiry(ExpireAtUnixMs, HeapIndex);
        Free();
        return moved;
    }

    /// <summary>The field with another expiry, -1 for none: itself, or a new one, and the old one is freed.</summary>
    public HashField WithExpiry(long expireAtUnixMs)
    {
        bool expires = expireAtUnixMs != NoExpiry;
        if (expires && HasExpiry) Unsafe.WriteUnaligned(ExpiryPart, expireAtUnixMs);
        if (expires == HasExpiry) return this;

        bool isBlob = (*_address & FlagBlob) != 0;
        HashField moved = Allocate(Name, EmbeddedLength, isBlob, expires);
        if (isBlob) moved.BlobSlot = BlobSlot;
        else Embedded.CopyTo(moved.Embedded);
        if (expires) moved.StoreExpiry(expireAtUnixMs, heapIndex: 0);
        NativeHeap.Free(Address, SizeBytes); // the blob, if any, went along
        return moved;
    }

    /// <summary>A copy that shares nothing with this field.</summary>
    public HashField Copy() => Create(Name, Value, ExpireAtUnixMs);

    /// <summary>Frees the field and its value. From any thread once it is out of its table.</summary>
    public void Free()
    {
        if (TryGetBlob(out Blob blob)) blob.Release();
        NativeHeap.Free(Address, SizeBytes);
    }

    /// <inheritdoc/>
    public bool Equals(HashField other) => _address == other._address;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is HashField other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int HeadBytes(int flags) => Unsafe.Add(ref MemoryMarshal.GetReference(HeadBytesByFlags), flags);

    private static HashField Allocate(ReadOnlySpan<byte> name, int embeddedLength, bool isBlob, bool expires)
    {
        bool isLong = name.Length > ShortFieldMax;
        int flags = (expires ? FlagExpiry : 0) | (isBlob ? FlagBlob : 0) | (isLong ? FlagLongField : 0);
        int headBytes = HeadBytes(flags);
        byte* address = (byte*)NativeHeap.Allocate((nuint)headBytes + (nuint)name.Length + (nuint)embeddedLength);
        HashField field = new((nint)address);
        *address = (byte)flags;
        if (isLong) Unsafe.WriteUnaligned(address + LengthOffset, name.Length);
        else address[LengthOffset] = (byte)name.Length;
        if (!isBlob) *field.ValuePart = (byte)embeddedLength;
        name.CopyTo(new Span<byte>(address + headBytes, name.Length));
        return field;
    }

    private void StoreExpiry(long expireAtUnixMs, int heapIndex)
    {
        Debug.Assert(HasExpiry);
        Unsafe.WriteUnaligned(ExpiryPart, expireAtUnixMs);
        HashField self = this;
        self.HeapIndex = heapIndex;
    }

    /// <summary>In place, where the allocation stays in its size class; a blob that replies hold is exchanged for another.</summary>
    private bool TryOverwrite(ReadOnlySpan<byte> value)
    {
        if (TryGetBlob(out Blob old))
        {
            if (value.Length <= EmbeddedMax) return false;
            if (old.ReferenceCount == 1 && value.Length <= old.Capacity && Blob.MemoryBytesFor(value.Length) == old.MemoryBytes)
            {
                old.Overwrite(value);
                return true;
            }

            HashField self = this;
            self.BlobSlot = Blob.From(value);
            old.Release();
            return true;
        }

        if (value.Length > EmbeddedMax) return false;
        nuint oldSize = SizeBytes;
        nuint newSize = oldSize - *ValuePart + (nuint)value.Length;
        if (oldSize != newSize && NativeHeap.UsableSize(oldSize) != NativeHeap.UsableSize(newSize)) return false;

        *ValuePart = (byte)value.Length;
        value.CopyTo(Embedded);
        return true;
    }
}

/// <summary>For tables of <see cref="HashField"/>.</summary>
public readonly struct HashFieldTraits : IEntryTraits
{
    /// <inheritdoc/>
    public static ReadOnlySpan<byte> KeyOf(nint entry) => new HashField(entry).Name;
}
