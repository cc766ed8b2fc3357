// KEYS and SCAN: names of keys by pattern, all at once or in steps.
// SCAN's promise is the table's: a key that is there from the first call to the last is reported at least once.

using System.Runtime.CompilerServices;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal static partial class ScanCommands
{
    private const long CountDefault = 10;

    /// <summary>Buckets visited per key asked for, at most: in a sparse table a call gives up rather than take long.</summary>
    private const long BucketsPerKeyMax = 10;

    private static readonly List<nint> s_found = []; // command thread only

    /// <summary>KEYS pattern.</summary>
    [Command("keys")]
    public static void Keys(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        ReadOnlySpan<byte> pattern = ctx.Argument(1);
        bool takesAll = pattern is [(byte)'*'];
        DeferredLength list = ctx.Reply.BeginDeferred();
        long count = 0;
        foreach (nint address in context.Database.Keys)
        {
            Entry entry = new(address);
            if (!takesAll && !GlobPattern.Matches(pattern, entry.Key, ignoreCase: false)) continue;
            if (context.Server.Lookup.IsExpired(entry)) continue;
            ctx.Reply.Bulk(entry.Key);
            count++;
        }

        ctx.Reply.EndArray(list, count);
    }

    /// <summary>SCAN cursor [MATCH pattern] [COUNT count] [TYPE type].</summary>
    [Command("scan")]
    public static void Scan(CommandContext ctx)
    {
        if (!ScanCursor.TryParse(ctx.Argument(1), out ulong cursor))
        {
            ctx.Reply.Error("ERR invalid cursor"u8);
            return;
        }

        if (!TryReadOptions(HostContext.Of(ctx), out int patternIndex, out long count, out byte typeId)) return;
        cursor = Collect(HostContext.Of(ctx), cursor, patternIndex, count, typeId);
        ReplyFound(HostContext.Of(ctx), cursor);
    }

    private static bool TryReadOptions(HostContext context, out int patternIndex, out long count, out byte typeId)
    {
        patternIndex = 0;
        count = CountDefault;
        typeId = 0;
        for (int i = 2; i < context.ArgumentCount; i += 2)
        {
            bool hasValue = i + 1 < context.ArgumentCount;
            if (hasValue && context.ArgumentIs(i, "count"u8))
            {
                if (!context.TryInteger(i + 1, out count)) return false;
                if (count < 1) return SyntaxError(context);
            }
            else if (hasValue && context.ArgumentIs(i, "match"u8))
            {
                patternIndex = context.Argument(i + 1) is [(byte)'*'] ? 0 : i + 1;
            }
            else if (hasValue && context.ArgumentIs(i, "type"u8))
            {
                if (!TryReadType(context, i + 1, out typeId)) return false;
            }
            else
            {
                return RefuseOption(context, i);
            }
        }

        return true;
    }

    private static bool TryReadType(HostContext context, int index, out byte typeId)
    {
        string name = Encoding.UTF8.GetString(context.Argument(index));
        DataType? type = context.Server.DataTypes.Find(name) ?? context.Server.DataTypes.Find(name.ToLowerInvariant());
        typeId = type?.Id ?? 0;
        if (type is null) context.Reply.Error($"ERR unknown type name '{name}'");
        return type is not null;
    }

    private static bool RefuseOption(HostContext context, int index)
    {
        if (context.ArgumentIs(index, "novalues"u8)) context.Reply.Error("ERR NOVALUES option can only be used in HSCAN"u8);
        else if (context.ArgumentIs(index, "noscores"u8)) context.Reply.Error("ERR NOSCORES option can only be used in ZSCAN"u8);
        else context.Reply.SyntaxError();
        return false;
    }

    private static bool SyntaxError(HostContext context)
    {
        context.Reply.SyntaxError();
        return false;
    }

    /// <summary>Visits whole buckets until enough keys were looked at; the keys that fit are in the list then.</summary>
    private static unsafe ulong Collect(HostContext context, ulong cursor, int patternIndex, long count, byte typeId)
    {
        s_found.Clear();
        ReadOnlySpan<byte> pattern = patternIndex > 0 ? context.Argument(patternIndex) : default;
        fixed (byte* start = pattern)
        {
            Filter filter = new() { Pattern = start, PatternLength = pattern.Length, UsesPattern = patternIndex > 0, TypeId = typeId };
            long bucketsLeft = count > long.MaxValue / BucketsPerKeyMax ? long.MaxValue : count * BucketsPerKeyMax;
            do
            {
                cursor = context.Database.Keys.Scan(cursor, ref filter);
            }
            while (cursor != 0 && bucketsLeft-- > 0 && filter.SampledCount < count);
        }

        return cursor;
    }

    private static void ReplyFound(HostContext context, ulong cursor)
    {
        // The expired keys met on the way have nothing to do with each other.
        if (!context.CurrentClient.DeniesBlocking) context.Server.Propagation.DoNotFrame();
        Span<byte> digits = stackalloc byte[20];
        cursor.TryFormat(digits, out int length);
        context.Reply.ArrayHeader(2);
        context.Reply.Bulk(digits[..length]);
        DeferredLength list = context.Reply.BeginDeferred();
        long replied = 0;
        foreach (nint address in s_found)
        {
            Entry entry = new(address);
            bool mayBeOver = entry.HasExpiry;
            if (mayBeOver && context.Server.Lookup.FindAlive(context.Database, entry.Key, KeyHash.Of(entry.Key)).IsNull) continue;
            context.Reply.Bulk(entry.Key);
            replied++;
        }

        context.Reply.EndArray(list, replied);
        if (s_found.Capacity > 4096) s_found.Capacity = 0; // a huge COUNT is the exception
    }

    /// <summary>Takes what fits the pattern and the type.</summary>
    private unsafe struct Filter : IEntryVisitor
    {
        public byte* Pattern;
        public int PatternLength;
        public bool UsesPattern;
        public byte TypeId;
        public long SampledCount;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Visit(nint entry)
        {
            SampledCount++;
            Entry candidate = new(entry);
            if (TypeId != 0 && candidate.TypeId != TypeId) return;
            if (UsesPattern && !GlobPattern.Matches(new ReadOnlySpan<byte>(Pattern, PatternLength), candidate.Key, false)) return;
            s_found.Add(entry);
        }
    }
}
