// WATCH over all databases: what a client watches, and what happens to the watchers when a whole database changes.

using Valkey.Host.Clients;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Transactions;

internal sealed class WatchService(Server server)
{
    /// <summary>Number of clients that watch something.</summary>
    public int ClientCount { get; private set; }

    /// <summary>Number of watched keys.</summary>
    public int KeyCount
    {
        get
        {
            int count = 0;
            foreach (Database database in server.Databases) count += database.Watches.KeyCount;
            return count;
        }
    }

    /// <summary>Begins to watch a key; watching it twice changes nothing.</summary>
    public void Watch(Client client, Database database, ReadOnlySpan<byte> key)
    {
        foreach (WatchedKey watched in client.Transaction.Watched)
        {
            if (watched.DatabaseIndex == database.Index && key.SequenceEqual(watched.Key)) return;
        }

        Entry entry = database.Find(key);
        WatchedKey added = new(client, database.Index, key.ToArray(), !entry.IsNull && server.Lookup.IsExpired(entry));
        if (client.Transaction.Watched.Count == 0) ClientCount++;
        client.Transaction.Watched.Add(added);
        database.Watches.Add(added);
    }

    /// <summary>Watches nothing any more.</summary>
    public void UnwatchAll(Client client)
    {
        if (client.Transaction.Watched.Count == 0) return;
        foreach (WatchedKey watched in client.Transaction.Watched) server.Databases[watched.DatabaseIndex].Watches.Remove(watched);
        client.Transaction.Watched.Clear();
        ClientCount--;
    }

    /// <summary>Whether a watched key's time ran out since WATCH although nobody noticed.</summary>
    public bool HasExpired(Client client)
    {
        foreach (WatchedKey watched in client.Transaction.Watched)
        {
            if (watched.WasExpired) continue;
            Entry entry = server.Databases[watched.DatabaseIndex].Find(watched.Key);
            if (!entry.IsNull && server.Lookup.IsExpired(entry)) return true;
        }

        return false;
    }

    /// <summary>A database is about to be emptied, or to take over the content of another: marks whoever watches a key that changes by it.</summary>
    public void TouchAll(Database emptied, Database? replacedWith)
    {
        emptied.Watches.ForEach((key, watchers) =>
        {
            Entry before = emptied.Find(key);
            bool existed = !before.IsNull;
            bool willExist = replacedWith is not null && !replacedWith.Find(key).IsNull;
            if (!existed && !willExist) return;
            foreach (WatchedKey watched in watchers)
            {
                // A key that was over already when WATCH came and goes now has not changed.
                if (watched.WasExpired && !willExist) continue;
                watched.Client.Transaction.IsStale = true;
            }
        });
    }
}
