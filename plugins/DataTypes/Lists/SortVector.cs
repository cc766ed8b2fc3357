// The elements that SORT works on: copies of their bytes one behind the other in native memory, and a row of fixed-size
// items that refer to them and are what is sorted.
//
// Copies, because looking up a pattern's key may change the keyspace (an expired key is deleted when it is found).
// Holds always: an item's bytes lie inside the arena, with a zero byte behind them; items of equal rank keep the order in which they were added. One
// thread; dispose of it.

using System.Runtime.InteropServices;
using Valkey.Structures;

namespace Valkey.Lists;

internal sealed unsafe class SortVector : IDisposable
{
    private const int ItemsMin = 64;
    private const long ArenaMin = 1024;

    private SortItem* _items;
    private int _capacity;
    private byte* _arena;
    private long _arenaCapacity;
    private long _arenaLength;

    /// <summary>Number of elements.</summary>
    public int Count { get; private set; }

    /// <summary>The items.</summary>
    public Span<SortItem> Items => new(_items, Count);

    /// <summary>The bytes of an element.</summary>
    public ReadOnlySpan<byte> ElementOf(in SortItem item) => new(_arena + item.Offset, item.Length);

    /// <summary>What an element is compared by; empty and false when its pattern led nowhere.</summary>
    public bool TryGetKey(in SortItem item, out ReadOnlySpan<byte> key)
    {
        key = item.KeyLength < 0 ? default : new ReadOnlySpan<byte>(_arena + item.KeyOffset, item.KeyLength);
        return item.KeyLength >= 0;
    }

    /// <summary>Adds a copy of an element.</summary>
    public void Add(ReadOnlySpan<byte> element)
    {
        if (Count == _capacity) GrowItems();
        _items[Count++] = new SortItem { Offset = Store(element), Length = element.Length, KeyLength = -1 };
    }

    /// <summary>Gives an element a copy of what it is compared by.</summary>
    public void SetKey(ref SortItem item, ReadOnlySpan<byte> key)
    {
        item.KeyOffset = Store(key);
        item.KeyLength = key.Length;
    }

    /// <summary>Sorts by the items' numbers, and by bytes where these are equal.</summary>
    public void SortByNumber(bool descending) => MemoryExtensions.Sort(Items, new ByNumber(this, descending));

    /// <summary>Sorts by the elements' texts: by their bytes, or as the locale has it.</summary>
    public void SortByText(bool descending, bool byLocale) => MemoryExtensions.Sort(Items, new ByText(this, descending, byLocale));

    /// <summary>Sorts by the keys' texts, in the same way; elements without one come first.</summary>
    public void SortByKey(bool descending, bool byLocale) => MemoryExtensions.Sort(Items, new ByKey(this, descending, byLocale));

    /// <summary>Gives the memory back; the vector is empty and can be used again.</summary>
    public void Dispose()
    {
        NativeHeap.Free((nint)_items, (nuint)_capacity * (nuint)sizeof(SortItem));
        NativeHeap.Free((nint)_arena, (nuint)_arenaCapacity);
        _items = null;
        _arena = null;
        _capacity = Count = 0;
        _arenaCapacity = _arenaLength = 0;
    }

    private void GrowItems()
    {
        int capacity = Math.Max(ItemsMin, checked(_capacity * 2));
        nuint itemBytes = (nuint)sizeof(SortItem);
        _items = (SortItem*)NativeHeap.Reallocate((nint)_items, (nuint)_capacity * itemBytes, (nuint)capacity * itemBytes);
        _capacity = capacity;
    }

    private long Store(ReadOnlySpan<byte> bytes)
    {
        long needed = _arenaLength + bytes.Length + 1;
        if (needed > _arenaCapacity)
        {
            long capacity = Math.Max(Math.Max(ArenaMin, _arenaCapacity * 2), needed);
            _arena = (byte*)NativeHeap.Reallocate((nint)_arena, (nuint)_arenaCapacity, (nuint)capacity);
            _arenaCapacity = capacity;
        }

        long offset = _arenaLength;
        bytes.CopyTo(new Span<byte>(_arena + offset, bytes.Length));
        _arena[needed - 1] = 0;
        _arenaLength = needed;
        return offset;
    }

    private static int Directed(int order, bool descending, in SortItem x, in SortItem y)
    {
        if (order == 0) return x.Offset.CompareTo(y.Offset);
        return descending ? -order : order;
    }

    private readonly struct ByNumber(SortVector vector, bool descending) : IComparer<SortItem>
    {
        public int Compare(SortItem x, SortItem y)
        {
            int order = x.Number.CompareTo(y.Number);
            if (order == 0) order = vector.ElementOf(x).SequenceCompareTo(vector.ElementOf(y));
            return Directed(order, descending, x, y);
        }
    }

    private readonly struct ByText(SortVector vector, bool descending, bool byLocale) : IComparer<SortItem>
    {
        public int Compare(SortItem x, SortItem y)
        {
            int order = byLocale
                ? Collation.Compare(vector._arena + x.Offset, vector._arena + y.Offset)
                : vector.ElementOf(x).SequenceCompareTo(vector.ElementOf(y));
            return Directed(order, descending, x, y);
        }
    }

    private readonly struct ByKey(SortVector vector, bool descending, bool byLocale) : IComparer<SortItem>
    {
        public int Compare(SortItem x, SortItem y) => Directed(Order(x, y), descending, x, y);

        private int Order(in SortItem x, in SortItem y)
        {
            bool hasX = vector.TryGetKey(x, out ReadOnlySpan<byte> keyX);
            bool hasY = vector.TryGetKey(y, out ReadOnlySpan<byte> keyY);
            if (!hasX || !hasY) return hasX.CompareTo(hasY);
            return byLocale
                ? Collation.Compare(vector._arena + x.KeyOffset, vector._arena + y.KeyOffset)
                : keyX.SequenceCompareTo(keyY);
        }
    }
}

/// <summary>One element while it is sorted.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SortItem
{
    /// <summary>Where its bytes are in the vector's arena; grows in the order of adding.</summary>
    public long Offset;

    /// <summary>What it is compared by: a number.</summary>
    public double Number;

    /// <summary>What it is compared by: where the bytes are.</summary>
    public long KeyOffset;

    /// <summary>How many bytes the element has.</summary>
    public int Length;

    /// <summary>How many bytes the key has; -1 for none.</summary>
    public int KeyLength;
}
