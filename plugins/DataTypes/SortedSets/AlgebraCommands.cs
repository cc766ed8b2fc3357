// Unions, intersections and differences of sorted sets and sets, replied, stored or counted. In a set every score is 1.
// Handlers run on the command thread: no lock, no await. The inputs of the running command and what looks at their members
// are kept in one place and used again, so nothing is allocated per command.

using Valkey.Abstractions;

namespace Valkey.SortedSets;

internal static partial class AlgebraCommands
{
    /// <summary>ZUNION numkeys key [key ...] [WEIGHTS weight ...] [AGGREGATE SUM|MIN|MAX] [WITHSCORES].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/zunion/</remarks>
    [Command("zunion")]
    public static void ZUnion(CommandContext ctx) => Reply(ctx, Operation.Union, "zunion");

    /// <summary>ZINTER numkeys key [key ...] [WEIGHTS weight ...] [AGGREGATE SUM|MIN|MAX] [WITHSCORES].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/zinter/</remarks>
    [Command("zinter")]
    public static void ZInter(CommandContext ctx) => Reply(ctx, Operation.Intersection, "zinter");

    /// <summary>ZDIFF numkeys key [key ...] [WITHSCORES].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/zdiff/</remarks>
    [Command("zdiff")]
    public static void ZDiff(CommandContext ctx) => Reply(ctx, Operation.Difference, "zdiff");

    /// <summary>ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight ...] [AGGREGATE SUM|MIN|MAX].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/zunionstore/</remarks>
    [Command("zunionstore")]
    public static void ZUnionStore(CommandContext ctx) => Store(ctx, Operation.Union, "zunionstore", "zunionstore"u8);

    /// <summary>ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight ...] [AGGREGATE SUM|MIN|MAX].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/zinterstore/</remarks>
    [Command("zinterstore")]
    public static void ZInterStore(CommandContext ctx) => Store(ctx, Operation.Intersection, "zinterstore", "zinterstore"u8);

    /// <summary>ZDIFFSTORE destination numkeys key [key ...].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax. Source: https://valkey.io/commands/zdiffstore/</remarks>
    [Command("zdiffstore")]
    public static void ZDiffStore(CommandContext ctx) => Store(ctx, Operation.Difference, "zdiffstore", "zdiffstore"u8);

    /// <summary>ZINTERCARD numkeys key [key ...] [LIMIT limit]: replies how many members all have.</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, a negative limit. Source: https://valkey.io/commands/zintercard/</remarks>
    [Command("zintercard")]
    public static void ZInterCard(CommandContext ctx)
    {
        AlgebraForm form = new() { Operation = Operation.Intersection, OnlyCounts = true, Name = "zintercard" };
        using AlgebraInputs inputs = AlgebraInputs.Rent();
        if (inputs.TryParse(ctx, 1, ref form)) ctx.Reply.Integer(Algebra.CountIntersection(ctx, inputs, form.Limit));
    }

    private static void Reply(CommandContext ctx, Operation operation, string name)
    {
        AlgebraForm form = new() { Operation = operation, MayAskForScores = true, Name = name };
        using AlgebraInputs inputs = AlgebraInputs.Rent();
        if (!inputs.TryParse(ctx, 1, ref form)) return;

        SortedSetValue result = Algebra.Compute(ctx, inputs, form);
        ElementReply reply = new(ctx.Reply, result.Count, form.WithScores);
        for (SortedSetCursor cursor = result.At(0); !cursor.IsNone; cursor.MoveNext()) reply.Write(cursor);
        result.Free();
    }

    private static void Store(CommandContext ctx, Operation operation, string name, ReadOnlySpan<byte> eventName)
    {
        AlgebraForm form = new() { Operation = operation, Name = name };
        using AlgebraInputs inputs = AlgebraInputs.Rent();
        if (!inputs.TryParse(ctx, 2, ref form)) return;

        SortedSetValue result = Algebra.Compute(ctx, inputs, form);
        result.CompactIfSmall();
        SortedSetStore.StoreResult(ctx, ctx.Argument(1), result, eventName);
    }
}
