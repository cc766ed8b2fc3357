// Where hashes come from and go to: looking them up, making them, and what is to be done when a command has changed one.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static class HashStore
{
    /// <summary>The hash of a key for reading; none when there is no such key. False after replying WRONGTYPE.</summary>
    public static bool TryRead(CommandContext ctx, ReadOnlySpan<byte> key, out HashView hash)
    {
        bool isHash = ctx.TryLookupRead(key, HashType.Descriptor, out KeyEntry handle);
        hash = isHash ? HashView.Of(handle) : default;
        return isHash;
    }

    /// <summary>The hash of a key for changing it, made when there is none. False after replying WRONGTYPE.</summary>
    public static bool TryGetOrCreate(CommandContext ctx, ReadOnlySpan<byte> key, out HashValue hash)
    {
        hash = default;
        if (!ctx.TryLookupWrite(key, HashType.Descriptor, out KeyEntry handle)) return false;
        hash = handle.Exists ? new HashValue(handle) : Create(ctx, key);
        return true;
    }

    /// <summary>A new, empty hash under a key that is absent.</summary>
    public static HashValue Create(CommandContext ctx, ReadOnlySpan<byte> key)
    {
        Entry entry = Entry.CreateWithPayload(
            key, HashType.Descriptor.Id, HashEncoding.Listpack, Listpack.Create().Address);
        return new HashValue(ctx.AddEntry(new KeyEntry(entry.Address)));
    }

    /// <summary>Tells the database whether the hash has fields that expire, after a command that may have changed it.</summary>
    public static void TrackExpiring(CommandContext ctx, HashValue hash) =>
        ctx.SetHasExpiringItems(hash.Handle, hash.View.HasExpiring);

    /// <summary>Announces fields that were found to be over while they were written to: they count as expired just now.</summary>
    public static void NoteExpired(CommandContext ctx, ReadOnlySpan<byte> key, long expiredCount)
    {
        if (expiredCount == 0) return;
        ctx.CountExpiredItems(expiredCount);
        ctx.Notify(KeyspaceEvent.Hash, "hexpired"u8, key);
    }

    /// <summary>Deletes the key when its hash was left empty, with the event.</summary>
    public static void DeleteIfEmpty(CommandContext ctx, ReadOnlySpan<byte> key, HashValue hash)
    {
        if (hash.View.Count > 0) return;
        ctx.Delete(key);
        ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
    }
}
