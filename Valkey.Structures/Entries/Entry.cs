// Entry: one key of a keyspace (or one field, one member) in one allocation.
//
// Layout, 8-byte aligned, parts only as present:
//   [0] type id          [1] low nibble encoding, high nibble flags     [2] key length when below 255
//   [3] embedded value's length      [4..6] access clock, 24 bits       [7] host bits
//   payload: 8 bytes, unless the value is embedded
//   expiry: 8 bytes, ms of unix time, -1 for none
//   epoch: 4 bytes      long key length: 4 bytes
//   key bytes, then the embedded value's bytes
// A 16-byte key with an embedded 64-byte value takes 88 bytes.
// Holds always: the flags never change while the allocation lives (they decide where everything stands); what changes
// in place is the content of the parts. The payload's meaning belongs to the type: what it points to is not freed here.
// Lives on the command thread; another thread may read an entry that the command thread promised not to touch.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valkey.Structures;

/// <summary>A view of one entry in native memory: key, optional expiry, and an embedded value or a payload word.</summary>
/// <remarks>The view is as large as a pointer and owns nothing; spans from it end with the entry.</remarks>
public readonly unsafe partial struct Entry : IEquatable<Entry>
{
    /// <summary>The longest value that is kept inside the entry.</summary>
    public const int EmbeddedMax = 255;

    /// <summary>The longest key: 512 MB.</summary>
    public const int KeyLengthMax = 512 * 1024 * 1024;

    /// <summary>Stands for "never expires".</summary>
    public const long NoExpiry = -1;

    /// <summary>The largest value of the access clock.</summary>
    public const uint AccessClockMax = 0xFFFFFF;

    private const int HeaderBytes = 8;
    private const int ShortKeyMax = 254;

    private const int FlagExpiry = 1;
    private const int FlagEmbedded = 2;
    private const int FlagEpoch = 4;
    private const int FlagLongKey = 8;

    private const int EncodingOffset = 1;
    private const int KeyLengthOffset = 2;
    private const int ValueLengthOffset = 3;
    private const int ClockOffset = 4;
    private const int HostBitsOffset = 7;
    private const byte ExpiringItemsBit = 0x80;

    private readonly byte* _address;

    /// <summary>Views what an earlier entry's <see cref="Address"/> points to.</summary>
    public Entry(nint address) => _address = (byte*)address;

    /// <summary>Where the entry is; 0 for none.</summary>
    public nint Address => (nint)_address;

    /// <summary>Whether there is no entry.</summary>
    public bool IsNull => _address == null;

    /// <summary>The data type's id.</summary>
    public byte TypeId => _address[0];

    /// <summary>The type's own encoding, 0 to 15.</summary>
    public byte Encoding
    {
        get => (byte)(_address[EncodingOffset] & 0x0F);
        set
        {
            Debug.Assert(value <= 0x0F);
            _address[EncodingOffset] = (byte)((_address[EncodingOffset] & 0xF0) | value);
        }
    }

    /// <summary>Whether the value's bytes are inside the entry; otherwise there is a payload word.</summary>
    public bool IsEmbedded => (Flags & FlagEmbedded) != 0;

    /// <summary>Whether there is room for an expiry, set or not.</summary>
    public bool HasExpirySlot => (Flags & FlagExpiry) != 0;

    /// <summary>Whether the entry expires at some time.</summary>
    public bool HasExpiry => HasExpirySlot && *ExpirySlot != NoExpiry;

    /// <summary>When the entry expires, in milliseconds of unix time; -1 for never.</summary>
    public long ExpireAtUnixMs => HasExpirySlot ? *ExpirySlot : NoExpiry;

    /// <summary>Whether there is room for an epoch.</summary>
    public bool HasEpoch => (Flags & FlagEpoch) != 0;

    /// <summary>The iteration epoch of the last change; 0 and unchangeable when the entry has no room for it.</summary>
    public uint Epoch
    {
        get => HasEpoch ? *EpochSlot : 0;
        set
        {
            if (HasEpoch) *EpochSlot = value;
        }
    }

    /// <summary>24 bits for LRU or LFU, kept by the host.</summary>
    public uint AccessClock
    {
        get => *(uint*)(_address + ClockOffset) & AccessClockMax;
        set
        {
            uint* word = (uint*)(_address + ClockOffset);
            *word = (*word & ~AccessClockMax) | (value & AccessClockMax);
        }
    }

    /// <summary>
    /// Whether the value has items that expire on their own, as fields of hashes do. Its type says so; the database keeps
    /// such entries in a table. One of the host's bits.
    /// </summary>
    public bool HasExpiringItems
    {
        get => (HostBits & ExpiringItemsBit) != 0;
        set => HostBits = (byte)(value ? HostBits | ExpiringItemsBit : HostBits & ~ExpiringItemsBit);
    }

    /// <summary>8 bits that the host defines; the highest one is <see cref="HasExpiringItems"/>.</summary>
    public byte HostBits
    {
        get => _address[HostBitsOffset];
        set => _address[HostBitsOffset] = value;
    }

    /// <summary>Bytes of the key.</summary>
    public int KeyLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Flags & FlagLongKey) == 0 ? _address[KeyLengthOffset] : (int)*LongKeyLengthSlot;
    }

    /// <summary>The key, valid while the entry lives.</summary>
    public ReadOnlySpan<byte> Key
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(KeyStart, KeyLength);
    }

    /// <summary>The word that the type keeps here: an address, a number. Only without an embedded value.</summary>
    public long Payload
    {
        get
        {
            Debug.Assert(!IsEmbedded);
            return *(long*)(_address + HeaderBytes);
        }

        set
        {
            Debug.Assert(!IsEmbedded);
            *(long*)(_address + HeaderBytes) = value;
        }
    }

    /// <summary>The embedded value's bytes; empty when there is a payload instead.</summary>
    public ReadOnlySpan<byte> EmbeddedValue => EmbeddedValueWritable;

    /// <summary>The embedded value's bytes, to be changed in place.</summary>
    public Span<byte> EmbeddedValueWritable => new(KeyStart + KeyLength, _address[ValueLengthOffset]);

    /// <summary>Bytes that the entry needs.</summary>
    public nuint SizeBytes => (nuint)(HeadBytes(Flags) + KeyLength + _address[ValueLengthOffset]);

    /// <summary>Bytes that the allocator set aside for the entry.</summary>
    public nuint MemoryBytes => NativeHeap.UsableSize(SizeBytes);

    private int Flags => _address[EncodingOffset] >> 4;

    private byte* KeyStart => _address + HeadBytes(Flags);

    private long* ExpirySlot => (long*)(_address + HeaderBytes + PayloadBytes(Flags));

    private uint* EpochSlot => (uint*)(_address + HeaderBytes + PayloadBytes(Flags) + ExpiryBytes(Flags));

    private uint* LongKeyLengthSlot => (uint*)(KeyStart - sizeof(uint));

    // How many bytes stand before the key, by flags: 8, + 8 for a payload, + 8 for an expiry, + 4 for an epoch, + 4 for a
    // long key's length. A table, because every comparison of keys needs it.
    private static ReadOnlySpan<byte> HeadBytesByFlags => [16, 24, 8, 16, 20, 28, 12, 20, 20, 28, 12, 20, 24, 32, 16, 24];

    /// <summary>Compares addresses, not keys.</summary>
    public static bool operator ==(Entry left, Entry right) => left._address == right._address;

    /// <summary>Compares addresses, not keys.</summary>
    public static bool operator !=(Entry left, Entry right) => left._address != right._address;

    /// <inheritdoc/>
    public bool Equals(Entry other) => _address == other._address;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Entry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int HeadBytes(int flags) => Unsafe.Add(
        ref MemoryMarshal.GetReference(HeadBytesByFlags), flags);

    private static int PayloadBytes(int flags) => (flags & FlagEmbedded) == 0 ? sizeof(long) : 0;

    private static int ExpiryBytes(int flags) => (flags & FlagExpiry) != 0 ? sizeof(long) : 0;
}
