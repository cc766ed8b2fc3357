// A block of native memory that grows to what is asked for and keeps its content. It holds what has to be in one piece
// while a snapshot is read: a key, an inflated string, a part of the file.
// Holds always: it is as large as the largest thing that was really there, never as large as a file only promises.

using System.Runtime.InteropServices;

namespace Valkey.Rdb;

internal sealed unsafe class GrowingBuffer(int initialBytes) : IDisposable
{
    private byte* _start = (byte*)NativeMemory.Alloc((nuint)initialBytes);

    public int Capacity { get; private set; } = initialBytes;

    /// <summary>All of it.</summary>
    public Span<byte> Bytes => new(_start, Capacity);

    /// <summary>The first bytes, with room for that many.</summary>
    public Span<byte> WithRoomFor(int byteCount)
    {
        if (byteCount > Capacity) Resize(Math.Max(byteCount, (int)Math.Min((long)Capacity * 2, Array.MaxLength)));
        return new Span<byte>(_start, byteCount);
    }

    /// <summary>Makes it larger or smaller.</summary>
    public void Resize(int byteCount)
    {
        _start = (byte*)NativeMemory.Realloc(_start, (nuint)byteCount);
        Capacity = byteCount;
    }

    public void Dispose()
    {
        NativeMemory.Free(_start);
        _start = null;
        Capacity = 0;
    }
}
