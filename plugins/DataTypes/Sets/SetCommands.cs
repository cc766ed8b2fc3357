// SetCommands.cs: adding, removing and moving members. What a set is made of is SetValue.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;

namespace Valkey.Sets;

internal static partial class SetCommands
{
    /// <summary>SADD key member [member ...]: replies how many of the members were new.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/sadd/</remarks>
    [Command("sadd")]
    public static void SAdd(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!SetStore.TryOpen(ctx, key, out KeyEntry entry, out SetValue set)) return;

        long addedCount = 0;
        if (set.Exists)
        {
            addedCount = AddAll(ctx, entry, set);
        }
        else
        {
            set = SetValue.CreateFor(ctx.Argument(2), ctx.ArgumentCount - 2);
            addedCount = AddAll(ctx, SetStore.Add(ctx, key, set), set);
        }

        if (addedCount > 0)
        {
            ctx.SignalModified(key, addedCount);
            ctx.Notify(KeyspaceEvent.Set, "sadd"u8, key);
        }

        ctx.Reply.Integer(addedCount);
    }

    /// <summary>SREM key member [member ...]: replies how many members were taken out.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/srem/</remarks>
    [Command("srem")]
    public static void SRem(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!SetStore.TryOpen(ctx, key, out KeyEntry entry, out SetValue set)) return;

        long removedCount = set.Exists ? RemoveAll(ctx, entry, ref set) : 0;
        if (removedCount > 0)
        {
            bool isEmpty = set.Count == 0;
            if (isEmpty) ctx.Delete(key);
            ctx.SignalModified(key, removedCount);
            ctx.Notify(KeyspaceEvent.Set, "srem"u8, key);
            if (isEmpty) ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
        }

        ctx.Reply.Integer(removedCount);
    }

    /// <summary>SMOVE source destination member: replies 1 when the member was in the source.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/smove/</remarks>
    [Command("smove")]
    public static void SMove(CommandContext ctx)
    {
        ReadOnlySpan<byte> member = ctx.Argument(3);
        if (!SetStore.TryOpen(ctx, ctx.Argument(1), out KeyEntry sourceEntry, out SetValue source)) return;
        if (!source.Exists)
        {
            ctx.Reply.Integer(0);
            return;
        }

        if (!SetStore.TryOpen(ctx, ctx.Argument(2), out KeyEntry targetEntry, out SetValue target)) return;
        if (source.IsSameAs(target))
        {
            ctx.Reply.Integer(source.Contains(member) ? 1 : 0);
            return;
        }

        if (!source.Remove(member))
        {
            ctx.Reply.Integer(0);
            return;
        }

        SetStore.Save(ctx, sourceEntry, source);
        AnnounceRemoval(ctx, ctx.Argument(1), isEmpty: source.Count == 0);
        AddMoved(ctx, targetEntry, target, member);
        ctx.Reply.Integer(1);
    }

    private static long AddAll(CommandContext ctx, KeyEntry entry, SetValue set)
    {
        long addedCount = 0;
        try
        {
            set.PrepareFor(ctx.ArgumentCount - 2);
            for (int i = 2; i < ctx.ArgumentCount; i++)
            {
                if (set.Add(ctx.Argument(i))) addedCount++;
            }
        }
        finally
        {
            SetStore.Save(ctx, entry, set); // also when memory ran out halfway
        }

        return addedCount;
    }

    private static long RemoveAll(CommandContext ctx, KeyEntry entry, ref SetValue set)
    {
        long removedCount = 0;
        for (int i = 2; i < ctx.ArgumentCount; i++)
        {
            if (!set.Remove(ctx.Argument(i))) continue;

            removedCount++;
            if (set.Count == 0) break;
        }

        SetStore.Save(ctx, entry, set);
        return removedCount;
    }

    private static void AnnounceRemoval(CommandContext ctx, ReadOnlySpan<byte> key, bool isEmpty)
    {
        ctx.Notify(KeyspaceEvent.Set, "srem"u8, key);
        if (isEmpty)
        {
            ctx.Delete(key);
            ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
        }

        ctx.SignalModified(key);
    }

    private static void AddMoved(CommandContext ctx, KeyEntry entry, SetValue set, ReadOnlySpan<byte> member)
    {
        ReadOnlySpan<byte> key = ctx.Argument(2);
        if (!set.Exists)
        {
            set = SetValue.CreateFor(member, memberCount: 1);
            entry = SetStore.Add(ctx, key, set);
        }

        bool isNew = set.Add(member);
        SetStore.Save(ctx, entry, set);
        if (!isNew) return;

        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Set, "sadd"u8, key);
    }
}
