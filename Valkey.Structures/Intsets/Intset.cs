// Intset: a set of integers in one native block, sorted, all of the same width.
//
// Layout: [bytes per member: 4][members: 4][member]..., little-endian. The width is 2, 3, 4 or 8, as the widest member that ever
// came in needs; it never shrinks. Those are the bytes of the RDB format, but for the width of 3: the format has 4 there. Numbers
// up to eight million are frequent (ids, counters), and a quarter less is worth a copy when they are saved.
// Holds always: members ascend strictly; the block was allocated with a size of the same class as TotalBytes. Reading never
// changes a byte, so a snapshot thread may read while commands read.
// Who makes a handle from an address or from bytes vouches that they are a valid intset (IsValid tells).

using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>A view of a sorted set of integers in native memory.</summary>
/// <remarks>Owns nothing by itself; after a change use the handle that it returned.</remarks>
public readonly unsafe partial struct Intset : IEquatable<Intset>
{
    /// <summary>More members than this an intset must not get: offsets stay well inside of 32 bits.</summary>
    public const int CountMax = 1 << 30;

    private const int HeaderBytes = 8;
    private const int CountOffset = 4;
    private const int Int24Bytes = 3;
    private const int Int24Max = 0x7FFFFF, Int24Min = -0x800000;

    private readonly byte* _bytes;

    /// <summary>Views what an earlier intset's <see cref="Address"/> points to.</summary>
    public Intset(nint address) => _bytes = (byte*)address;

    /// <summary>Where the intset is; 0 for none.</summary>
    public nint Address => (nint)_bytes;

    /// <summary>Whether there is no intset.</summary>
    public bool IsNull => _bytes == null;

    /// <summary>Number of members.</summary>
    public int Count
    {
        get => *(int*)(_bytes + CountOffset);
        private set => *(int*)(_bytes + CountOffset) = value;
    }

    /// <summary>Bytes of the intset, header included.</summary>
    public long TotalBytes => BytesFor(Width, Count);

    /// <summary>Bytes of the intset as it is saved.</summary>
    public long SavedBytes => BytesFor(SavedWidthOf(Width), Count);

    /// <summary>Bytes that the allocator set aside for the intset.</summary>
    public nuint MemoryBytes => NativeHeap.UsableSize((nuint)TotalBytes);

    /// <summary>The smallest member; there must be one.</summary>
    public long Min => this[0];

    /// <summary>The largest member; there must be one.</summary>
    public long Max => this[Count - 1];

    private int Width
    {
        get => *(int*)_bytes;
        set => *(int*)_bytes = value;
    }

    /// <summary>The member at this place in ascending order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public long this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)Count) ThrowNoSuchMember();
            return Read(_bytes, Width, index);
        }
    }

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator ==(Intset left, Intset right) => left._bytes == right._bytes;

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator !=(Intset left, Intset right) => left._bytes != right._bytes;

    /// <summary>An empty intset.</summary>
    public static Intset Create()
    {
        Intset created = new(NativeHeap.Allocate(HeaderBytes));
        created.Width = sizeof(short);
        created.Count = 0;
        return created;
    }

    /// <summary>An intset from bytes as they are saved, which <see cref="IsValid"/> approved of.</summary>
    public static Intset From(ReadOnlySpan<byte> validBytes)
    {
        fixed (byte* source = validBytes)
        {
            Intset saved = new((nint)source); // reads as one; the widths of the format are among ours
            if (saved.Width == sizeof(int) && saved.FitsInt24()) return saved.CopyAs(Int24Bytes);
            return saved.Copy();
        }
    }

    /// <summary>Whether the bytes are an intset that is not empty. Reads nothing outside of them.</summary>
    /// <param name="bytes">Any bytes.</param>
    /// <param name="deep">Whether to check also that the members ascend. Without it a search may miss members, no more.</param>
    public static bool IsValid(ReadOnlySpan<byte> bytes, bool deep)
    {
        if (bytes.Length < HeaderBytes) return false;

        uint width = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (width is not (sizeof(short) or sizeof(int) or sizeof(long))) return false;

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[CountOffset..]);
        if (count is 0 or > CountMax || (ulong)bytes.Length != HeaderBytes + ((ulong)count * width)) return false;

        return !deep || IsAscending(bytes, (int)width, (int)count);
    }

    /// <summary>Whether the number is a member.</summary>
    public bool Contains(long value) => FitsWidth(value) && TryFind(value, out _);

    /// <summary>An intset of its own with the same members.</summary>
    public Intset Copy()
    {
        long total = TotalBytes;
        nint copy = NativeHeap.Allocate((nuint)total);
        Buffer.MemoryCopy(_bytes, (void*)copy, total, total);
        return new Intset(copy);
    }

    /// <summary>The intset as it is saved: its own bytes where they are the format's, else put together in the buffer.</summary>
    /// <exception cref="OverflowException">It is longer than a span can be.</exception>
    public ReadOnlySpan<byte> ReadSaved(scoped ref NativeBuffer scratch)
    {
        int savedBytes = checked((int)SavedBytes);
        if (SavedWidthOf(Width) == Width) return new ReadOnlySpan<byte>(_bytes, savedBytes);

        Span<byte> target = scratch.Take(savedBytes);
        fixed (byte* start = target) WriteTo(start, SavedWidthOf(Width));
        return target;
    }

    /// <summary>Gives the memory back. From any thread.</summary>
    public void Free()
    {
        if (_bytes != null) NativeHeap.Free(Address, (nuint)TotalBytes);
    }

    /// <inheritdoc/>
    public bool Equals(Intset other) => _bytes == other._bytes;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Intset other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    private static int SavedWidthOf(int width) => width == Int24Bytes ? sizeof(int) : width;

    private static long BytesFor(int width, int count) => HeaderBytes + ((long)width * count);

    private static bool IsAscending(ReadOnlySpan<byte> bytes, int width, int count)
    {
        fixed (byte* start = bytes)
        {
            for (int i = 1; i < count; i++)
            {
                if (Read(start, width, i) <= Read(start, width, i - 1)) return false;
            }
        }

        return true;
    }

    // Bytes from outside may lie anywhere, and members of 3 bytes do so in any case.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Read(byte* bytes, int width, int index) => width switch
    {
        sizeof(short) => Unsafe.ReadUnaligned<short>(bytes + HeaderBytes + ((long)index * sizeof(short))),
        Int24Bytes => ReadInt24(bytes + HeaderBytes + ((long)index * Int24Bytes)),
        sizeof(int) => Unsafe.ReadUnaligned<int>(bytes + HeaderBytes + ((long)index * sizeof(int))),
        _ => Unsafe.ReadUnaligned<long>(bytes + HeaderBytes + ((long)index * sizeof(long))),
    };

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowNoSuchMember() => throw new ArgumentOutOfRangeException("index", "The intset has fewer members.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadInt24(byte* at) => Unsafe.ReadUnaligned<ushort>(at) | ((sbyte)at[sizeof(ushort)] << 16);

    /// <summary>Whether all members fit. All are looked at: bytes that were not checked may hold them in any order.</summary>
    private bool FitsInt24()
    {
        int count = Count;
        for (int i = 0; i < count; i++)
        {
            if (Read(_bytes, sizeof(int), i) is < Int24Min or > Int24Max) return false;
        }

        return true;
    }

    private Intset CopyAs(int width)
    {
        Intset copy = new(NativeHeap.Allocate((nuint)BytesFor(width, Count)));
        WriteTo(copy._bytes, width);
        return copy;
    }

    /// <summary>Writes the intset with members of a width that all have room in.</summary>
    private void WriteTo(byte* target, int width)
    {
        Intset written = new((nint)target);
        int count = Count;
        written.Width = width;
        written.Count = count;
        for (int i = 0; i < count; i++) Write(target, width, i, Read(_bytes, Width, i));
    }

    private bool FitsWidth(long value) => WidthOf(value) <= Width;

    /// <summary>Where the number is, or where it belongs.</summary>
    private bool TryFind(long value, out int index)
    {
        int width = Width;
        int low = 0;
        int high = Count;

        // Numbers often come in ascending order: the end is looked at first.
        if (high > 0 && value > Read(_bytes, width, high - 1)) low = high;
        while (low < high)
        {
            int middle = low + ((high - low) >> 1);
            if (Read(_bytes, width, middle) < value) low = middle + 1;
            else high = middle;
        }

        index = low;
        return low < Count && Read(_bytes, width, low) == value;
    }
}
