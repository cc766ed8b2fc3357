// ScoreTree, removing: elements go out of one leaf at a time; then, from the leaf up, nodes that became small join a
// neighbour and empty ones go.

namespace Valkey.Structures;

internal readonly unsafe partial struct ScoreTree
{
    /// <summary>Takes elements out of the leaf of a place, from that place on. They are the caller's.</summary>
    /// <param name="path">The place; of no use afterwards.</param>
    /// <param name="count">How many; the leaf has them.</param>
    public void Remove(ref ScoreTreePath path, int count)
    {
        ScoreLeaf* leaf = path.Leaf;
        _tree->Count -= count;
        path.AddToCounts(_tree->Height, -count);
        leaf->Remove(path.Index, count);
        if (leaf->Count > 0 && path.Index == 0) path.NoteFirst(_tree->Height - 1, leaf->Scores[0], leaf->Elements[0]);
        if (leaf->Count < LeafMin) JoinUpwards(ref path);
    }

    /// <summary>Frees all nodes.</summary>
    public void Free() => FreeNode(_tree->Root, _tree->Height);

    private static void FreeNode(nint node, int height)
    {
        if (height > 0)
        {
            ScoreBranch* branch = (ScoreBranch*)node;
            for (int i = 0; i < branch->Count; i++) FreeNode((nint)branch->Children[i], height - 1);
        }

        ScoreTreeNode.Free(node);
    }

    private void JoinUpwards(ref ScoreTreePath path)
    {
        for (int level = _tree->Height - 1; level >= 0; level--)
        {
            bool isLeaf = level == _tree->Height - 1;
            ScoreBranch* parent = path.BranchAt(level);
            int index = path.IndexAt(level);
            int count = ScoreTreeNode.CountOf((nint)parent->Children[index]);
            if (count >= (isLeaf ? LeafMin : BranchMin)) break;

            if (parent->Count > 1) JoinNeighbour(ref path, level, isLeaf);
            else if (count == 0) RemoveChild(parent, 0, isLeaf); // the parent is empty too now: the next round sees to it
        }

        LowerRoot();
    }

    /// <summary>Joins the child that the path takes with the one on its right, or on its left if it is the last.</summary>
    private void JoinNeighbour(ref ScoreTreePath path, int level, bool isLeaf)
    {
        ScoreBranch* parent = path.BranchAt(level);
        int index = path.IndexAt(level);
        int leftIndex = index + 1 < parent->Count ? index : index - 1;
        int rightIndex = leftIndex + 1;
        nint left = (nint)parent->Children[leftIndex];
        nint right = (nint)parent->Children[rightIndex];
        int leftCount = ScoreTreeNode.CountOf(left);
        int rightCount = ScoreTreeNode.CountOf(right);
        bool isOneEmpty = leftCount == 0 || rightCount == 0;
        if (!isOneEmpty && leftCount + rightCount > (isLeaf ? LeafJoinedMax : BranchJoinedMax)) return;

        double score = parent->Scores[rightIndex];
        long element = parent->Elements[rightIndex];
        if (isLeaf)
        {
            ((ScoreLeaf*)left)->TakeFrom((ScoreLeaf*)right, 0);
        }
        else if (rightCount > 0)
        {
            // A branch does not keep its own first element: the parent does, and now it stands in the middle.
            ((ScoreBranch*)right)->Scores[0] = score;
            ((ScoreBranch*)right)->Elements[0] = element;
            ((ScoreBranch*)left)->TakeFrom((ScoreBranch*)right, 0);
        }

        parent->Counts[leftIndex] += parent->Counts[rightIndex];
        if (leftCount == 0) // then the path takes the left one, and it begins with what the right one began with
        {
            path.NoteFirst(level, score, element);
        }

        RemoveChild(parent, rightIndex, isLeaf);
    }

    private void RemoveChild(ScoreBranch* parent, int index, bool isLeaf)
    {
        nint node = (nint)parent->Children[index];
        if (isLeaf) Unlink((ScoreLeaf*)node);
        ScoreTreeNode.Free(node);
        _tree->NodeCount--;
        parent->Remove(index);
    }

    private void Unlink(ScoreLeaf* leaf)
    {
        if (leaf->Previous != null) leaf->Previous->Next = leaf->Next;
        else _tree->First = leaf->Next;
        if (leaf->Next != null) leaf->Next->Previous = leaf->Previous;
        else _tree->Last = leaf->Previous;
    }

    private void LowerRoot()
    {
        while (_tree->Height > 0)
        {
            ScoreBranch* root = (ScoreBranch*)_tree->Root;
            if (root->Count > 1) return;

            if (root->Count == 0)
            {
                FreeNode(_tree->Root, height: 1);
                StartEmpty();
                return;
            }

            _tree->Root = (nint)root->Children[0];
            _tree->Height--;
            _tree->NodeCount--;
            ScoreTreeNode.Free((nint)root);
        }
    }
}
