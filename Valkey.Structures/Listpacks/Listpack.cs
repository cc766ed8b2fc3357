// Listpack: many short strings and integers in one native block, without a pointer between them.
//
// Layout: [total bytes: 4][elements: 2][element]...[0xFF], little-endian; ListpackFormat draws an element. The bytes are
// those of the RDB format. An element can be told from either end, so it is walked in both directions; a position is the
// byte offset of an element, and -1 is none.
// Holds always: the block was allocated with a size of the same class as TotalBytes; an element count of 65535 means
// "unknown: count them". Reading never changes a byte, so a snapshot thread may read while commands read.
// Who makes a handle from an address or from bytes vouches that they are a valid listpack (IsValid tells).

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valkey.Structures;

/// <summary>A view of a listpack in native memory. Owns nothing by itself; after a change use the handle that it returned.</summary>
public readonly unsafe partial struct Listpack : IEquatable<Listpack>
{
    /// <summary>Past this many bytes a listpack must not grow.</summary>
    public const int SafeBytesMax = 1 << 30;

    private readonly byte* _bytes;

    /// <summary>Views what an earlier listpack's <see cref="Address"/> points to.</summary>
    public Listpack(nint address) => _bytes = (byte*)address;

    /// <summary>Where the listpack is; 0 for none.</summary>
    public nint Address => (nint)_bytes;

    /// <summary>Whether there is no listpack.</summary>
    public bool IsNull => _bytes == null;

    /// <summary>Bytes of the listpack, header and end included.</summary>
    public int TotalBytes => Unsafe.ReadUnaligned<int>(_bytes);

    /// <summary>The listpack as it is saved.</summary>
    public ReadOnlySpan<byte> Bytes => new(_bytes, TotalBytes);

    /// <summary>Bytes that the allocator set aside for the listpack.</summary>
    public nuint MemoryBytes => NativeHeap.UsableSize((nuint)TotalBytes);

    /// <summary>Number of elements. Counts them one by one past 65534.</summary>
    public int Count
    {
        get
        {
            ushort known = HeaderCount;
            return known != ListpackFormat.CountUnknown ? known : CountElements();
        }
    }

    /// <summary>Position of the first element, or -1.</summary>
    public int First => _bytes[ListpackFormat.HeaderBytes] == ListpackFormat.End ? -1 : ListpackFormat.HeaderBytes;

    /// <summary>Position of the last element, or -1.</summary>
    public int Last => Previous(TotalBytes - 1);

    private ushort HeaderCount
    {
        get => Unsafe.ReadUnaligned<ushort>(_bytes + 4);
        set => Unsafe.WriteUnaligned(_bytes + 4, value);
    }

    /// <summary>An empty listpack.</summary>
    public static Listpack Create() => WithRoom(ListpackFormat.EmptyBytes, count: 0);

    /// <summary>A copy of bytes that <see cref="IsValid"/> approved of, every element included.</summary>
    public static Listpack From(ReadOnlySpan<byte> validBytes)
    {
        nint address = NativeHeap.Allocate((nuint)validBytes.Length);
        validBytes.CopyTo(new Span<byte>((void*)address, validBytes.Length));
        Debug.Assert(new Listpack(address).TotalBytes == validBytes.Length);
        return new Listpack(address);
    }

    /// <summary>A listpack of elements that stand one behind the other in another one.</summary>
    internal static Listpack OfElements(ReadOnlySpan<byte> elements, int count)
    {
        Listpack created = WithRoom(elements.Length + ListpackFormat.EmptyBytes, count);
        elements.CopyTo(new Span<byte>(created._bytes + ListpackFormat.HeaderBytes, elements.Length));
        return created;
    }

    /// <summary>Header and end of a listpack whose elements the caller writes.</summary>
    internal static Listpack WithRoom(int totalBytes, int count)
    {
        byte* bytes = (byte*)NativeHeap.Allocate((nuint)totalBytes);
        Unsafe.WriteUnaligned(bytes, totalBytes);
        Unsafe.WriteUnaligned(bytes + 4, (ushort)Math.Min(count, ListpackFormat.CountUnknown));
        bytes[totalBytes - 1] = ListpackFormat.End;
        return new Listpack((nint)bytes);
    }

    /// <summary>The listpack that lies in these bytes of native memory, for reading only: it is not a block of its own.</summary>
    internal static Listpack ViewOf(ReadOnlySpan<byte> unmovable) =>
        new((nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(unmovable)));

    /// <summary>Position of the element after the one at <paramref name="position"/>, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int position)
    {
        Debug.Assert(IsElement(position));
        byte* next = ListpackFormat.Skip(_bytes + position);
        return *next == ListpackFormat.End ? -1 : (int)(next - _bytes);
    }

    /// <summary>Position of the element before the one at <paramref name="position"/>, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Previous(int position)
    {
        if (position == ListpackFormat.HeaderBytes) return -1;

        byte backlen = _bytes[position - 1];
        if (backlen < 128) return position - backlen - 1;
        long elementBytes = ListpackFormat.ReadBacklen(_bytes + position - 1);
        return position - (int)elementBytes - ListpackFormat.BacklenBytes(elementBytes);
    }

    /// <summary>Position of the element with this index, negative from the end (-1 is the last); -1 when there is none.</summary>
    public int Seek(long index)
    {
        int count = HeaderCount;
        if (count == ListpackFormat.CountUnknown) return index >= 0 ? SeekForward(index) : SeekBackward(index);

        if (index < 0) index += count;
        if ((ulong)index >= (ulong)count) return -1;
        return index <= count / 2 ? SeekForward(index) : SeekBackward(index - count);
    }

    /// <summary>The element at a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ListpackElement At(int position)
    {
        Debug.Assert(IsElement(position));
        return ListpackFormat.Read(_bytes + position);
    }

    /// <summary>Searches from a position on for an element with this text.</summary>
    /// <param name="element">The text.</param>
    /// <param name="fromPosition">The first element to compare; -1 finds nothing.</param>
    /// <param name="skip">How many elements lie between two that are compared: 1 to look at the fields of pairs only.</param>
    /// <returns>The position, or -1.</returns>
    public int Find(ReadOnlySpan<byte> element, int fromPosition, int skip)
    {
        if (fromPosition < 0) return -1;
        Debug.Assert(IsElement(fromPosition));

        bool isInteger = IntegerText.TryParse(element, out long integer);
        for (byte* at = _bytes + fromPosition; *at != ListpackFormat.End; at = ListpackFormat.Skip(at))
        {
            if (IsMatch(at, element, isInteger, integer)) return (int)(at - _bytes);

            for (int i = 0; i < skip; i++)
            {
                at = ListpackFormat.Skip(at);
                if (*at == ListpackFormat.End) return -1;
            }
        }

        return -1;
    }

    /// <summary>Whether a listpack of this size may take that many bytes more.</summary>
    public static bool FitsAdding(int totalBytes, long addedBytes) => totalBytes + addedBytes <= SafeBytesMax;

    /// <summary>A listpack of its own with the same bytes.</summary>
    public Listpack Copy() => From(Bytes);

    /// <summary>Gives the memory back. From any thread.</summary>
    public void Free()
    {
        if (_bytes != null) NativeHeap.Free(Address, (nuint)TotalBytes);
    }

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator ==(Listpack left, Listpack right) => left._bytes == right._bytes;

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator !=(Listpack left, Listpack right) => left._bytes != right._bytes;

    /// <inheritdoc/>
    public bool Equals(Listpack other) => _bytes == other._bytes;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Listpack other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    private int CountElements()
    {
        int count = 0;
        for (byte* at = _bytes + ListpackFormat.HeaderBytes; *at != ListpackFormat.End; at = ListpackFormat.Skip(at)) count++;
        return count;
    }

    private int SeekForward(long index)
    {
        byte* at = _bytes + ListpackFormat.HeaderBytes;
        for (; index > 0 && *at != ListpackFormat.End; index--) at = ListpackFormat.Skip(at);
        return *at == ListpackFormat.End ? -1 : (int)(at - _bytes);
    }

    private int SeekBackward(long index)
    {
        int position = Last;
        for (; index < -1 && position >= 0; index++) position = Previous(position);
        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsMatch(byte* at, ReadOnlySpan<byte> element, bool isInteger, long integer)
    {
        byte tag = *at;
        if ((tag & ListpackFormat.TinyStringMask) == ListpackFormat.TinyStringTag)
        {
            int length = tag & ListpackFormat.TinyStringMax;
            return length == element.Length && new ReadOnlySpan<byte>(at + 1, length).SequenceEqual(element);
        }

        ListpackElement candidate = ListpackFormat.Read(at);
        return candidate.IsInteger ? isInteger && candidate.Integer == integer : candidate.Bytes.SequenceEqual(element);
    }

    private bool IsElement(int position) =>
        position >= ListpackFormat.HeaderBytes && position < TotalBytes - 1 && _bytes[position] != ListpackFormat.End;
}
