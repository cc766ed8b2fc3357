// The blocks that a quicklist and a copy of it have in common, and how many of the two still use each.
//
// One of the two belongs to the commands, the other is read and freed by another thread. Neither waits for the other: whoever
// lets go of a block counts it down, and who finds that it was the last frees it.
// Holds always: a block in common is not changed; it is freed by the last who lets go of it, and so is this table.

using System.Diagnostics;

namespace Valkey.Structures;

internal readonly unsafe struct SharedBlocks
{
    private const int UsersAtFirst = 2;

    private readonly Header* _header;

    private SharedBlocks(Header* header) => _header = header;

    /// <summary>False for the table of a list that has nothing in common with another.</summary>
    public bool Exists => _header != null;

    /// <summary>The other list is gone, and has let go of everything.</summary>
    public bool IsAlone => Volatile.Read(ref _header->Users) == 1;

    /// <summary>Bytes that the allocator set aside for it.</summary>
    public nuint MemoryBytes => Exists ? NativeHeap.UsableSize(Bytes(_header->Count)) : 0;

    private Block* Blocks => (Block*)(_header + 1);

    /// <summary>A table of two lists, whose blocks are all to be <see cref="Set"/>.</summary>
    public static SharedBlocks Create(int count)
    {
        Header* header = (Header*)NativeHeap.Allocate(Bytes(count));
        header->Users = UsersAtFirst;
        header->Count = count;
        return new SharedBlocks(header);
    }

    public void Set(int index, nint block)
    {
        Debug.Assert((uint)index < (uint)_header->Count);
        Blocks[index] = new Block { Address = block, Users = UsersAtFirst };
    }

    /// <summary>One of the two lets go of a block. True when it was the last to have it: it frees it.</summary>
    public bool LetGo(nint block) => Interlocked.Decrement(ref Find(block)->Users) == 0;

    /// <summary>Whether the other has let go of a block.</summary>
    public bool IsOwn(nint block) => Volatile.Read(ref Find(block)->Users) == 1;

    /// <summary>One of the two is gone, or has nothing in common any more; the table goes with the last.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _header->Users) == 0) NativeHeap.Free((nint)_header, Bytes(_header->Count));
    }

    private Block* Find(nint block)
    {
        Block* at = Blocks;
        Block* end = at + _header->Count;
        while (at->Address != block)
        {
            if (++at == end) throw new InvalidOperationException("A list's node is marked as shared and is not.");
        }

        return at;
    }

    private static nuint Bytes(int count) => (nuint)(sizeof(Header) + (count * sizeof(Block)));

    private struct Header
    {
        public int Users;
        public int Count;
    }

    private struct Block
    {
        public nint Address;
        public int Users;
    }
}
