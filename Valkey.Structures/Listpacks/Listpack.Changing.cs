// Changes of a listpack: each is one splice, which replaces a run of bytes by room for another one.
//
// The block is reallocated only when the new size belongs to another size class of the allocator. The bytes of an element
// that is added must not lie in the listpack that is changed: they would move under the copy.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

public readonly unsafe partial struct Listpack
{
    // Up to here it is cheaper to copy both sides of the gap into a new block than to reallocate and then move one.
    private const int CopyMaxBytes = 16 * 1024;

    /// <summary>Adds an element at the end.</summary>
    public Listpack Append(ReadOnlySpan<byte> element) => Add(TotalBytes - 1, element);

    /// <summary>Adds an integer at the end: the same as appending its text.</summary>
    public Listpack AppendInteger(long value) => Add(TotalBytes - 1, value);

    /// <summary>Adds an element at the start.</summary>
    public Listpack Prepend(ReadOnlySpan<byte> element) => Add(ListpackFormat.HeaderBytes, element);

    /// <summary>Adds an integer at the start: the same as prepending its text.</summary>
    public Listpack PrependInteger(long value) => Add(ListpackFormat.HeaderBytes, value);

    /// <summary>Adds an element before another one.</summary>
    public Listpack InsertBefore(int position, ReadOnlySpan<byte> element, out int newPosition)
    {
        Debug.Assert(IsElement(position));
        newPosition = position;
        return Add(position, element);
    }

    /// <summary>Adds an element after another one.</summary>
    public Listpack InsertAfter(int position, ReadOnlySpan<byte> element, out int newPosition)
    {
        Debug.Assert(IsElement(position));
        newPosition = (int)(ListpackFormat.Skip(_bytes + position) - _bytes);
        return Add(newPosition, element);
    }

    /// <summary>Puts another element in the place of one; its position stays.</summary>
    public Listpack Replace(int position, ReadOnlySpan<byte> element)
    {
        if (IntegerText.TryParse(element, out long integer)) return ReplaceInteger(position, integer);

        Listpack changed = MakeRoomInPlaceOf(position, EncodedElement.TotalBytesOf(element));
        EncodedElement.Write(changed._bytes + position, element);
        return changed;
    }

    /// <summary>Puts an integer in the place of an element: the same as its text.</summary>
    public Listpack ReplaceInteger(int position, long value)
    {
        Listpack changed = MakeRoomInPlaceOf(position, EncodedElement.TotalBytesOf(value));
        EncodedElement.Write(changed._bytes + position, value);
        return changed;
    }

    /// <summary>Takes an element out.</summary>
    /// <param name="position">Which.</param>
    /// <param name="nextPosition">The element that followed, or -1.</param>
    public Listpack Delete(int position, out int nextPosition) => DeleteRange(position, 1, out nextPosition);

    /// <summary>Takes elements out, as many as there are.</summary>
    /// <param name="position">The first of them.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="nextPosition">The element that followed the last of them, or -1.</param>
    public Listpack DeleteRange(int position, int count, out int nextPosition)
    {
        Debug.Assert(IsElement(position));
        int deletedCount = 0;
        byte* end = _bytes + position;
        for (; deletedCount < count && *end != ListpackFormat.End; deletedCount++) end = ListpackFormat.Skip(end);

        Listpack changed = Splice(position, (int)(end - _bytes) - position, 0);
        changed.AddToCount(-deletedCount);
        nextPosition = changed._bytes[position] == ListpackFormat.End ? -1 : position;
        return changed;
    }

    /// <summary>The elements of both, one after the other; both handles are void afterwards.</summary>
    public static Listpack Merge(Listpack first, Listpack second)
    {
        Debug.Assert(first != second);
        int firstBytes = first.TotalBytes;
        int contentBytes = second.TotalBytes - ListpackFormat.EmptyBytes;
        int count = first.HeaderCount + second.HeaderCount;

        Listpack merged = first.Splice(firstBytes - 1, 0, contentBytes);
        Buffer.MemoryCopy(second._bytes + ListpackFormat.HeaderBytes, merged._bytes + firstBytes - 1, contentBytes, contentBytes);
        merged.HeaderCount = (ushort)Math.Min(count, ListpackFormat.CountUnknown); // unknown and anything is unknown
        second.Free();
        return merged;
    }

    private Listpack Add(int position, ReadOnlySpan<byte> element)
    {
        if (IntegerText.TryParse(element, out long integer)) return Add(position, integer);

        Listpack changed = Splice(position, 0, EncodedElement.TotalBytesOf(element));
        EncodedElement.Write(changed._bytes + position, element);
        changed.AddToCount(1);
        return changed;
    }

    private Listpack Add(int position, long value)
    {
        Listpack changed = Splice(position, 0, EncodedElement.TotalBytesOf(value));
        EncodedElement.Write(changed._bytes + position, value);
        changed.AddToCount(1);
        return changed;
    }

    private Listpack MakeRoomInPlaceOf(int position, int newBytes)
    {
        Debug.Assert(IsElement(position));
        int oldBytes = (int)(ListpackFormat.Skip(_bytes + position) - (_bytes + position));
        return Splice(position, oldBytes, newBytes);
    }

    /// <summary>Known counts change; what reaches 65535 is unknown, and unknown stays unknown.</summary>
    private void AddToCount(int change)
    {
        Listpack self = this;
        ushort count = HeaderCount;
        if (count != ListpackFormat.CountUnknown) self.HeaderCount = (ushort)(count + change);
    }

    /// <summary>Replaces a run of bytes by room for another; the total is kept right, the count is the caller's.</summary>
    private Listpack Splice(int position, int removedBytes, int addedBytes)
    {
        int oldTotal = TotalBytes;
        long newTotal = (long)oldTotal - removedBytes + addedBytes;
        if (newTotal > int.MaxValue) ThrowTooLarge();

        byte* bytes = _bytes;
        int tailBytes = oldTotal - position - removedBytes;
        nuint usableBytes = NativeHeap.UsableSize((nuint)oldTotal);
        bool isSameClass = newTotal >= oldTotal
            ? (nuint)newTotal <= usableBytes
            : NativeHeap.UsableSize((nuint)newTotal) == usableBytes;
        if (isSameClass)
        {
            Move(bytes + position + removedBytes, bytes + position + addedBytes, tailBytes);
        }
        else
        {
            bytes = Resize(position, removedBytes, addedBytes, tailBytes, (int)newTotal);
        }

        Unsafe.WriteUnaligned(bytes, (int)newTotal);
        return new Listpack((nint)bytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* Resize(int position, int removedBytes, int addedBytes, int tailBytes, int newTotal)
    {
        int oldTotal = TotalBytes;
        if (Math.Max(oldTotal, newTotal) <= CopyMaxBytes)
        {
            byte* copy = (byte*)NativeHeap.Allocate((nuint)newTotal);
            Move(_bytes, copy, position);
            Move(_bytes + position + removedBytes, copy + position + addedBytes, tailBytes);
            NativeHeap.Free(Address, (nuint)oldTotal);
            return copy;
        }

        if (newTotal < oldTotal)
        {
            Move(_bytes + position + removedBytes, _bytes + position + addedBytes, tailBytes);
            return (byte*)NativeHeap.Reallocate(Address, (nuint)oldTotal, (nuint)newTotal);
        }

        byte* grown = (byte*)NativeHeap.Reallocate(Address, (nuint)oldTotal, (nuint)newTotal);
        Move(grown + position + removedBytes, grown + position + addedBytes, tailBytes);
        return grown;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move(byte* source, byte* target, int length)
    {
        if (length == 1) *target = *source; // appending moves the end mark only
        else Buffer.MemoryCopy(source, target, length, length); // handles overlap
    }

    [DoesNotReturn]
    private static void ThrowTooLarge() => throw new InvalidOperationException("A listpack cannot grow past 2 GB.");
}
