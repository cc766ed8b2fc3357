// The way from the root of a sorted set's tree to a place in a leaf: one branch and the child taken in it per level, from
// the root (level 0) down, then the leaf and the index in it. Lives on the stack of one operation.

namespace Valkey.Structures;

internal unsafe struct ScoreTreePath
{
    // A branch splits when it has 31 children, and keeps at least eight or so on the average: 8^16 leaves are out of reach.
    public const int HeightMax = 16;

    private fixed long _branches[HeightMax];
    private fixed int _indexes[HeightMax];

    public ScoreLeaf* Leaf;
    public int Index;

    public readonly ScoreBranch* BranchAt(int level) => (ScoreBranch*)_branches[level];

    public readonly int IndexAt(int level) => _indexes[level];

    public void Set(int level, ScoreBranch* branch, int index)
    {
        _branches[level] = (nint)branch;
        _indexes[level] = index;
    }

    /// <summary>How many elements of the tree are before the place.</summary>
    public readonly long Rank(int height)
    {
        long rank = Index;
        for (int level = 0; level < height; level++) rank += BranchAt(level)->CountBefore(IndexAt(level));
        return rank;
    }

    /// <summary>Notes in every branch on the way that there are more or fewer elements below.</summary>
    public readonly void AddToCounts(int height, long change)
    {
        for (int level = 0; level < height; level++) BranchAt(level)->Counts[IndexAt(level)] += change;
    }

    /// <summary>What lies below the child at a level begins with another element from now on.</summary>
    public readonly void NoteFirst(int level, double score, long element)
    {
        for (; level >= 0; level--)
        {
            if (IndexAt(level) == 0) continue;

            BranchAt(level)->Scores[IndexAt(level)] = score;
            BranchAt(level)->Elements[IndexAt(level)] = element;
            return;
        }
    }
}
