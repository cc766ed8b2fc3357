// Blob: a native byte buffer with a reference count, for values too long to be embedded.
//
// Layout: [reference count: 4][unused: 4][length: 8][capacity: 8][bytes].
// The dataset holds one reference. A reply that still has to be sent holds another one, so that the value may be deleted
// or replaced meanwhile; whoever releases last frees, on whatever thread that is.
// Holds always: bytes are changed, and the buffer is moved, only while there is one reference; the methods that change
// copy first when there are more. Length <= Capacity; the allocation has exactly 24 + Capacity bytes.

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Valkey.Structures;

/// <summary>A view of a reference-counted byte buffer in native memory. Owns nothing by itself.</summary>
public readonly unsafe struct Blob : IEquatable<Blob>
{
    /// <summary>Up to here greedy growth doubles the buffer; past it, it adds as much.</summary>
    public const long GreedyStepMaxBytes = 1024 * 1024;

    private const int HeaderBytes = 24;

    private readonly Header* _header;

    /// <summary>Views what an earlier blob's <see cref="Address"/> points to.</summary>
    public Blob(nint address) => _header = (Header*)address;

    /// <summary>Where the blob is; 0 for none.</summary>
    public nint Address => (nint)_header;

    /// <summary>Whether there is no blob.</summary>
    public bool IsNull => _header == null;

    /// <summary>Bytes of content.</summary>
    public long Length => _header->Length;

    /// <summary>Bytes of content for which there is room.</summary>
    public long Capacity => _header->Capacity;

    /// <summary>How many hold the blob; more than one means that its bytes must not be changed.</summary>
    public int ReferenceCount => Volatile.Read(ref _header->ReferenceCount);

    /// <summary>The content; to be written only while <see cref="ReferenceCount"/> is one.</summary>
    /// <exception cref="OverflowException">The content is longer than a span can be.</exception>
    public Span<byte> Span => new(Bytes, checked((int)Length));

    /// <summary>Bytes that the allocator set aside for the blob.</summary>
    public nuint MemoryBytes => NativeHeap.UsableSize(AllocationBytes);

    private byte* Bytes => (byte*)_header + HeaderBytes;

    private nuint AllocationBytes => (nuint)(HeaderBytes + Capacity);

    /// <summary>A blob with one reference and content that is not cleared: the caller writes all of it.</summary>
    /// <param name="length">Bytes of content.</param>
    /// <param name="capacity">Bytes to have room for; rounded up to what the allocator gives anyway.</param>
    public static Blob Allocate(long length, long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, length);

        nuint size = NativeHeap.UsableSize((nuint)(HeaderBytes + capacity));
        Header* header = (Header*)NativeHeap.Allocate(size);
        header->ReferenceCount = 1;
        header->Unused = 0;
        header->Length = length;
        header->Capacity = (long)size - HeaderBytes;
        return new Blob((nint)header);
    }

    /// <summary>A blob with one reference and a copy of the content.</summary>
    public static Blob From(ReadOnlySpan<byte> content)
    {
        Blob blob = Allocate(content.Length, content.Length);
        content.CopyTo(blob.Span);
        return blob;
    }

    /// <summary>Bytes that the allocator sets aside for a blob with this content and no room to grow.</summary>
    public static nuint MemoryBytesFor(long length) => NativeHeap.UsableSize((nuint)(HeaderBytes + length));

    /// <summary>Adds a holder.</summary>
    public void AddReference()
    {
        Debug.Assert(ReferenceCount > 0);
        Interlocked.Increment(ref _header->ReferenceCount);
    }

    /// <summary>Takes a holder away; the last one frees. From any thread.</summary>
    public void Release()
    {
        Debug.Assert(ReferenceCount > 0);

        // The only holder needs no interlocked operation: nobody else can add a reference to what nobody else holds.
        if (ReferenceCount == 1 || Interlocked.Decrement(ref _header->ReferenceCount) == 0)
        {
            NativeHeap.Free(Address, AllocationBytes);
        }
    }

    /// <summary>This blob when nobody else holds it, else a copy with one reference (ours to this one is released).</summary>
    public Blob EnsureUnique() => ReferenceCount == 1 ? this : CopyAndRelease(Length, Capacity);

    /// <summary>Makes the content at least this long; new bytes are zero. Shorter than now changes nothing.</summary>
    /// <param name="newLength">Bytes of content wanted.</param>
    /// <param name="greedy">Whether to leave room for more growth: as much again, at most 1 MB.</param>
    /// <returns>The blob to use from now on, with one reference: perhaps moved or copied.</returns>
    public Blob Grow(long newLength, bool greedy)
    {
        long oldLength = Length;
        Blob grown = newLength <= Capacity || newLength <= oldLength
            ? EnsureUnique()
            : WithCapacity(greedy ? newLength + Math.Min(newLength, GreedyStepMaxBytes) : newLength);
        if (newLength <= oldLength) return grown;

        NativeMemory.Clear(grown.Bytes + oldLength, (nuint)(newLength - oldLength));
        grown._header->Length = newLength;
        return grown;
    }

    /// <summary>Replaces the content in place; the caller is the only holder and the content fits the capacity.</summary>
    public void Overwrite(ReadOnlySpan<byte> content)
    {
        Debug.Assert(ReferenceCount == 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, Capacity);
        content.CopyTo(new Span<byte>(Bytes, content.Length));
        _header->Length = content.Length;
    }

    /// <summary>Cuts the content, keeping the room.</summary>
    /// <returns>The blob to use from now on, with one reference.</returns>
    public Blob Truncate(long newLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(newLength);
        Blob unique = EnsureUnique();
        if (newLength < unique.Length) unique._header->Length = newLength;
        return unique;
    }

    /// <summary>Gives back room that the content does not need.</summary>
    /// <returns>The blob to use from now on. One with other holders is left as it is.</returns>
    public Blob Compact()
    {
        if (ReferenceCount != 1) return this;

        nuint needed = NativeHeap.UsableSize((nuint)(HeaderBytes + Length));
        return needed >= AllocationBytes ? this : Resize((long)needed - HeaderBytes);
    }

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator ==(Blob left, Blob right) => left._header == right._header;

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator !=(Blob left, Blob right) => left._header != right._header;

    /// <inheritdoc/>
    public bool Equals(Blob other) => _header == other._header;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Blob other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    private Blob WithCapacity(long capacity)
    {
        if (ReferenceCount != 1) return CopyAndRelease(Length, capacity);

        return Resize((long)NativeHeap.UsableSize((nuint)(HeaderBytes + capacity)) - HeaderBytes);
    }

    private Blob Resize(long capacity)
    {
        Header* header = (Header*)NativeHeap.Reallocate(Address, AllocationBytes, (nuint)(HeaderBytes + capacity));
        header->Capacity = capacity;
        return new Blob((nint)header);
    }

    private Blob CopyAndRelease(long length, long capacity)
    {
        Blob copy = Allocate(length, capacity);
        Buffer.MemoryCopy(Bytes, copy.Bytes, copy.Capacity, length);
        Release();
        return copy;
    }

    private struct Header
    {
        public int ReferenceCount;
        public int Unused;
        public long Length;
        public long Capacity;
    }
}
