// HashBucket: one cache line of a table, up to seven entries.
// Layout, 64 bytes: [presence: 1][fingerprints: 7][entries: 7 x 8].
// A bucket that is not enough has a child: then the seventh slot holds the child's address, bit 7 of the presence byte is
// set and bit 6 is not, so that the seventh slot is never taken for an entry.
// Holds always: bit i (0 to 6) of the presence byte is set exactly when slot i holds an entry. A fingerprint narrows the
// search and never decides it: the caller compares the keys.

using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Valkey.Structures;

[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal unsafe struct HashBucket
{
    public const int SizeBytes = 64;
    public const int SlotCount = 7;
    public const int ChainedSlotCount = SlotCount - 1; // entries beside a child

    private const int ChildSlot = SlotCount - 1;
    private const byte ChildBit = 0x80;
    private const uint EntryBits = 0x7F;

    private ulong _presenceAndFingerprints;
    private fixed long _entries[SlotCount];

    /// <summary>One bit per slot that holds an entry.</summary>
    public readonly uint Present => (uint)_presenceAndFingerprints & EntryBits;

    public readonly bool HasChild => (_presenceAndFingerprints & ChildBit) != 0;

    /// <summary>The next bucket of the chain; null at its end.</summary>
    public readonly HashBucket* Child => HasChild ? (HashBucket*)_entries[ChildSlot] : null;

    public readonly int EntryCount => BitOperations.PopCount(Present);

    /// <summary>Whether no entry fits any more, be it for want of slots or because a child follows.</summary>
    public readonly bool IsFull => Present == (HasChild ? EntryBits >> 1 : EntryBits);

    /// <summary>The fingerprint of a hash: its top byte, since the low bits choose the bucket.</summary>
    public static byte FingerprintOf(ulong hash) => (byte)(hash >> 56);

    /// <summary>One bit per used slot whose fingerprint equals <paramref name="fingerprint"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Candidates(byte fingerprint)
    {
        Vector128<byte> firstEightBytes = Vector128.CreateScalar(_presenceAndFingerprints).AsByte();
        uint equal = Vector128.Equals(firstEightBytes, Vector128.Create(fingerprint)).ExtractMostSignificantBits();
        return (equal >> 1) & Present; // byte 0 was the presence byte itself
    }

    /// <summary>The entry in a slot that is known to hold one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly nint EntryAt(int slot)
    {
        Debug.Assert((Present & (1u << slot)) != 0);
        return (nint)_entries[slot];
    }

    public byte FingerprintAt(int slot) => ((byte*)Unsafe.AsPointer(ref _presenceAndFingerprints))[1 + slot];

    /// <summary>Where the slot is, for replacing its entry by another one with the same key.</summary>
    public nint* SlotAddress(int slot) => (nint*)Unsafe.AsPointer(ref _entries[0]) + slot;

    public void Set(int slot, nint entry, byte fingerprint)
    {
        Debug.Assert(slot < (HasChild ? ChainedSlotCount : SlotCount));
        byte* bytes = (byte*)Unsafe.AsPointer(ref _presenceAndFingerprints);
        bytes[0] |= (byte)(1 << slot);
        bytes[1 + slot] = fingerprint;
        _entries[slot] = entry;
    }

    public void Clear(int slot)
    {
        Debug.Assert((Present & (1u << slot)) != 0);
        _presenceAndFingerprints &= ~(1ul << slot);
    }

    /// <summary>Puts the entry into the first free slot; there is one.</summary>
    public void Add(nint entry, byte fingerprint)
    {
        Debug.Assert(!IsFull);
        Set(BitOperations.TrailingZeroCount(~Present), entry, fingerprint);
    }

    /// <summary>Makes the seventh slot, which is free, the link to a child.</summary>
    public void Link(HashBucket* child)
    {
        Debug.Assert(!HasChild);
        Debug.Assert((Present & (1u << ChildSlot)) == 0);
        _presenceAndFingerprints |= ChildBit;
        _entries[ChildSlot] = (long)child;
    }

    /// <summary>Makes the seventh slot an ordinary, free one again.</summary>
    public void Unlink()
    {
        Debug.Assert(HasChild);
        _presenceAndFingerprints &= ~(ulong)ChildBit;
    }

    /// <summary>Makes the bucket empty and childless.</summary>
    public void Reset() => _presenceAndFingerprints = 0;
}
