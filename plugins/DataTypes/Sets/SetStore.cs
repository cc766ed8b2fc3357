// Sets in the keyspace: finding them, storing back what changed, putting a result in the place of whatever a key holds.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static class SetStore
{
    /// <summary>The set behind a handle that exists.</summary>
    public static SetValue Of(CommandContext ctx, KeyEntry entry) => SetValue.Of(ctx.ValueOf(entry));

    /// <summary>Finds a set for reading; false after replying WRONGTYPE. A missing one does not exist.</summary>
    public static bool TryRead(CommandContext ctx, ReadOnlySpan<byte> key, out SetValue set)
    {
        set = default;
        if (!ctx.TryLookupRead(key, SetType.Descriptor, out KeyEntry entry)) return false;
        if (entry.Exists) set = Of(ctx, entry);
        return true;
    }

    /// <summary>Finds a set for changing it; false after replying WRONGTYPE. A missing one does not exist.</summary>
    public static bool TryOpen(CommandContext ctx, ReadOnlySpan<byte> key, out KeyEntry entry, out SetValue set)
    {
        set = default;
        if (!ctx.TryLookupWrite(key, SetType.Descriptor, out entry)) return false;
        if (entry.Exists) set = Of(ctx, entry);
        return true;
    }

    /// <summary>Stores a set back that was changed and may have moved.</summary>
    public static void Save(CommandContext ctx, KeyEntry entry, SetValue set) =>
        ctx.UpdatePayload(entry, set.Encoding, set.Payload);

    /// <summary>Gives a new set to a key that is known to be absent.</summary>
    public static KeyEntry Add(CommandContext ctx, ReadOnlySpan<byte> key, SetValue set)
    {
        Entry entry = Entry.CreateWithPayload(key, SetType.Descriptor.Id, set.Encoding, set.Payload);
        return ctx.AddEntry(new KeyEntry(entry.Address));
    }

    /// <summary>Ends a command that stores its result: the key gets it, or is deleted when it is empty. Replies its size.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="key">Where to.</param>
    /// <param name="result">The result, which is taken over.</param>
    /// <param name="eventName">The event to announce.</param>
    public static void StoreResult(CommandContext ctx, ReadOnlySpan<byte> key, SetValue result, ReadOnlySpan<byte> eventName)
    {
        long count = result.Count;
        if (count == 0)
        {
            result.Free();
            ReplyEmptyResult(ctx, key);
            return;
        }

        ctx.SetValue(key, SetType.Descriptor, result.Encoding, result.Payload);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Set, eventName, key);
        ctx.Reply.Integer(count);
    }

    /// <summary>Ends a command whose result is empty: the key is deleted.</summary>
    public static void ReplyEmptyResult(CommandContext ctx, ReadOnlySpan<byte> key)
    {
        if (ctx.Delete(key))
        {
            ctx.SignalModified(key);
            ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
        }

        ctx.Reply.Integer(0);
    }
}
