// How keys are found: expired ones are not, and what is found is marked as used.
//
// Holds always: an expired key is never seen by a command. On a primary it is deleted, propagated and announced at once,
// before anything else happens to it. Where the decision is somebody else's (a replica, paused writes, an import) it is
// hidden and stays; whoever writes to it nevertheless deletes it first, so that no key is ever there twice.

using System.Runtime.CompilerServices;
using Valkey.Host.Clients;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class KeyspaceLookup(Server server)
{
    /// <summary>Expired keys are hidden, not deleted.</summary>
    /// <remarks>Also while a handler of key events runs: whoever announced the event may be walking the table.</remarks>
    public bool HidesExpired =>
        server.IsExpirySuspended || server.IsImporting || server.Pause.IsActive || server.Events.IsPublishing;

    /// <summary>An entry that is alive, or null. Deletes it when its time is over, or hides it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry FindAlive(Database database, ReadOnlySpan<byte> key, ulong hash)
    {
        Entry entry = database.Find(key, hash);
        if (entry.IsNull || !entry.HasExpirySlot) return entry;
        return AliveOrNull(database, entry, key, mayHide: true);
    }

    /// <summary>
    /// As <see cref="FindAlive"/>; when the result is null the key is not in the table any more. The entry may be changed in
    /// place: a background iteration has no more need of it, or is waited for.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry FindForWrite(Database database, ReadOnlySpan<byte> key, ulong hash)
    {
        Entry entry = FindToReplace(database, key, hash);
        if (database.Iteration is { } iteration && !entry.IsNull) iteration.PrepareNow(database, entry);
        return entry;
    }

    /// <summary>As <see cref="FindForWrite"/>, for who deletes the entry or puts another in its place and does not change it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry FindToReplace(Database database, ReadOnlySpan<byte> key, ulong hash)
    {
        Entry entry = database.Find(key, hash);
        if (entry.IsNull || !entry.HasExpirySlot) return entry;
        return AliveOrNull(database, entry, key, mayHide: false);
    }

    /// <summary>Whether the time of an entry is over.</summary>
    public bool IsExpired(Entry entry)
    {
        long expireAtUnixMs = entry.ExpireAtUnixMs;
        return expireAtUnixMs >= 0 && server.Clock.UnixMs > expireAtUnixMs && !server.IsLoading;
    }

    /// <summary>Whether a client sees items whose time is over: when it is loaded, or told by those who decide, what exists.</summary>
    public bool IgnoresExpiry(Client client) => server.IsLoading || (HidesExpired && SeesExpired(client));

    /// <summary>Notes the use of an entry for eviction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(Entry entry)
    {
        if (server.AccessClock.IsLfu) entry.AccessClock = server.AccessClock.Increment(entry.AccessClock);
        else entry.AccessClock = server.AccessClock.Now;
    }

    private Entry AliveOrNull(Database database, Entry entry, ReadOnlySpan<byte> key, bool mayHide)
    {
        if (!IsExpired(entry)) return entry;
        if (HidesExpired)
        {
            if (server.Context.CurrentClient is { } client && SeesExpired(client)) return entry;
            if (mayHide) return default;
        }

        server.Expiry.DeleteExpired(database, key);
        return default;
    }

    /// <summary>What the primary or an import sends is about keys that exist until they are told to be deleted.</summary>
    private bool SeesExpired(Client client) =>
        (server.IsExpirySuspended && client.Has(ClientFlags.Primary)) || (server.IsImporting && client.Has(ClientFlags.ImportSource));
}
