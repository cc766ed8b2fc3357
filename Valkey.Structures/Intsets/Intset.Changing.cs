// Changes of an intset: a member goes in or out at its place, and a member wider than all others widens the whole set.
// The block is reallocated only when the new size belongs to another size class of the allocator.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

public readonly unsafe partial struct Intset
{
    /// <summary>Adds a number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="isNew">Whether it was no member before.</param>
    /// <returns>The intset to use from now on.</returns>
    public Intset Add(long value, out bool isNew)
    {
        isNew = true;
        if (!FitsWidth(value)) return Widen(value);

        isNew = !TryFind(value, out int index);
        return isNew ? Insert(index, value) : this;
    }

    /// <summary>Takes a number out.</summary>
    /// <param name="value">The number.</param>
    /// <param name="wasMember">Whether it was there.</param>
    /// <returns>The intset to use from now on.</returns>
    public Intset Remove(long value, out bool wasMember)
    {
        int index = 0;
        wasMember = FitsWidth(value) && TryFind(value, out index);
        return wasMember ? RemoveAt(index) : this;
    }

    /// <summary>Takes out the member at this place in ascending order.</summary>
    /// <returns>The intset to use from now on.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public Intset RemoveAt(int index)
    {
        int count = Count;
        if ((uint)index >= (uint)count) ThrowNoSuchMember();

        int width = Width;
        byte* place = _bytes + BytesFor(width, index);
        long tailBytes = (long)width * (count - index - 1);
        Buffer.MemoryCopy(place + width, place, tailBytes, tailBytes);

        Intset changed = Resize(BytesFor(width, count - 1));
        changed.Count = count - 1;
        return changed;
    }

    private static int WidthOf(long value)
    {
        if (value == (short)value) return sizeof(short);
        if (value is >= Int24Min and <= Int24Max) return Int24Bytes;
        return value == (int)value ? sizeof(int) : sizeof(long);
    }

    private static void Write(byte* bytes, int width, int index, long value)
    {
        switch (width)
        {
            case sizeof(short):
                Unsafe.WriteUnaligned(bytes + BytesFor(width, index), (short)value);
                break;
            case Int24Bytes:
                byte* at = bytes + BytesFor(width, index);
                Unsafe.WriteUnaligned(at, (short)value);
                at[sizeof(short)] = (byte)(value >> 16);
                break;
            case sizeof(int):
                Unsafe.WriteUnaligned(bytes + BytesFor(width, index), (int)value);
                break;
            default:
                Debug.Assert(width == sizeof(long));
                Unsafe.WriteUnaligned(bytes + BytesFor(width, index), value);
                break;
        }
    }

    [DoesNotReturn]
    private static void ThrowTooLarge() => throw new InvalidOperationException($"An intset has at most {CountMax} members.");

    private Intset Insert(int index, long value)
    {
        int count = Count;
        if (count >= CountMax) ThrowTooLarge();

        int width = Width;
        Intset changed = Resize(BytesFor(width, count + 1));
        byte* place = changed._bytes + BytesFor(width, index);
        long tailBytes = (long)width * (count - index);
        Buffer.MemoryCopy(place, place + width, tailBytes, tailBytes);
        Write(changed._bytes, width, index, value);
        changed.Count = count + 1;
        return changed;
    }

    // A number that is too wide for the others is below all of them or above all of them.
    private Intset Widen(long value)
    {
        int count = Count;
        if (count >= CountMax) ThrowTooLarge();

        int oldWidth = Width;
        int newWidth = WidthOf(value);
        int shift = value < 0 ? 1 : 0;
        Intset changed = Resize(BytesFor(newWidth, count + 1));

        // From the end, so that no member is overwritten before it was read.
        for (int i = count - 1; i >= 0; i--) Write(changed._bytes, newWidth, i + shift, Read(changed._bytes, oldWidth, i));
        Write(changed._bytes, newWidth, shift == 1 ? 0 : count, value);
        changed.Width = newWidth;
        changed.Count = count + 1;
        return changed;
    }

    /// <summary>Makes the block fit; the content up to the smaller size stays.</summary>
    private Intset Resize(long newBytes)
    {
        long oldBytes = TotalBytes;
        bool fits = NativeHeap.UsableSize((nuint)newBytes) == NativeHeap.UsableSize((nuint)oldBytes);
        return fits ? this : new Intset(NativeHeap.Reallocate(Address, (nuint)oldBytes, (nuint)newBytes));
    }
}
