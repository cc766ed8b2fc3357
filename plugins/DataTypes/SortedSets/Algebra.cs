// How unions, intersections and differences are computed. Inputs are read through what their types show of themselves, so
// that sets, which are another plugin's, take part.
// Holds always: no score of a result is NaN: where the arithmetic gives none, it is 0.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal static class Algebra
{
    /// <summary>The result of an operation, a value of the caller's.</summary>
    public static SortedSetValue Compute(CommandContext ctx, AlgebraInputs inputs, in AlgebraForm form)
    {
        ScoredSet result = ScoredSet.Create();
        if (form.Operation == Operation.Difference)
        {
            Difference(ctx, inputs, result);
        }
        else
        {
            inputs.SortBySize();
            if (form.Operation == Operation.Union) Union(ctx, inputs, result, form.Aggregate);
            else Intersection(ctx, inputs, result, form.Aggregate);
        }

        return new SortedSetValue(SortedSetEncoding.Skiplist, result.Address);
    }

    /// <summary>How many members all inputs have; counting stops at the limit, unless that is 0.</summary>
    public static long CountIntersection(CommandContext ctx, AlgebraInputs inputs, long limit)
    {
        inputs.SortBySize();
        IntersectionVisitor visitor = IntersectionVisitor.Instance;
        visitor.Begin(ctx, inputs, default, Aggregate.Sum, limit);
        Show(ctx, inputs.Items[0], visitor);
        visitor.End();
        return visitor.Count;
    }

    /// <summary>Puts two scores of one member together.</summary>
    public static double Join(double left, double right, Aggregate aggregate)
    {
        switch (aggregate)
        {
            case Aggregate.Min: return right < left ? right : left;
            case Aggregate.Max: return right > left ? right : left;
            default:
                double sum = left + right;
                return double.IsNaN(sum) ? 0 : sum; // of infinities of both signs
        }
    }

    /// <summary>A score with its input's weight.</summary>
    public static double Weigh(double score, double weight)
    {
        double weighed = weight * score;
        return double.IsNaN(weighed) ? 0 : weighed;
    }

    /// <summary>Whether an input has a member, and its score there.</summary>
    public static bool TryFind(CommandContext ctx, in AlgebraInput input, ReadOnlySpan<byte> member, out double score)
    {
        score = 0;
        return input.Handle.Exists && input.Collection.TryFind(ctx.ValueOf(input.Handle), member, out score);
    }

    private static void Union(CommandContext ctx, AlgebraInputs inputs, ScoredSet result, Aggregate aggregate)
    {
        result.Reserve(inputs.Items[^1].Count);
        UnionVisitor visitor = UnionVisitor.Instance;
        foreach (ref AlgebraInput input in inputs.Items)
        {
            visitor.Begin(result, aggregate, input.Weight);
            Show(ctx, input, visitor);
        }
    }

    private static void Intersection(CommandContext ctx, AlgebraInputs inputs, ScoredSet result, Aggregate aggregate)
    {
        IntersectionVisitor visitor = IntersectionVisitor.Instance;
        visitor.Begin(ctx, inputs, result, aggregate, limit: 0);
        Show(ctx, inputs.Items[0], visitor);
        visitor.End();
    }

    // Either every member of the first input is looked for in all others, or all members of the others are taken out of the
    // first. Which is less work depends on the sizes; looking is given some advantage, since it may end early.
    private static void Difference(CommandContext ctx, AlgebraInputs inputs, ScoredSet result)
    {
        Span<AlgebraInput> items = inputs.Items;
        if (items[0].Count == 0) return;

        long lookWork = items[0].Count * items.Length / 2;
        long removeWork = 0;
        foreach (ref AlgebraInput input in items) removeWork += input.Count;

        DifferenceVisitor visitor = DifferenceVisitor.Instance;
        bool isLooking = lookWork <= removeWork;
        visitor.Begin(ctx, isLooking ? inputs : null, result, isRemoving: false);
        Show(ctx, items[0], visitor);
        for (int i = 1; i < items.Length && !isLooking && result.Count > 0; i++)
        {
            visitor.Begin(ctx, null, result, isRemoving: true);
            Show(ctx, items[i], visitor);
        }

        visitor.End();
    }

    private static void Show(CommandContext ctx, in AlgebraInput input, IElementVisitor visitor)
    {
        if (input.Count > 0) input.Collection.ForEach(ctx.ValueOf(input.Handle), visitor);
    }
}

