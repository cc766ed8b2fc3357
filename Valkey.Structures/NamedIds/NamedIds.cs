// NamedIds: a name and the set of numbers that belong to it: who listens to a channel, who may have cached a key.
//
// One native block: [name length: 4][count: 4][word: 8][name]. With one number the word is that number; with more it is the
// address of [capacity: 8][numbers: 8 each, ascending]. Most channels have one listener, so most names are one allocation.
// Holds always: the numbers ascend and none is there twice; the name never changes, as it is the key in a table.

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Valkey.Structures;

/// <summary>A view of a name with its numbers in native memory. Owns nothing by itself. One thread at a time.</summary>
public readonly unsafe struct NamedIds : IEquatable<NamedIds>
{
    private const int GrowthMin = 4;

    private readonly Header* _header;

    /// <summary>Views what an earlier view's <see cref="Address"/> points to.</summary>
    public NamedIds(nint address) => _header = (Header*)address;

    /// <summary>Where it is; 0 for none.</summary>
    public nint Address => (nint)_header;

    /// <summary>Whether there is none.</summary>
    public bool IsNull => _header == null;

    /// <summary>The name, valid until <see cref="Free"/>.</summary>
    public ReadOnlySpan<byte> Name => new(_header + 1, _header->NameLength);

    /// <summary>How many numbers there are.</summary>
    public int Count => _header->Count;

    /// <summary>The numbers, ascending. Valid until the next change.</summary>
    public ReadOnlySpan<long> Ids => new(First, _header->Count);

    /// <summary>Native memory that it takes, as the allocator rounds it.</summary>
    public long MemoryBytes =>
        (long)NativeHeap.UsableSize(SizeBytes) + (IsInline ? 0 : (long)NativeHeap.UsableSize(BlockBytes(Block->Capacity)));

    private nuint SizeBytes => (nuint)(sizeof(Header) + _header->NameLength);

    private bool IsInline => _header->Count <= 1;

    private IdBlock* Block => (IdBlock*)_header->Word;

    private long* First => IsInline ? &_header->Word : (long*)(Block + 1);

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator ==(NamedIds left, NamedIds right) => left._header == right._header;

    /// <summary>Compares addresses, not content.</summary>
    public static bool operator !=(NamedIds left, NamedIds right) => left._header != right._header;

    /// <summary>A new one of this name, without numbers.</summary>
    public static NamedIds Create(ReadOnlySpan<byte> name)
    {
        Header* header = (Header*)NativeHeap.Allocate((nuint)(sizeof(Header) + name.Length));
        *header = new Header { NameLength = name.Length };
        name.CopyTo(new Span<byte>(header + 1, name.Length));
        return new NamedIds((nint)header);
    }

    /// <summary>Whether a number is among them.</summary>
    public bool Contains(long id) => Ids.BinarySearch(id) >= 0;

    /// <summary>Adds a number; false when it is there already.</summary>
    public bool Add(long id)
    {
        int index = Ids.BinarySearch(id);
        if (index >= 0) return false;
        if (_header->Count == 0)
        {
            _header->Word = id;
            _header->Count = 1;
            return true;
        }

        index = ~index;
        MakeRoom();
        long* first = (long*)(Block + 1);
        int tailCount = _header->Count - index;
        new ReadOnlySpan<long>(first + index, tailCount).CopyTo(new Span<long>(first + index + 1, tailCount));
        first[index] = id;
        _header->Count++;
        return true;
    }

    /// <summary>Takes a number out; false when it is not there.</summary>
    public bool Remove(long id)
    {
        int index = Ids.BinarySearch(id);
        if (index < 0) return false;
        if (IsInline)
        {
            _header->Count = 0;
            return true;
        }

        IdBlock* block = Block;
        long* first = (long*)(block + 1);
        int tailCount = _header->Count - index - 1;
        new ReadOnlySpan<long>(first + index + 1, tailCount).CopyTo(new Span<long>(first + index, tailCount));
        _header->Count--;
        if (_header->Count == 1)
        {
            _header->Word = *first;
            NativeHeap.Free((nint)block, BlockBytes(block->Capacity));
        }
        else if (_header->Count * 4L <= block->Capacity)
        {
            Resize(block, block->Capacity / 2);
        }

        return true;
    }

    /// <summary>Gives all memory back. No view of it may be used afterwards.</summary>
    public void Free()
    {
        if (!IsInline) NativeHeap.Free((nint)Block, BlockBytes(Block->Capacity));
        NativeHeap.Free(Address, SizeBytes);
    }

    /// <inheritdoc/>
    public bool Equals(NamedIds other) => _header == other._header;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NamedIds other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    private static nuint BlockBytes(long capacity) => (nuint)(sizeof(IdBlock) + (capacity * sizeof(long)));

    /// <summary>Makes the numbers a block with room for one more.</summary>
    private void MakeRoom()
    {
        if (_header->Count == 1)
        {
            IdBlock* block = (IdBlock*)NativeHeap.Allocate(BlockBytes(GrowthMin));
            block->Capacity = GrowthMin;
            *(long*)(block + 1) = _header->Word;
            _header->Word = (nint)block;
            // The count says which form the word has: while it is 1 the block is only reachable from here.
            return;
        }

        if (_header->Count == Block->Capacity) Resize(Block, Math.Max(GrowthMin, Block->Capacity + (Block->Capacity / 2)));
    }

    private void Resize(IdBlock* block, long capacity)
    {
        Debug.Assert(capacity >= _header->Count);
        IdBlock* resized = (IdBlock*)NativeHeap.Reallocate((nint)block, BlockBytes(block->Capacity), BlockBytes(capacity));
        resized->Capacity = capacity;
        _header->Word = (nint)resized;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public int NameLength;
        public int Count;
        public long Word;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct IdBlock
    {
        public long Capacity;
    }
}

/// <summary>For tables of <see cref="NamedIds"/>, by name.</summary>
public readonly struct NamedIdsTraits : IEntryTraits
{
    /// <inheritdoc/>
    public static ReadOnlySpan<byte> KeyOf(nint entry) => new NamedIds(entry).Name;
}
