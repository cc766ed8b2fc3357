// A queue of small values in native memory: first in, first out, in a ring that doubles when it is full.
//
// Holds always: the capacity is 0 or a power of two; a ring that has become empty gives back all but a small block, so that
// a rush leaves nothing behind. Whoever holds the queue frees it. One thread at a time.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>A first-in-first-out queue of unmanaged values in native memory. A mutable struct: keep it in a field.</summary>
/// <typeparam name="T">What stands in it.</typeparam>
public unsafe struct NativeQueue<T>
    where T : unmanaged
{
    private const int SmallestCapacity = 8;
    private const int KeptCapacityMax = 1024;

    private T* _items;
    private int _capacity;
    private int _first;

    /// <summary>Number of values.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of native memory that it takes.</summary>
    public readonly long SizeBytes => (long)_capacity * sizeof(T);

    /// <summary>The value that came first. Only while there is one; valid until the queue changes.</summary>
    public readonly ref T First => ref this[0];

    /// <summary>The value that came last. Only while there is one; valid until the queue changes.</summary>
    public readonly ref T Last => ref this[Count - 1];

    /// <summary>The value at a place, counted from the first. Valid until the queue changes.</summary>
    public readonly ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)Count) ThrowOutOfRange();
            return ref _items[(_first + index) & (_capacity - 1)];
        }
    }

    /// <summary>Adds a value at the end.</summary>
    public void Enqueue(in T value)
    {
        if (Count == _capacity) Resize(Math.Max(SmallestCapacity, checked(_capacity * 2)));
        _items[(_first + Count) & (_capacity - 1)] = value;
        Count++;
    }

    /// <summary>Takes the first value out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public T Dequeue()
    {
        T value = First;
        _first = (_first + 1) & (_capacity - 1);
        Count--;
        if (Count == 0 && _capacity > KeptCapacityMax) Free();
        return value;
    }

    /// <summary>Forgets all values.</summary>
    public void Clear()
    {
        Count = _first = 0;
        if (_capacity > KeptCapacityMax) Free();
    }

    /// <summary>Forgets all values and gives the memory back. The queue can be used again.</summary>
    public void Free()
    {
        if (_items != null) NativeHeap.Free((nint)_items, (nuint)SizeBytes);
        _items = null;
        _capacity = _first = Count = 0;
    }

    private void Resize(int capacity)
    {
        Debug.Assert(capacity > Count);
        T* items = (T*)NativeHeap.Allocate((nuint)capacity * (nuint)sizeof(T));
        for (int i = 0; i < Count; i++) items[i] = _items[(_first + i) & (_capacity - 1)];
        if (_items != null) NativeHeap.Free((nint)_items, (nuint)SizeBytes);
        _items = items;
        _capacity = capacity;
        _first = 0;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowOutOfRange() =>
        throw new ArgumentOutOfRangeException("index", "The queue has no value at this place.");
}
