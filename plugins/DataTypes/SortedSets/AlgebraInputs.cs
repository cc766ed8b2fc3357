// The inputs of a union, an intersection or a difference, with what the command's options say about them.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal enum Operation
{
    Union,
    Intersection,
    Difference,
}

/// <summary>How the scores of one member in several inputs become one.</summary>
internal enum Aggregate
{
    Sum,
    Min,
    Max,
}

/// <summary>Which command it is, and what its options said.</summary>
internal struct AlgebraForm
{
    public required Operation Operation;
    public required string Name;
    public bool OnlyCounts;
    public bool MayAskForScores;
    public bool WithScores;
    public Aggregate Aggregate;
    public long Limit;
}

/// <summary>One input; a missing key is one without members.</summary>
internal struct AlgebraInput
{
    public KeyEntry Handle;
    public DataType? Type;
    public double Weight;
    public long Count;

    public readonly ICollectionType Collection => (ICollectionType)Type!;
}

/// <summary>The inputs of the running command. Command thread only; there is one, used by one command after the other.</summary>
internal sealed class AlgebraInputs : IDisposable
{
    private const int CapacityMax = 256; // a command with more is the exception, and its room is given back

    private static readonly AlgebraInputs s_instance = new();

    private AlgebraInput[] _items = new AlgebraInput[16];
    private int _count;

    private AlgebraInputs() { }

    /// <summary>The inputs, in the order in which they are to be taken.</summary>
    public Span<AlgebraInput> Items => _items.AsSpan(0, _count);

    /// <summary>Inputs to be filled.</summary>
    public static AlgebraInputs Rent() => s_instance;

    /// <summary>Forgets what was kept.</summary>
    public void Dispose()
    {
        Items.Clear();
        _count = 0;
        if (_items.Length > CapacityMax) _items = new AlgebraInput[16];
    }

    /// <summary>Reads keys and options and finds the keys; false after replying what is wrong.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="countIndex">The argument that says how many keys follow.</param>
    /// <param name="form">Which command it is; takes what the options say.</param>
    public bool TryParse(CommandContext ctx, int countIndex, ref AlgebraForm form)
    {
        if (!ctx.TryInteger(countIndex, out long given)) return false;

        if (given < 1)
        {
            ctx.Reply.Error($"ERR at least 1 input key is needed for '{form.Name}' command");
            return false;
        }

        if (given > ctx.ArgumentCount - countIndex - 1) return SyntaxError(ctx);

        return TryLookUp(ctx, countIndex + 1, (int)given) && TryReadOptions(ctx, countIndex + 1 + (int)given, ref form);
    }

    /// <summary>Puts the smallest input first. Inputs of one size keep their order.</summary>
    public void SortBySize()
    {
        Span<AlgebraInput> items = Items;
        for (int i = 1; i < items.Length; i++)
        {
            AlgebraInput moving = items[i];
            int place = i;
            for (; place > 0 && items[place - 1].Count > moving.Count; place--) items[place] = items[place - 1];
            items[place] = moving;
        }
    }

    private bool TryLookUp(CommandContext ctx, int firstKey, int keyCount)
    {
        if (keyCount > _items.Length) _items = new AlgebraInput[keyCount];
        _count = keyCount;
        for (int i = 0; i < keyCount; i++)
        {
            ref AlgebraInput input = ref _items[i];
            input = new AlgebraInput { Weight = 1, Handle = ctx.LookupRead(ctx.Argument(firstKey + i)) };
            if (!input.Handle.Exists) continue;

            input.Type = ctx.TypeOf(input.Handle);
            if (input.Type is not ICollectionType { Kind: CollectionKind.Set or CollectionKind.SortedSet })
            {
                ctx.Reply.Error("WRONGTYPE Operation against a key holding the wrong kind of value"u8);
                return false;
            }

            input.Count = input.Type.ElementCount(ctx.ValueOf(input.Handle));
        }

        return true;
    }

    private bool TryReadOptions(CommandContext ctx, int index, ref AlgebraForm form)
    {
        bool mayWeigh = form.Operation != Operation.Difference && !form.OnlyCounts;
        while (index < ctx.ArgumentCount)
        {
            int left = ctx.ArgumentCount - index;
            if (mayWeigh && left > _count && ctx.ArgumentIs(index, "weights"u8))
            {
                if (!TryReadWeights(ctx, index + 1)) return false;
                index += _count + 1;
            }
            else if (mayWeigh && left >= 2 && ctx.ArgumentIs(index, "aggregate"u8))
            {
                if (!TryReadAggregate(ctx, index + 1, out form.Aggregate)) return SyntaxError(ctx);
                index += 2;
            }
            else if (form.MayAskForScores && ctx.ArgumentIs(index, "withscores"u8))
            {
                form.WithScores = true;
                index++;
            }
            else if (form.OnlyCounts && left >= 2 && ctx.ArgumentIs(index, "limit"u8))
            {
                const string Negative = "ERR LIMIT can't be negative";
                if (!ctx.TryIntegerInRange(index + 1, 0, long.MaxValue, out form.Limit, Negative)) return false;
                index += 2;
            }
            else
            {
                return SyntaxError(ctx);
            }
        }

        return true;
    }

    private bool TryReadWeights(CommandContext ctx, int index)
    {
        for (int i = 0; i < _count; i++)
        {
            if (DoubleText.TryParse(ctx.Argument(index + i), out _items[i].Weight)) continue;

            ctx.Reply.Error("ERR weight value is not a float"u8);
            return false;
        }

        return true;
    }

    private static bool TryReadAggregate(CommandContext ctx, int index, out Aggregate aggregate)
    {
        aggregate = Aggregate.Sum;
        if (ctx.ArgumentIs(index, "sum"u8)) return true;

        aggregate = Aggregate.Min;
        if (ctx.ArgumentIs(index, "min"u8)) return true;

        aggregate = Aggregate.Max;
        return ctx.ArgumentIs(index, "max"u8);
    }

    private static bool SyntaxError(CommandContext ctx)
    {
        ctx.Reply.SyntaxError();
        return false;
    }
}
