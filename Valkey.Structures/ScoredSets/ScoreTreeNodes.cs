// The nodes of the tree that orders a large sorted set: of one size, which is just below one of the allocator's.
//
// A leaf holds up to 62 elements: their scores side by side, then their addresses, so that a search reads scores only and
// looks at an element when scores are equal. Leaves are chained in both directions.
// A branch holds up to 31 children: for each the first element below it (score and address) and how many are below it,
// which is what makes ranks cheap. The first element of child 0 is not kept: no search asks for it.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Valkey.Structures;

[StructLayout(LayoutKind.Sequential, Size = ScoreTreeNode.SizeBytes)]
internal unsafe struct ScoreLeaf
{
    public const int Capacity = 62;

    public int Count;
    public ScoreLeaf* Previous;
    public ScoreLeaf* Next;
    public fixed double Scores[Capacity];
    public fixed long Elements[Capacity];

    public readonly ScoredElement ElementAt(int index) => new((nint)Elements[index]);

    /// <summary>How many elements precede the boundary.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int IndexOf<TBoundary>(in TBoundary boundary)
        where TBoundary : struct, IScoreBoundary, allows ref struct
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (boundary.Precedes(Scores[middle], ElementAt(middle))) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public void Insert(int index, double score, ScoredElement element)
    {
        fixed (double* scores = Scores)
        fixed (long* elements = Elements)
        {
            ScoreTreeNode.Move(scores + index, scores + index + 1, Count - index);
            ScoreTreeNode.Move(elements + index, elements + index + 1, Count - index);
        }

        Scores[index] = score;
        Elements[index] = element.Address;
        Count++;
    }

    public void Remove(int index, int count)
    {
        fixed (double* scores = Scores)
        fixed (long* elements = Elements)
        {
            ScoreTreeNode.Move(scores + index + count, scores + index, Count - index - count);
            ScoreTreeNode.Move(elements + index + count, elements + index, Count - index - count);
        }

        Count -= count;
    }

    /// <summary>Appends what another leaf holds from an index on; the other one keeps what is before.</summary>
    public void TakeFrom(ScoreLeaf* source, int start)
    {
        int count = source->Count - start;
        fixed (double* scores = Scores)
        fixed (long* elements = Elements)
        {
            ScoreTreeNode.Move(source->Scores + start, scores + Count, count);
            ScoreTreeNode.Move(source->Elements + start, elements + Count, count);
        }

        Count += count;
        source->Count = start;
    }
}

[StructLayout(LayoutKind.Sequential, Size = ScoreTreeNode.SizeBytes)]
internal unsafe struct ScoreBranch
{
    public const int Capacity = 31;

    public int Count;
    public fixed double Scores[Capacity];
    public fixed long Elements[Capacity];
    public fixed long Children[Capacity];
    public fixed long Counts[Capacity];

    /// <summary>Which child holds the place of the boundary.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int ChildOf<TBoundary>(in TBoundary boundary)
        where TBoundary : struct, IScoreBoundary, allows ref struct
    {
        int low = 1;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (boundary.Precedes(Scores[middle], new ScoredElement((nint)Elements[middle]))) low = middle + 1;
            else high = middle;
        }

        return low - 1;
    }

    /// <summary>Which child holds the element of this rank; the rank becomes the one inside of the child.</summary>
    public readonly int ChildOfRank(ref long rank)
    {
        int index = 0;
        while (index < Count - 1 && rank >= Counts[index]) rank -= Counts[index++];
        return index;
    }

    /// <summary>Elements below the children before this one.</summary>
    public readonly long CountBefore(int index)
    {
        long sum = 0;
        for (int i = 0; i < index; i++) sum += Counts[i];
        return sum;
    }

    public void Insert(int index, double score, long element, nint child, long count)
    {
        for (int i = Count; i > index; i--)
        {
            Scores[i] = Scores[i - 1];
            Elements[i] = Elements[i - 1];
            Children[i] = Children[i - 1];
            Counts[i] = Counts[i - 1];
        }

        Scores[index] = score;
        Elements[index] = element;
        Children[index] = child;
        Counts[index] = count;
        Count++;
    }

    public void Remove(int index)
    {
        Count--;
        for (int i = index; i < Count; i++)
        {
            Scores[i] = Scores[i + 1];
            Elements[i] = Elements[i + 1];
            Children[i] = Children[i + 1];
            Counts[i] = Counts[i + 1];
        }
    }

    /// <summary>Appends what another branch holds from an index on; the other one keeps what is before.</summary>
    public void TakeFrom(ScoreBranch* source, int start)
    {
        int end = source->Count;
        for (int i = start; i < end; i++)
        {
            Insert(Count, source->Scores[i], source->Elements[i], (nint)source->Children[i], source->Counts[i]);
        }

        source->Count = start;
    }
}

/// <summary>What leaves and branches have in common.</summary>
internal static unsafe class ScoreTreeNode
{
    public const int SizeBytes = 1016;

    private const int LineBytes = 64;
    private const int PrefetchedLines = 8; // a leaf's scores: they are searched by halves, and eight misses in a row are slow

    public static int CountOf(nint node) => *(int*)node;

    public static ScoreLeaf* CreateLeaf()
    {
        ScoreLeaf* leaf = (ScoreLeaf*)NativeHeap.Allocate(SizeBytes);
        leaf->Count = 0;
        leaf->Previous = null;
        leaf->Next = null;
        return leaf;
    }

    public static ScoreBranch* CreateBranch()
    {
        ScoreBranch* branch = (ScoreBranch*)NativeHeap.Allocate(SizeBytes);
        branch->Count = 0;
        return branch;
    }

    public static void Free(nint node) => NativeHeap.Free(node, SizeBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(nint node)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < PrefetchedLines; i++) Sse.Prefetch0((byte*)node + (i * LineBytes));
    }

    public static void Move<T>(T* source, T* target, int count)
        where T : unmanaged => new Span<T>(source, count).CopyTo(new Span<T>(target, count));
}
