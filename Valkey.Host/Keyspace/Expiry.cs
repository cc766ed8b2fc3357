// Expired keys: what happens when one is found, and the cycle that finds them when nobody asks.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class Expiry(Server server)
{
    /// <summary>Deletes a key whose time is over, tells sinks, watchers and listeners.</summary>
    public void DeleteExpired(Database database, ReadOnlySpan<byte> key)
    {
        bool lazily = server.Options.LazyFreeExpire.Value;
        Entry entry = database.Unlink(key, KeyHash.Of(key));
        if (entry.IsNull) return;
        ReadOnlySpan<byte> name = entry.Key; // the caller's key may be the entry's own
        server.PropagateDeletion(database.Index, name, lazily);
        if (server.Events.IsWanted(KeyspaceEvent.Expired)) server.Events.Publish(KeyspaceEvent.Expired, "expired"u8, name, database.Index);
        database.Watches.Touch(name);
        server.Statistics.ExpiredKeys++;
        server.LazyFree.Free(entry, lazily);
    }

    /// <summary>Before the loop sleeps: a short look, when the last slow cycle left much behind.</summary>
    public void FastCycle()
    {
    }

    /// <summary>By the cron.</summary>
    public void SlowCycle()
    {
    }
}
