// What clients do with counter maps. Each handler reads downwards: arguments, key, work, what changed, one reply.
// Holds always: an empty map is no key; the command that removes the last field removes the key.

using Valkey.Abstractions;

namespace Valkey.Samples.CounterMap;

internal static partial class CounterMapCommands
{
    /// <summary>CMAP.INCRBY key field increment: replies the counter's new value. A missing counter is 0.</summary>
    [Command("cmap.incrby", Arity = 4, Flags = CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Fast,
        FirstKey = 1, LastKey = 1, Summary = "Adds to a counter, creating it and the map.")]
    public static void IncrBy(CommandContext ctx)
    {
        if (!ctx.TryInteger(3, out long increment)) return;
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, CounterMapType.Descriptor, out KeyEntry entry)) return; // WRONGTYPE was replied

        ReadOnlySpan<byte> field = ctx.Argument(2);
        if (!TryAdd(ctx, entry, field, increment, out long counter)) return;

        CounterMap before = entry.Exists ? new CounterMap(ctx.ValueOf(entry).Payload) : CounterMap.Create();
        CounterMap after = before.Set(field, counter);
        if (!entry.Exists) ctx.SetValue(key, CounterMapType.Descriptor, encoding: 0, after.Address);
        else if (after.Address != before.Address) ctx.UpdatePayload(entry, encoding: 0, after.Address);

        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Module, "cmap.incrby"u8, key);
        ctx.Reply.Integer(counter);
    }

    /// <summary>CMAP.GET key field: replies the counter, or null.</summary>
    [Command("cmap.get", Arity = 3, Flags = CommandFlags.ReadOnly | CommandFlags.Fast,
        FirstKey = 1, LastKey = 1, Summary = "Replies a counter.")]
    public static void Get(CommandContext ctx)
    {
        if (!ctx.TryLookupRead(ctx.Argument(1), CounterMapType.Descriptor, out KeyEntry entry)) return;

        if (entry.Exists && new CounterMap(ctx.ValueOf(entry).Payload).TryGet(ctx.Argument(2), out long counter))
            ctx.Reply.Integer(counter);
        else
            ctx.Reply.Null();
    }

    /// <summary>CMAP.GETALL key: replies a map of all fields and their counters, in no order.</summary>
    [Command("cmap.getall", Arity = 2, Flags = CommandFlags.ReadOnly,
        FirstKey = 1, LastKey = 1, Summary = "Replies all fields with their counters.")]
    public static void GetAll(CommandContext ctx)
    {
        if (!ctx.TryLookupRead(ctx.Argument(1), CounterMapType.Descriptor, out KeyEntry entry)) return;
        if (!entry.Exists)
        {
            ctx.Reply.MapHeader(0);
            return;
        }

        CounterMap map = new(ctx.ValueOf(entry).Payload);
        ctx.Reply.MapHeader(map.Count);
        for (int i = 0; i < map.SlotCount; i++)
        {
            if (!map.TryGetSlot(i, out ReadOnlySpan<byte> field, out long counter)) continue;
            ctx.Reply.Bulk(field);
            ctx.Reply.Integer(counter);
        }
    }

    /// <summary>CMAP.LEN key: replies the number of fields.</summary>
    [Command("cmap.len", Arity = 2, Flags = CommandFlags.ReadOnly | CommandFlags.Fast,
        FirstKey = 1, LastKey = 1, Summary = "Replies the number of fields.")]
    public static void Len(CommandContext ctx)
    {
        if (!ctx.TryLookupRead(ctx.Argument(1), CounterMapType.Descriptor, out KeyEntry entry)) return;
        ctx.Reply.Integer(entry.Exists ? new CounterMap(ctx.ValueOf(entry).Payload).Count : 0);
    }

    /// <summary>CMAP.DEL key field [field ...]: replies how many fields were removed.</summary>
    [Command("cmap.del", Arity = -3, Flags = CommandFlags.Write | CommandFlags.Fast,
        FirstKey = 1, LastKey = 1, Summary = "Removes fields.")]
    public static void Del(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, CounterMapType.Descriptor, out KeyEntry entry)) return;

        int removedCount = entry.Exists ? RemoveFields(ctx, new CounterMap(ctx.ValueOf(entry).Payload)) : 0;
        if (removedCount > 0)
        {
            bool isEmpty = new CounterMap(ctx.ValueOf(entry).Payload).Count == 0;
            if (isEmpty) ctx.Delete(key); // the entry is gone from here on
            ctx.SignalModified(key, removedCount);
            ctx.Notify(KeyspaceEvent.Module, "cmap.del"u8, key);
            if (isEmpty) ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
        }

        ctx.Reply.Integer(removedCount);
    }

    private static bool TryAdd(
        CommandContext ctx, KeyEntry entry, ReadOnlySpan<byte> field, long increment, out long counter)
    {
        counter = 0;
        bool isNew = !entry.Exists || !new CounterMap(ctx.ValueOf(entry).Payload).TryGet(field, out counter);
        if (isNew && entry.Exists && new CounterMap(ctx.ValueOf(entry).Payload).Count == CounterMap.FieldCountMax)
        {
            ctx.Reply.Error("ERR the counter map has as many fields as it can have"u8);
            return false;
        }

        long sum = unchecked(counter + increment);
        bool isOverflow = ((counter ^ sum) & (increment ^ sum)) < 0; // both had the sign that the sum lost
        if (isOverflow) ctx.Reply.Error("ERR increment or decrement would overflow"u8);
        counter = sum;
        return !isOverflow;
    }

    private static int RemoveFields(CommandContext ctx, CounterMap map)
    {
        int removedCount = 0;
        for (int i = 2; i < ctx.ArgumentCount; i++)
        {
            if (map.Remove(ctx.Argument(i))) removedCount++;
        }

        return removedCount;
    }
}
