// PackedString: a byte string in one native block of its own: a member of a set, in a hash table.
//
// Layout: [length: 1][bytes] up to 254 bytes, else [255][length: 4, little-endian][bytes].
// Holds always: the bytes never change while the string lives, as they are its key in the table.

using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>A view of a short byte string in native memory. Owns nothing by itself.</summary>
public readonly unsafe struct PackedString : IEquatable<PackedString>
{
    private const byte LongMark = 255;
    private const int LongHeaderBytes = 1 + sizeof(int);

    private readonly byte* _start;

    /// <summary>Views what an earlier string's <see cref="Address"/> points to.</summary>
    public PackedString(nint address) => _start = (byte*)address;

    /// <summary>Where the string is; 0 for none.</summary>
    public nint Address => (nint)_start;

    /// <summary>The bytes, valid while the string lives.</summary>
    public ReadOnlySpan<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => *_start != LongMark
            ? new ReadOnlySpan<byte>(_start + 1, *_start)
            : new ReadOnlySpan<byte>(_start + LongHeaderBytes, LongLength);
    }

    /// <summary>Bytes that the string needs.</summary>
    public nuint SizeBytes => *_start != LongMark ? (nuint)(*_start + 1) : (nuint)LongLength + LongHeaderBytes;

    /// <summary>Bytes that the allocator set aside for the string.</summary>
    public nuint MemoryBytes => NativeHeap.UsableSize(SizeBytes);

    private int LongLength => Unsafe.ReadUnaligned<int>(_start + 1);

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator ==(PackedString left, PackedString right) => left._start == right._start;

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator !=(PackedString left, PackedString right) => left._start != right._start;

    /// <summary>A new string with these bytes.</summary>
    public static PackedString Create(ReadOnlySpan<byte> bytes)
    {
        bool isLong = bytes.Length >= LongMark;
        int headerBytes = isLong ? LongHeaderBytes : 1;
        byte* start = (byte*)NativeHeap.Allocate((nuint)headerBytes + (nuint)bytes.Length);
        *start = isLong ? LongMark : (byte)bytes.Length;
        if (isLong) Unsafe.WriteUnaligned(start + 1, bytes.Length);
        bytes.CopyTo(new Span<byte>(start + headerBytes, bytes.Length));
        return new PackedString((nint)start);
    }

    /// <summary>Gives the memory back. From any thread once nothing refers to the string.</summary>
    public void Free() => NativeHeap.Free(Address, SizeBytes);

    /// <inheritdoc/>
    public bool Equals(PackedString other) => _start == other._start;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PackedString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();
}

/// <summary>For tables of <see cref="PackedString"/>: the string is its own key.</summary>
public readonly struct PackedStringTraits : IEntryTraits
{
    /// <inheritdoc/>
    public static ReadOnlySpan<byte> KeyOf(nint entry) => new PackedString(entry).Span;
}
