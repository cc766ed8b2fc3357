// Sorted sets in the keyspace: finding them, storing back what changed, putting a result in the place of whatever a key
// holds, and deleting what became empty.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal static class SortedSetStore
{
    /// <summary>The sorted set behind a handle that exists.</summary>
    public static SortedSetValue Of(KeyEntry handle)
    {
        Entry entry = new(handle.Address);
        return new SortedSetValue(entry.Encoding, (nint)entry.Payload);
    }

    /// <summary>Finds a sorted set for reading; false after replying WRONGTYPE. A missing one does not exist.</summary>
    public static bool TryRead(CommandContext ctx, ReadOnlySpan<byte> key, out SortedSetValue value)
    {
        value = default;
        if (!ctx.TryLookupRead(key, SortedSetType.Descriptor, out KeyEntry handle)) return false;
        if (handle.Exists) value = Of(handle);
        return true;
    }

    /// <summary>Finds a sorted set for changing it; false after replying WRONGTYPE. A missing one does not exist.</summary>
    public static bool TryOpen(CommandContext ctx, ReadOnlySpan<byte> key, out KeyEntry handle, out SortedSetValue value)
    {
        value = default;
        if (!ctx.TryLookupWrite(key, SortedSetType.Descriptor, out handle)) return false;
        if (handle.Exists) value = Of(handle);
        return true;
    }

    /// <summary>Stores a value back that was changed and may have moved.</summary>
    public static void Save(CommandContext ctx, KeyEntry handle, in SortedSetValue value)
    {
        // Both must be compared: what a listpack was converted to may lie where the listpack lay when the command began.
        Entry entry = new(handle.Address);
        bool isAsBefore = entry.Payload == value.Address && entry.Encoding == value.Encoding;
        if (!isAsBefore) ctx.UpdatePayload(handle, value.Encoding, value.Address);
    }

    /// <summary>Gives a new value to a key that is known to be absent.</summary>
    public static void Add(CommandContext ctx, ReadOnlySpan<byte> key, in SortedSetValue value)
    {
        Entry entry = Entry.CreateWithPayload(key, SortedSetType.Descriptor.Id, value.Encoding, value.Address);
        ctx.AddEntry(new KeyEntry(entry.Address));
    }

    /// <summary>Stores a value from which members were taken, announces that, and deletes the key if it is empty.</summary>
    public static void EndRemoval(
        CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry handle, in SortedSetValue value, long removedCount,
        ReadOnlySpan<byte> eventName)
    {
        Save(ctx, handle, value);
        if (removedCount == 0) return;

        ctx.SignalModified(key, removedCount);
        bool isEmpty = value.Count == 0;
        if (isEmpty) ctx.Delete(key);
        ctx.Notify(KeyspaceEvent.SortedSet, eventName, key);
        if (isEmpty) ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
    }

    /// <summary>Ends a command that stores its result: the key gets it, or is deleted if it is empty; its size is replied.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="key">Where to.</param>
    /// <param name="result">The result, which is taken over.</param>
    /// <param name="eventName">The event to announce.</param>
    public static void StoreResult(
        CommandContext ctx, ReadOnlySpan<byte> key, in SortedSetValue result, ReadOnlySpan<byte> eventName)
    {
        long count = result.Exists ? result.Count : 0;
        ctx.Reply.Integer(count);
        if (count > 0)
        {
            ctx.SetValue(key, SortedSetType.Descriptor, result.Encoding, result.Address);
            ctx.SignalModified(key);
            ctx.Notify(KeyspaceEvent.SortedSet, eventName, key);
            return;
        }

        if (result.Exists) result.Free();
        if (!ctx.Delete(key)) return;

        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
    }
}