/// <summary>Adds members to a result; those that are there get both scores put together.</summary>
internal sealed class UnionVisitor : IElementVisitor
{
    public static readonly UnionVisitor Instance = new();

    private ScoredSet _result;
    private Aggregate _aggregate;
    private double _weight;

    public void Begin(ScoredSet result, Aggregate aggregate, double weight)
    {
        _result = result;
        _aggregate = aggregate;
        _weight = weight;
    }

    public bool Visit(ReadOnlySpan<byte> element, double score)
    {
        double weighed = Algebra.Weigh(score, _weight);
        ulong hash = KeyHash.Of(element);
        ScoredElement existing = _result.Find(element, hash);
        if (existing.IsNull)
        {
            _result.Insert(weighed, element, hash);
            return true;
        }

        double joined = Algebra.Join(existing.Score, weighed, _aggregate);
        if (!joined.Equals(existing.Score) || joined == 0) _result.SetScore(existing, joined); // zeros differ by sign
        return true;
    }
}

/// <summary>Is shown the smallest input, and adds to a result, or counts, what all others have too.</summary>
internal sealed class IntersectionVisitor : IElementVisitor
{
    public static readonly IntersectionVisitor Instance = new();

    private CommandContext? _ctx;
    private AlgebraInputs? _inputs;
    private ScoredSet _result;
    private Aggregate _aggregate;
    private long _limit;

    public long Count { get; private set; }

    public void Begin(CommandContext ctx, AlgebraInputs inputs, ScoredSet result, Aggregate aggregate, long limit)
    {
        _ctx = ctx;
        _inputs = inputs;
        _result = result;
        _aggregate = aggregate;
        _limit = limit;
        Count = 0;
    }

    public void End()
    {
        _ctx = null;
        _inputs = null;
    }

    public bool Visit(ReadOnlySpan<byte> element, double score)
    {
        Span<AlgebraInput> items = _inputs!.Items;
        double joined = Algebra.Weigh(score, items[0].Weight);
        for (int i = 1; i < items.Length; i++)
        {
            if (!Algebra.TryFind(_ctx!, items[i], element, out double other)) return true;
            joined = Algebra.Join(joined, other * items[i].Weight, _aggregate);
        }

        Count++;
        if (!_result.IsNull) _result.Insert(double.IsNaN(joined) ? 0 : joined, element, KeyHash.Of(element));
        return Count != _limit;
    }
}

/// <summary>Adds to a result what the other inputs do not have, or removes what is shown from it.</summary>
internal sealed class DifferenceVisitor : IElementVisitor
{
    public static readonly DifferenceVisitor Instance = new();

    private CommandContext? _ctx;
    private AlgebraInputs? _inputs;
    private ScoredSet _result;
    private bool _isRemoving;

    /// <summary>Begins with one input.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="inputs">The inputs, of which all but the first must not have a member; null to take all.</param>
    /// <param name="result">What is added to, or removed from.</param>
    /// <param name="isRemoving">Whether members are removed.</param>
    public void Begin(CommandContext ctx, AlgebraInputs? inputs, ScoredSet result, bool isRemoving)
    {
        _ctx = ctx;
        _inputs = inputs;
        _result = result;
        _isRemoving = isRemoving;
    }

    public void End()
    {
        _ctx = null;
        _inputs = null;
    }

    public bool Visit(ReadOnlySpan<byte> element, double score)
    {
        ulong hash = KeyHash.Of(element);
        if (_isRemoving)
        {
            _result.Remove(element, hash);
            return _result.Count > 0;
        }

        for (int i = 1; _inputs is not null && i < _inputs.Items.Length; i++)
        {
            if (Algebra.TryFind(_ctx!, _inputs.Items[i], element, out _)) return true;
        }

        _result.Insert(score, element, hash);
        return true;
    }
}
