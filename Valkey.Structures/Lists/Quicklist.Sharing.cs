// A copy of a quicklist that has its nodes in common with the original: for a snapshot that reads the one on its own thread while
// commands change the other. Whoever is changed first copies the node that it changes, and only that.
//
// Holds always: a node that is marked as shared stands in the list's table of shared blocks, and its block is not changed. The
// marks stay when the other list has gone; they go with the next change, move or copy.

using System.Runtime.CompilerServices;

namespace Valkey.Structures;

public readonly unsafe partial struct Quicklist
{
    // Below, a copy of everything is as cheap; above, finding a block in the table is not.
    private const int SharedNodesMin = 2, SharedNodesMax = 64;

    /// <summary>
    /// A copy like <see cref="Copy"/> for two threads: one uses the list, the other the copy, each as if it were alone. It shares
    /// nodes where that pays. The list must not be in use by two threads already, but for reading.
    /// </summary>
    /// <param name="addedBytes">
    /// What the two take more than the list took, estimated for one that is written to in one place: frame and its largest node.
    /// </param>
    public Quicklist CopyShared(out long addedBytes)
    {
        EndSharingWhenAlone();
        if (_header->Shared.Exists || NodeCount is < SharedNodesMin or > SharedNodesMax)
        {
            addedBytes = (long)FrameMemoryBytes + BlockMemoryBytes();
            return Copy();
        }

        SharedBlocks shared = SharedBlocks.Create(NodeCount);
        Quicklist copy = Create(Fill, CompressDepth, CapacityFor(NodeCount));
        long largestBytes = 0;
        for (int i = 0; i < NodeCount; i++)
        {
            ref QuicklistNode node = ref NodeAt(i);
            largestBytes = Math.Max(largestBytes, (long)node.MemoryBytes);
            shared.Set(i, node.Block);
            node.IsShared = true;
            copy.NodeAt(i) = node;
        }

        copy._header->NodeCount = NodeCount;
        copy._header->Count = Count;
        copy._header->Shared = _header->Shared = shared;
        addedBytes = (long)copy.FrameMemoryBytes + largestBytes;
        return copy;
    }

    /// <summary>The node, to be changed: with a block of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref QuicklistNode Own(int index)
    {
        ref QuicklistNode node = ref NodeAt(index);
        if (node.IsShared) Unshare(ref node);
        return ref node;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Unshare(ref QuicklistNode node)
    {
        EndSharingWhenAlone();
        if (!node.IsShared) return;
        QuicklistNode shared = node;
        if (_header->Shared.IsOwn(shared.Block))
        {
            node.IsShared = false; // nobody else will look it up
            return;
        }

        node = shared.Copy();
        LetGo(shared);
    }

    /// <summary>A node is not this list's any more: its block is freed, unless the other list has it.</summary>
    private void LetGo(in QuicklistNode node)
    {
        if (!node.IsShared || _header->Shared.LetGo(node.Block)) node.Free();
    }

    private void EndSharingWhenAlone()
    {
        if (!_header->Shared.Exists || !_header->Shared.IsAlone) return;
        for (int i = 0; i < NodeCount; i++) NodeAt(i).IsShared = false;
        _header->Shared.Leave();
        _header->Shared = default;
    }

    private long BlockMemoryBytes()
    {
        long bytes = 0;
        for (int i = 0; i < NodeCount; i++) bytes += (long)NodeAt(i).MemoryBytes;
        return bytes;
    }
}
