// Commands that wait until there is something to take. The handler looks, and when it finds nothing it asks to be run again:
// nothing of ours is kept meanwhile. What is propagated is what was done, never the waiting.

using Valkey.Abstractions;

namespace Valkey.Samples.CounterMap;

internal static partial class CounterMapWaitCommands
{
    /// <summary>
    /// CMAP.BTAKE key [key ...] timeout: takes one field out of the first of the maps that has any; replies key, field and
    /// counter, or a null array when there was nothing for so many seconds (0: for ever).
    /// </summary>
    [Command("cmap.btake", Arity = -3, Flags = CommandFlags.Write | CommandFlags.Blocking,
        FirstKey = 1, LastKey = -2, Summary = "Takes a field out of a map, waiting until there is one.")]
    public static void Take(CommandContext ctx)
    {
        if (!ctx.TryTimeout(ctx.ArgumentCount - 1, out long timeoutMs)) return;
        int keyCount = ctx.ArgumentCount - 2;
        for (int i = 1; i <= keyCount; i++)
        {
            if (!ctx.TryLookupWrite(ctx.Argument(i), CounterMapType.Descriptor, out KeyEntry entry)) return;
            if (!entry.Exists) continue;

            ctx.Reply.ArrayHeader(3);
            ctx.Reply.Bulk(ctx.Argument(i));
            TakeFirst(ctx, entry, ctx.Argument(i));
            return;
        }

        ctx.BlockOnKeys(new BlockingWait(FirstKey: 1, keyCount, timeoutMs, TimeoutReply.NullArray));
    }

    /// <summary>CMAP.BWATCH key timeout: waits until the map, which must be there, is gone or replaced.</summary>
    [Command("cmap.bwatch", Arity = 3, Flags = CommandFlags.ReadOnly | CommandFlags.Blocking,
        FirstKey = 1, LastKey = 1, Summary = "Waits until a map is gone.")]
    public static void Watch(CommandContext ctx)
    {
        if (!ctx.TryTimeout(2, out long timeoutMs)) return;
        if (!ctx.TryLookupRead(ctx.Argument(1), CounterMapType.Descriptor, out KeyEntry entry)) return;
        if (!entry.Exists) ctx.Reply.SimpleString("GONE"u8);
        else ctx.BlockOnKeys(new BlockingWait(FirstKey: 1, KeyCount: 1, timeoutMs, TimeoutReply.Null) { EndsWhenKeyGoes = true });
    }

    /// <summary>Replies field and counter of one field of a map, and removes it.</summary>
    private static void TakeFirst(CommandContext ctx, KeyEntry entry, ReadOnlySpan<byte> key)
    {
        CounterMap map = new(ctx.ValueOf(entry).Payload);
        ReadOnlySpan<byte> field = FirstField(map, out long counter);
        ctx.Reply.Bulk(field);
        ctx.Reply.Integer(counter);
        ctx.PropagateInstead("CMAP.DEL"u8, key, field);
        Remove(ctx, map, key, field);
    }

    private static void Remove(CommandContext ctx, CounterMap map, ReadOnlySpan<byte> key, ReadOnlySpan<byte> field)
    {
        map.Remove(field);
        bool isEmpty = map.Count == 0;
        if (isEmpty) ctx.Delete(key); // the entry is gone from here on
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Module, "cmap.del"u8, key);
        if (isEmpty) ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
    }

    private static ReadOnlySpan<byte> FirstField(CounterMap map, out long counter)
    {
        for (int i = 0; i < map.SlotCount; i++)
        {
            if (map.TryGetSlot(i, out ReadOnlySpan<byte> field, out counter)) return field;
        }

        throw new InvalidOperationException("A stored map is never empty.");
    }
}
