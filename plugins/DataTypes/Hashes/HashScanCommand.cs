// HSCAN. A listpack comes in one piece, a table in steps with the promise of the table's scan: a field that is there from the
// first call to the last is reported at least once.

using Valkey.Abstractions;
using Valkey.DataTypes.Shared;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static partial class HashScanCommand
{
    /// <summary>HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES].</summary>
    /// <remarks>Errors: WRONGTYPE, invalid cursor, syntax. Source: https://valkey.io/commands/hscan/</remarks>
    [Command("hscan")]
    public static void HScan(CommandContext ctx)
    {
        if (!ScanCursor.TryParse(ctx.Argument(2), out ulong cursor))
        {
            ctx.Reply.Error("ERR invalid cursor"u8);
            return;
        }

        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;
        if (hash.IsNull)
        {
            ScanReply.Nothing(ctx.Reply);
            return;
        }

        if (!ScanOptions.TryRead(ctx, BareOption.NoValues, out ScanOptions options)) return;
        if (hash.IsListpack) ReplyAll(ctx, hash, in options);
        else ReplyStep(ctx, hash.Table, cursor, in options);
    }

    private static void ReplyAll(CommandContext ctx, HashView hash, in ScanOptions options)
    {
        ScanReply.Cursor(ctx.Reply, 0);
        DeferredLength list = ctx.Reply.BeginDeferred();
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        long replied = 0;
        FieldWalk fields = hash.Walk(long.MinValue);
        while (fields.MoveNext())
        {
            if (!options.Takes(ctx, fields.Name.Text(scratch))) continue;
            FieldReply.Text(ctx.Reply, fields.Name);
            if (!options.IsBare) FieldReply.Text(ctx.Reply, fields.Value);
            replied += options.IsBare ? 1 : 2;
        }

        ctx.Reply.EndArray(list, replied);
    }

    private static void ReplyStep(CommandContext ctx, FieldTable table, ulong cursor, in ScanOptions options)
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
        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        long replied = 0;
        foreach (nint address in ScanFound.Addresses)
        {
            HashField field = new(address);
            if (field.IsExpiredAt(nowUnixMs) || !options.Takes(ctx, field.Name)) continue;
            ctx.Reply.Bulk(field.Name);
            if (!options.IsBare) FieldReply.Text(ctx.Reply, FieldText.ValueOf(field));
            replied += options.IsBare ? 1 : 2;
        }

        ctx.Reply.EndArray(list, replied);
        ScanFound.Trim();
    }
}
