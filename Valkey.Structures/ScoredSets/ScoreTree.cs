// ScoreTree: keeps the elements of a large sorted set in order, by score and then by the member's bytes.
//
// It is a B+ tree that counts, where other servers have a skiplist: a search among a million elements reads some five
// nodes, whose scores lie side by side, instead of following twenty links to as many elements, each a cache miss. Ranks
// come from the counts in the branches, ranges from the chain of leaves. Memory is the same: 16 bytes per place in a leaf
// that is two thirds full, against two pointers, a span and an allocation more per node.
// Nodes split when they are full, in halves, but where elements come in order at either end the full one stays full. A node
// that is a quarter full joins its neighbour if both together are at most three quarters full.
//
// Holds always: the first element below every child but the first is noted in its branch, with the score that it has; a
// count in a branch is the number of elements below; no leaf is empty, unless it is the root.
// The tree owns its nodes, not the elements. Searching changes nothing.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>What a sorted set keeps at a fixed address.</summary>
internal unsafe struct ScoreTreeHeader
{
    public nint Root;
    public ScoreLeaf* First;
    public ScoreLeaf* Last;
    public nint Table;
    public long Count;
    public long NodeCount;
    public long ElementBytes;
    public int Height; // levels of branches above the leaves
}

internal readonly unsafe partial struct ScoreTree
{
    private const int LeafMin = ScoreLeaf.Capacity / 4;
    private const int LeafJoinedMax = ScoreLeaf.Capacity * 3 / 4;
    private const int BranchMin = ScoreBranch.Capacity / 4;
    private const int BranchJoinedMax = ScoreBranch.Capacity * 3 / 4;

    private readonly ScoreTreeHeader* _tree;

    public ScoreTree(ScoreTreeHeader* tree) => _tree = tree;

    public void StartEmpty()
    {
        ScoreLeaf* leaf = ScoreTreeNode.CreateLeaf();
        _tree->Root = (nint)leaf;
        _tree->First = leaf;
        _tree->Last = leaf;
        _tree->Height = 0;
        _tree->Count = 0;
        _tree->NodeCount = 1;
    }

    /// <summary>Finds the place of a boundary: in front of the first element that does not precede it.</summary>
    public void Descend<TBoundary>(in TBoundary boundary, out ScoreTreePath path)
        where TBoundary : struct, IScoreBoundary, allows ref struct
    {
        Unsafe.SkipInit(out path);
        nint node = _tree->Root;
        for (int level = 0; level < _tree->Height; level++)
        {
            ScoreBranch* branch = (ScoreBranch*)node;
            int index = branch->ChildOf(boundary);
            path.Set(level, branch, index);
            node = (nint)branch->Children[index];
            ScoreTreeNode.Prefetch(node);
        }

        path.Leaf = (ScoreLeaf*)node;
        path.Index = path.Leaf->IndexOf(boundary);
    }

    /// <summary>Finds the place of an element that is in the tree.</summary>
    public void DescendTo(ScoredElement element, out ScoreTreePath path)
    {
        // The place behind it is in the same leaf, while the place in front of a leaf's first is the end of the leaf before.
        Descend(new ElementBoundary(element.Score, element.Member, isBehind: true), out path);
        path.Index--;
        Debug.Assert(path.Leaf->ElementAt(path.Index) == element);
    }

    /// <summary>Finds the place of the element with this rank, which is there.</summary>
    public void DescendToRank(long rank, out ScoreTreePath path)
    {
        Debug.Assert(rank >= 0);
        Debug.Assert(rank < _tree->Count);
        Unsafe.SkipInit(out path);
        nint node = _tree->Root;
        for (int level = 0; level < _tree->Height; level++)
        {
            ScoreBranch* branch = (ScoreBranch*)node;
            int index = branch->ChildOfRank(ref rank);
            path.Set(level, branch, index);
            node = (nint)branch->Children[index];
        }

        path.Leaf = (ScoreLeaf*)node;
        path.Index = (int)rank;
    }

    /// <summary>Adds an element whose place is free.</summary>
    public void Insert(ScoredElement element)
    {
        double score = element.Score;
        Descend(new ElementBoundary(score, element.Member, isBehind: false), out ScoreTreePath path);
        _tree->Count++;
        path.AddToCounts(_tree->Height, 1);
        ScoreLeaf* leaf = path.Leaf;
        if (leaf->Count < ScoreLeaf.Capacity)
        {
            leaf->Insert(path.Index, score, element);
            return;
        }

        int kept = KeptBySplit(leaf, path.Index);
        ScoreLeaf* right = SplitLeaf(leaf, kept);
        bool isLeft = path.Index < kept || (path.Index == kept && kept < ScoreLeaf.Capacity);
        if (isLeft) leaf->Insert(path.Index, score, element);
        else right->Insert(path.Index - kept, score, element);
        AddChild(
            ref path, _tree->Height - 1, (nint)leaf, leaf->Count, (nint)right, right->Count, right->Scores[0],
            right->Elements[0]);
    }

    /// <summary>Notes that the element at a place has a new score, with which it stays where it is.</summary>
    public void SetScore(ref ScoreTreePath path, double score)
    {
        path.Leaf->Scores[path.Index] = score;
        if (path.Index == 0) path.NoteFirst(_tree->Height - 1, score, path.Leaf->Elements[0]);
    }

    /// <summary>Whether an element at a place would stay there with another score.</summary>
    public bool StaysInPlace(in ScoreTreePath path, double score, ReadOnlySpan<byte> member)
    {
        ScorePosition here = new(path.Leaf, path.Index);
        ScorePosition previous = here.Previous();
        ScorePosition next = here.Next();
        ElementBoundary boundary = new(score, member, isBehind: false);
        return (previous.IsNone || boundary.Precedes(previous.Score, previous.Element))
            && (next.IsNone || !boundary.Precedes(next.Score, next.Element));
    }

    // Half of a full leaf stays, but where elements come in order the full one is left behind: all or nothing stays.
    private static int KeptBySplit(ScoreLeaf* leaf, int index)
    {
        if (index == ScoreLeaf.Capacity && leaf->Next == null) return ScoreLeaf.Capacity;
        return index == 0 && leaf->Previous == null ? 0 : ScoreLeaf.Capacity / 2;
    }

    private ScoreLeaf* SplitLeaf(ScoreLeaf* leaf, int kept)
    {
        ScoreLeaf* right = ScoreTreeNode.CreateLeaf();
        _tree->NodeCount++;
        right->TakeFrom(leaf, kept);
        right->Previous = leaf;
        right->Next = leaf->Next;
        if (right->Next != null) right->Next->Previous = right;
        else _tree->Last = right;
        leaf->Next = right;
        return right;
    }

    /// <summary>Adds a node on the right of the one that the path takes, which has given it a part of what it held.</summary>
    private void AddChild(
        ref ScoreTreePath path, int level, nint left, long leftCount, nint right, long rightCount, double score, long element)
    {
        if (level < 0)
        {
            AddRoot(left, leftCount, right, rightCount, score, element);
            return;
        }

        ScoreBranch* branch = path.BranchAt(level);
        int index = path.IndexAt(level);
        branch->Counts[index] = leftCount;
        if (branch->Count < ScoreBranch.Capacity)
        {
            branch->Insert(index + 1, score, element, right, rightCount);
            return;
        }

        bool isAtEnd = path.Leaf->Next->Next == null;
        int kept = isAtEnd ? ScoreBranch.Capacity : (ScoreBranch.Capacity / 2) + 1;
        ScoreBranch* added = ScoreTreeNode.CreateBranch();
        _tree->NodeCount++;
        added->TakeFrom(branch, kept);
        if (index + 1 <= kept && !isAtEnd) branch->Insert(index + 1, score, element, right, rightCount);
        else added->Insert(index + 1 - kept, score, element, right, rightCount);
        AddChild(
            ref path, level - 1, (nint)branch, branch->CountBefore(branch->Count), (nint)added,
            added->CountBefore(added->Count), added->Scores[0], added->Elements[0]);
    }

    private void AddRoot(nint left, long leftCount, nint right, long rightCount, double score, long element)
    {
        if (_tree->Height == ScoreTreePath.HeightMax) throw new InvalidOperationException("The tree cannot grow higher.");

        ScoreBranch* root = ScoreTreeNode.CreateBranch();
        root->Insert(0, 0, 0, left, leftCount);
        root->Insert(1, score, element, right, rightCount);
        _tree->Root = (nint)root;
        _tree->Height++;
        _tree->NodeCount++;
    }
}
