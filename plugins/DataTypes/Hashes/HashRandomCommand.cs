// HRANDFIELD. Without a count one field; with a positive count that many different ones, or all; with a negative count that many
// draws, where a field may come again. Every field, and every choice of different fields, is equally likely.
// A field whose time is over is drawn again, a limited number of times: where nearly all are over there may be fewer.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using System.Security.Cryptography;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static partial class HashRandomCommand
{
    private const int DrawsMax = 100;

    // From here on it is quicker to pass over all fields once than to draw until enough different ones came.
    private const long PassFactor = 3;

    // Positions of so many fields are kept on the stack, for draws from a listpack.
    private const int PositionsMax = 512;

    private static ulong s_rngState = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>HRANDFIELD key [count [WITHVALUES]]: replies random fields.</summary>
    /// <remarks>Errors: WRONGTYPE, the count is no number, syntax. Source: https://valkey.io/commands/hrandfield/</remarks>
    [Command("hrandfield")]
    public static void HRandField(CommandContext ctx)
    {
        if (ctx.ArgumentCount == 2)
        {
            ReplyOne(ctx);
            return;
        }

        if (!ctx.TryIntegerInRange(2, -long.MaxValue, long.MaxValue, out long count)) return;
        bool withValues = ctx.ArgumentCount == 4 && ctx.ArgumentIs(3, "withvalues"u8);
        if (ctx.ArgumentCount > 3 && !withValues)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        if (withValues && count is < -(long.MaxValue / 2) or > long.MaxValue / 2)
        {
            ctx.Reply.Error("ERR value is out of range"u8);
            return;
        }

        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;
        if (hash.IsNull || count == 0) ctx.Reply.ArrayHeader(0);
        else ReplySeveral(ctx, hash, count, withValues);
    }

    private static void ReplyOne(CommandContext ctx)
    {
        if (!HashStore.TryRead(ctx, ctx.Argument(1), out HashView hash)) return;
        if (hash.IsNull)
        {
            ctx.Reply.Null();
        }
        else if (hash.IsListpack)
        {
            Listpack listpack = hash.Listpack;
            int position = listpack.Seek(2 * SplitMix64.Below(ref s_rngState, hash.Count));
            FieldReply.Text(ctx.Reply, new FieldText(listpack.At(position)));
        }
        else if (TryDraw(hash.Table, ctx.ItemExpiryNowUnixMs, out HashField field))
        {
            ctx.Reply.Bulk(field.Name);
        }
        else
        {
            ctx.Reply.Null();
        }
    }

    private static void ReplySeveral(CommandContext ctx, HashView hash, long count, bool withValues)
    {
        Sink sink = new(ctx.Reply, withValues);
        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        DeferredLength header = ctx.Reply.BeginDeferred();
        if (count is < 0 or 1) Draw(ctx, ref sink, hash, Math.Abs(count));
        else if (count >= hash.Count) Pass(ref sink, hash, long.MaxValue, long.MaxValue, nowUnixMs);
        else if (hash.IsListpack) Pass(ref sink, hash, count, hash.Count, nowUnixMs);
        else if (count > hash.Count / PassFactor) Pass(ref sink, hash, count, CountLiving(hash, nowUnixMs), nowUnixMs);
        else DrawDifferent(ref sink, hash.Table, count, nowUnixMs);

        bool isFlat = withValues && ctx.Reply.ProtocolVersion == 2;
        ctx.Reply.EndArray(header, isFlat ? sink.Count * 2 : sink.Count);
    }

    private static bool TryDraw(FieldTable table, long nowUnixMs, out HashField field)
    {
        for (int i = 0; i < DrawsMax; i++)
        {
            field = table.Random(ref s_rngState);
            if (!field.IsExpiredAt(nowUnixMs)) return true;
        }

        field = default;
        return false;
    }

    private static void Draw(CommandContext ctx, ref Sink sink, HashView hash, long count)
    {
        if (hash.IsListpack)
        {
            DrawFromListpack(ctx, ref sink, hash.Listpack, count);
            return;
        }

        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        for (; count > 0 && !ctx.IsReplyFutileAfter(count) && TryDraw(hash.Table, nowUnixMs, out HashField field); count--)
        {
            sink.Add(new FieldText(field.Name), FieldText.ValueOf(field));
        }
    }

    // One pass finds where all names are; each draw is one step then. A longer listpack is walked for each draw.
    private static void DrawFromListpack(CommandContext ctx, ref Sink sink, Listpack listpack, long count)
    {
        Span<int> positions = stackalloc int[PositionsMax];
        long fieldCount = listpack.Count / 2;
        bool isShort = fieldCount <= PositionsMax && count > 1;
        if (isShort)
        {
            int found = 0;
            for (int name = listpack.First; name >= 0; name = listpack.Next(listpack.Next(name))) positions[found++] = name;
        }

        for (; count > 0 && !ctx.IsReplyFutileAfter(count); count--)
        {
            long number = SplitMix64.Below(ref s_rngState, fieldCount);
            int name = isShort ? positions[(int)number] : listpack.Seek(number * 2);
            sink.Add(new FieldText(listpack.At(name)), new FieldText(listpack.At(listpack.Next(name))));
        }
    }

    private static long CountLiving(HashView hash, long nowUnixMs)
    {
        if (!hash.HasExpiring) return hash.Count;

        long count = 0;
        FieldWalk fields = hash.Walk(nowUnixMs);
        while (fields.MoveNext()) count++;
        return count;
    }

    // Of the fields that are left, each is taken with the same probability.
    private static void Pass(ref Sink sink, HashView hash, long wantedCount, long unseenCount, long nowUnixMs)
    {
        FieldWalk fields = hash.Walk(nowUnixMs);
        while (wantedCount > 0 && fields.MoveNext())
        {
            if (SplitMix64.Below(ref s_rngState, unseenCount--) >= wantedCount) continue;

            wantedCount--;
            sink.Add(fields.Name, fields.Value);
        }
    }

    // The second table holds the fields of the first one: only the table itself is freed.
    private static void DrawDifferent(ref Sink sink, FieldTable table, long count, long nowUnixMs)
    {
        NativeTable<HashFieldTraits> drawn = NativeTable<HashFieldTraits>.Create();
        while (drawn.Count < count && TryDraw(table, nowUnixMs, out HashField field))
        {
            ulong hash = KeyHash.Of(field.Name);
            if (drawn.Find(field.Name, hash) != 0) continue;

            drawn.Insert(field.Address, hash);
            sink.Add(new FieldText(field.Name), FieldText.ValueOf(field));
        }

        drawn.Free();
    }

    /// <summary>Replies fields, with their values where wanted: in RESP3 as pairs.</summary>
    private ref struct Sink(ReplyWriter reply, bool withValues)
    {
        public long Count;

        public void Add(FieldText name, FieldText value)
        {
            Count++;
            if (withValues && reply.ProtocolVersion > 2) reply.ArrayHeader(2);
            FieldReply.Text(reply, name);
            if (withValues) FieldReply.Text(reply, value);
        }
    }
}
