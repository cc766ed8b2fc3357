// How keys are found: expired ones are not, and what is found is marked as used.
//
// Holds always: an expired key is never seen by a command. On a primary it is deleted, propagated and announced at once,
// before anything else happens to it.

using System.Runtime.CompilerServices;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class KeyspaceLookup(Server server)
{
    /// <summary>An entry that is alive, or null. Deletes it when its time is over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry FindAlive(Database database, ReadOnlySpan<byte> key, ulong hash)
    {
        Entry entry = database.Find(key, hash);
        if (entry.IsNull || !entry.HasExpirySlot) return entry;
        return AliveOrNull(database, entry, key);
    }

    /// <summary>Whether the time of an entry is over.</summary>
    public bool IsExpired(Entry entry)
    {
        long expireAtUnixMs = entry.ExpireAtUnixMs;
        return expireAtUnixMs >= 0 && server.Clock.UnixMs > expireAtUnixMs && !server.IsLoading;
    }

    /// <summary>Notes the use of an entry for eviction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(Entry entry)
    {
        if (server.AccessClock.IsLfu) entry.AccessClock = server.AccessClock.Increment(entry.AccessClock);
        else entry.AccessClock = server.AccessClock.Now;
    }

    private Entry AliveOrNull(Database database, Entry entry, ReadOnlySpan<byte> key)
    {
        if (!IsExpired(entry) || server.IsExpirySuspended) return entry;
        server.Expiry.DeleteExpired(database, key);
        return default;
    }
}
