// Making, changing and freeing entries. What fits in place is done in place; what changes the layout makes a new
// allocation, copies, frees the old one and returns the new: whoever holds the address (the table) must take the new one.

using System.Diagnostics;

namespace Valkey.Structures;

public readonly unsafe partial struct Entry
{
    /// <summary>Whether new entries get room for an epoch (4 bytes). Set once at start, before the first entry.</summary>
    public static bool ReserveEpochs { get; set; }

    /// <summary>A new entry whose value is a word of its type: a number, or the address of what the type allocated.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The key is longer than <see cref="KeyLengthMax"/>.</exception>
    public static Entry CreateWithPayload(
        ReadOnlySpan<byte> key, byte typeId, byte encoding, long payload, long expireAtUnixMs = NoExpiry, uint clock = 0)
    {
        int flags = expireAtUnixMs != NoExpiry ? FlagExpiry : 0;
        Entry entry = AllocateShell(key, typeId, encoding, flags, valueLength: 0);
        entry.Payload = payload;
        if (flags != 0) *entry.ExpirySlot = expireAtUnixMs;
        entry.AccessClock = clock;
        return entry;
    }

    /// <summary>A new entry with its value inside.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The key is longer than <see cref="KeyLengthMax"/> or the value than <see cref="EmbeddedMax"/>.
    /// </exception>
    public static Entry CreateEmbedded(
        ReadOnlySpan<byte> key, byte typeId, byte encoding, ReadOnlySpan<byte> value,
        long expireAtUnixMs = NoExpiry, uint clock = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, EmbeddedMax);

        int flags = FlagEmbedded | (expireAtUnixMs != NoExpiry ? FlagExpiry : 0);
        Entry entry = AllocateShell(key, typeId, encoding, flags, value.Length);
        if ((flags & FlagExpiry) != 0) *entry.ExpirySlot = expireAtUnixMs;
        entry.AccessClock = clock;
        value.CopyTo(entry.EmbeddedValueWritable);
        return entry;
    }

    /// <summary>Sets (or with -1 clears) the expiry in place; false when there is no room for it.</summary>
    public bool TrySetExpiry(long expireAtUnixMs)
    {
        if (!HasExpirySlot) return expireAtUnixMs == NoExpiry;

        *ExpirySlot = expireAtUnixMs;
        return true;
    }

    /// <summary>The entry with this expiry: itself where <see cref="TrySetExpiry"/> does, else a new one with room for
    /// it, and the old one is freed.</summary>
    public Entry WithExpiry(long expireAtUnixMs)
    {
        if (TrySetExpiry(expireAtUnixMs)) return this;

        Entry moved = MoveTo(Key, Flags | FlagExpiry);
        *moved.ExpirySlot = expireAtUnixMs;
        FreeShell();
        return moved;
    }

    /// <summary>A new entry under another key that takes over all else; the old one is freed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The key is longer than <see cref="KeyLengthMax"/>.</exception>
    public Entry WithKey(ReadOnlySpan<byte> newKey)
    {
        Entry moved = MoveTo(newKey, Flags);
        if (HasExpirySlot) *moved.ExpirySlot = *ExpirySlot;
        FreeShell();
        return moved;
    }

    /// <summary>A copy under another key, of everything but what the payload points to: the copy has the same word.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The key is longer than <see cref="KeyLengthMax"/>.</exception>
    public Entry CopyShell(ReadOnlySpan<byte> newKey)
    {
        Entry copy = MoveTo(newKey, Flags);
        if (HasExpirySlot) *copy.ExpirySlot = *ExpirySlot;
        return copy;
    }

    /// <summary>Replaces an embedded value in place, when the allocation stays in its size class.</summary>
    /// <returns>False, with nothing changed, when it does not fit or the value is not embedded. The expiry stays.</returns>
    public bool TryOverwriteEmbedded(byte typeId, byte encoding, ReadOnlySpan<byte> value)
    {
        if (!IsEmbedded || value.Length > EmbeddedMax) return false;

        nuint oldSize = SizeBytes;
        nuint newSize = oldSize - _address[ValueLengthOffset] + (nuint)value.Length;
        if (oldSize != newSize && NativeHeap.UsableSize(oldSize) != NativeHeap.UsableSize(newSize)) return false;

        _address[0] = typeId;
        Encoding = encoding;
        byte* target = KeyStart + KeyLength;
        value.CopyTo(new Span<byte>(target, value.Length)); // the value may overlap the old one: CopyTo allows for it
        _address[ValueLengthOffset] = (byte)value.Length;
        return true;
    }

    /// <summary>Frees the entry's own allocation; what the payload points to is the type's to free, before.</summary>
    public void FreeShell() => NativeHeap.Free(Address, SizeBytes);

    /// <summary>A new allocation with these flags and everything of this entry but the expiry.</summary>
    private Entry MoveTo(ReadOnlySpan<byte> key, int flags)
    {
        Entry moved = AllocateShell(key, TypeId, Encoding, flags, _address[ValueLengthOffset], HasEpoch);
        *(uint*)(moved._address + ClockOffset) = *(uint*)(_address + ClockOffset); // the host bits as well
        moved.Epoch = Epoch;
        if (IsEmbedded) EmbeddedValue.CopyTo(moved.EmbeddedValueWritable);
        else moved.Payload = Payload;
        return moved;
    }

    private static Entry AllocateShell(ReadOnlySpan<byte> key, byte typeId, byte encoding, int flags, int valueLength) =>
        AllocateShell(key, typeId, encoding, flags, valueLength, ReserveEpochs);

    private static Entry AllocateShell(
        ReadOnlySpan<byte> key, byte typeId, byte encoding, int flags, int valueLength, bool withEpoch)
    {
        Debug.Assert(encoding <= 0x0F);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, KeyLengthMax);

        flags &= ~(FlagEpoch | FlagLongKey);
        if (withEpoch) flags |= FlagEpoch;
        if (key.Length > ShortKeyMax) flags |= FlagLongKey;

        byte* address = (byte*)NativeHeap.Allocate((nuint)(HeadBytes(flags) + key.Length + valueLength));
        address[0] = typeId;
        address[EncodingOffset] = (byte)((flags << 4) | encoding);
        address[KeyLengthOffset] = key.Length > ShortKeyMax ? (byte)0xFF : (byte)key.Length;
        address[ValueLengthOffset] = (byte)valueLength;
        *(uint*)(address + ClockOffset) = 0;

        Entry entry = new((nint)address);
        if ((flags & FlagEpoch) != 0) *entry.EpochSlot = 0;
        if ((flags & FlagLongKey) != 0) *entry.LongKeyLengthSlot = (uint)key.Length;
        key.CopyTo(new Span<byte>(entry.KeyStart, key.Length));
        return entry;
    }
}
