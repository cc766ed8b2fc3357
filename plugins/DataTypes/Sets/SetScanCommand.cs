// SetScanCommand.cs: SSCAN. A compact set comes in one piece, a table in steps with the promise of the table's scan: a member
// that is there from the first call to the last is reported at least once.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static partial class SetScanCommand
{
    private const long CountDefault = 10;

    /// <summary>Buckets visited per member asked for, at most: in a sparse table a call gives up rather than take long.</summary>
    private const long BucketsPerMemberMax = 10;

    /// <summary>The list of one call keeps its room up to here.</summary>
    private const int FoundCapacityMax = 4096;

    private static readonly List<nint> s_found = []; // command thread only

    /// <summary>SSCAN key cursor [MATCH pattern] [COUNT count].</summary>
    /// <remarks>Errors: WRONGTYPE, invalid cursor, syntax. Source: https://valkey.io/commands/sscan/</remarks>
    [Command("sscan")]
    public static void SScan(CommandContext ctx)
    {
        if (!ScanCursor.TryParse(ctx.Argument(2), out ulong cursor))
        {
            ctx.Reply.Error("ERR invalid cursor"u8);
            return;
        }

        if (!SetStore.TryRead(ctx, ctx.Argument(1), out SetValue set)) return;
        if (!set.Exists)
        {
            ReplyCursor(ctx.Reply, 0);
            ctx.Reply.ArrayHeader(0);
            return;
        }

        if (!TryReadOptions(ctx, out int patternIndex, out long count)) return;
        if (set.Encoding == SetEncoding.Table) ReplyStep(ctx, set.Table, cursor, patternIndex, count);
        else ReplyAll(ctx, set, patternIndex);
    }

    private static bool TryReadOptions(CommandContext ctx, out int patternIndex, out long count)
    {
        patternIndex = 0;
        count = CountDefault;
        for (int i = 3; i < ctx.ArgumentCount; i += 2)
        {
            bool hasValue = i + 1 < ctx.ArgumentCount;
            if (hasValue && ctx.ArgumentIs(i, "count"u8))
            {
                if (!ctx.TryInteger(i + 1, out count)) return false;
                if (count < 1) return Refuse(ctx, "ERR syntax error"u8);
            }
            else if (hasValue && ctx.ArgumentIs(i, "match"u8))
            {
                patternIndex = ctx.Argument(i + 1) is [(byte)'*'] ? 0 : i + 1;
            }
            else if (ctx.ArgumentIs(i, "novalues"u8))
            {
                return Refuse(ctx, "ERR NOVALUES option can only be used in HSCAN"u8);
            }
            else if (ctx.ArgumentIs(i, "noscores"u8))
            {
                return Refuse(ctx, "ERR NOSCORES option can only be used in ZSCAN"u8);
            }
            else
            {
                return Refuse(ctx, "ERR syntax error"u8);
            }
        }

        return true;
    }

    private static bool Refuse(CommandContext ctx, ReadOnlySpan<byte> error)
    {
        ctx.Reply.Error(error);
        return false;
    }

    private static void ReplyAll(CommandContext ctx, SetValue set, int patternIndex)
    {
        ReplyCursor(ctx.Reply, 0);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long replied = 0;
        MemberWalk members = new(set, stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext())
        {
            if (patternIndex > 0 && !GlobPattern.Matches(ctx.Argument(patternIndex), members.Text, ignoreCase: false)) continue;
            members.Reply(ctx.Reply);
            replied++;
        }

        ctx.Reply.EndArray(list, replied);
    }

    private static void ReplyStep(
        CommandContext ctx, NativeTable<PackedStringTraits> table, ulong cursor, int patternIndex, long count)
    {
        s_found.Clear();
        Collector collector = default;
        long bucketsLeft = count > long.MaxValue / BucketsPerMemberMax ? long.MaxValue : count * BucketsPerMemberMax;
        do
        {
            cursor = table.Scan(cursor, ref collector);
        }
        while (cursor != 0 && bucketsLeft-- > 0 && s_found.Count < count);

        ReplyCursor(ctx.Reply, cursor);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long replied = 0;
        foreach (nint address in s_found)
        {
            ReadOnlySpan<byte> member = new PackedString(address).Span;
            if (patternIndex > 0 && !GlobPattern.Matches(ctx.Argument(patternIndex), member, ignoreCase: false)) continue;
            ctx.Reply.Bulk(member);
            replied++;
        }

        ctx.Reply.EndArray(list, replied);
        if (s_found.Capacity > FoundCapacityMax) s_found.Capacity = 0; // a huge COUNT is the exception
    }

    private static void ReplyCursor(ReplyWriter reply, ulong cursor)
    {
        Span<byte> digits = stackalloc byte[20];
        cursor.TryFormat(digits, out int length);
        reply.ArrayHeader(2);
        reply.Bulk(digits[..length]);
    }

    private struct Collector : IEntryVisitor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Visit(nint entry) => s_found.Add(entry);
    }
}
