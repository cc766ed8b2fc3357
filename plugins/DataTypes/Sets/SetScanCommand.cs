// SetScanCommand.cs: SSCAN. A compact set comes in one piece, a table in steps with the promise of the table's scan: a member
// that is there from the first call to the last is reported at least once.

using Valkey.Abstractions;
using Valkey.DataTypes.Shared;
using Valkey.Structures;

namespace Valkey.Sets;

internal static partial class SetScanCommand
{
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
            ScanReply.Nothing(ctx.Reply);
            return;
        }

        if (!ScanOptions.TryRead(ctx, BareOption.None, out ScanOptions options)) return;
        if (set.Encoding == SetEncoding.Table) ReplyStep(ctx, set.Table, cursor, in options);
        else ReplyAll(ctx, set, in options);
    }

    private static void ReplyAll(CommandContext ctx, SetValue set, in ScanOptions options)
    {
        ScanReply.Cursor(ctx.Reply, 0);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long replied = 0;
        MemberWalk members = new(set, stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext())
        {
            if (!options.Takes(ctx, members.Text)) continue;
            members.Reply(ctx.Reply);
            replied++;
        }

        ctx.Reply.EndArray(list, replied);
    }

    private static void ReplyStep(
        CommandContext ctx, NativeTable<PackedStringTraits> table, ulong cursor, in ScanOptions options)
    {
        ScanFound.Clear();
        ScanFound.Collector collector = default;
        long bucketsLeft = options.BucketCountMax;
        do
        {
            cursor = table.Scan(cursor, ref collector);
        }
        while (cursor != 0 && bucketsLeft-- > 0 && ScanFound.Addresses.Count < options.Count);

        ScanReply.Cursor(ctx.Reply, cursor);
        DeferredLength list = ctx.Reply.BeginDeferred();
        long replied = 0;
        foreach (nint address in ScanFound.Addresses)
        {
            ReadOnlySpan<byte> member = new PackedString(address).Span;
            if (!options.Takes(ctx, member)) continue;
            ctx.Reply.Bulk(member);
            replied++;
        }

        ctx.Reply.EndArray(list, replied);
        ScanFound.Trim();
    }
}
