// ScoreTree, moving: every element and node is offered to move to a fuller page, and whatever points to it follows.

namespace Valkey.Structures;

internal readonly unsafe partial struct ScoreTree
{
    public void Defrag<TMover>(NativeTable<ScoredElementTraits> table, ref TMover mover)
        where TMover : struct, IBlockMover, allows ref struct =>
        _tree->Root = DefragNode(_tree->Root, _tree->Height, table, ref mover, out _);

    private nint DefragNode<TMover>(
        nint node, int height, NativeTable<ScoredElementTraits> table, ref TMover mover, out long firstElement)
        where TMover : struct, IBlockMover, allows ref struct
    {
        if (height == 0) return DefragLeaf((ScoreLeaf*)node, table, ref mover, out firstElement);

        ScoreBranch* branch = (ScoreBranch*)mover.Move(node, ScoreTreeNode.SizeBytes);
        firstElement = 0;
        for (int i = 0; i < branch->Count; i++)
        {
            branch->Children[i] = DefragNode((nint)branch->Children[i], height - 1, table, ref mover, out long first);
            branch->Elements[i] = first;
            if (i == 0) firstElement = first;
        }

        return (nint)branch;
    }

    private nint DefragLeaf<TMover>(
        ScoreLeaf* leaf, NativeTable<ScoredElementTraits> table, ref TMover mover, out long firstElement)
        where TMover : struct, IBlockMover, allows ref struct
    {
        leaf = (ScoreLeaf*)mover.Move((nint)leaf, ScoreTreeNode.SizeBytes);
        if (leaf->Previous != null) leaf->Previous->Next = leaf;
        else _tree->First = leaf;
        if (leaf->Next != null) leaf->Next->Previous = leaf;
        else _tree->Last = leaf;

        for (int i = 0; i < leaf->Count; i++)
        {
            ScoredElement old = leaf->ElementAt(i);
            nint moved = mover.Move(old.Address, old.SizeBytes);
            if (moved == old.Address) continue;

            table.Replace(old.Address, moved, KeyHash.Of(new ScoredElement(moved).Member));
            leaf->Elements[i] = moved;
        }

        firstElement = leaf->Count > 0 ? leaf->Elements[0] : 0;
        return (nint)leaf;
    }
}
