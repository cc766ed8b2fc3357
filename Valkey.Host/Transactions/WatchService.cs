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
        if (IsWatched(client, database, key)) return;
        WatchedKey added = new(this, client, database.Index, key.ToArray()) { WasExpired = IsExpired(database, key) };
        if (client.Transaction.Watched.Count == 0) ClientCount++;
        client.Transaction.Watched.Add(added);
        database.Watches.Add(added);
    }

    /// <summary>Watches nothing any more.</summary>
    public void UnwatchAll(Client client)
    {
        if (client.Transaction.Watched.Count == 0) return;
        foreach (WatchedKey watched in client.Transaction.Watched) server.Databases[watched.DatabaseIndex].Watches.Remove(watched);
        client.Transaction.ForgetWatched();
        ClientCount--;
    }

    /// <summary>Whether a watched key's time ran out since WATCH although nobody noticed.</summary>
    public bool HasExpired(Client client)
    {
        foreach (WatchedKey watched in client.Transaction.Watched)
        {
            if (!watched.WasExpired && IsExpired(server.Databases[watched.DatabaseIndex], watched.Key)) return true;
        }

        return false;
    }

    /// <summary>A watched key changed, or is gone.</summary>
    public void Changed(WatchedKey watched)
    {
        if (watched.WasExpired && server.Databases[watched.DatabaseIndex].Find(watched.Key).IsNull)
        {
            // It was over already when WATCH came: that it goes now is no change. That it comes back would be.
            watched.WasExpired = false;
            return;
        }

        MarkStale(watched.Client);
        UnwatchAll(watched.Client);
    }

    /// <summary>A database is about to be emptied, or to take over the content of another: marks whoever watches a key that changes by it.</summary>
    public void TouchAll(Database emptied, Database? replacedWith)
    {
        // The keys stay watched until EXEC: the table is being walked.
        emptied.Watches.ForEach((key, watchers) =>
        {
            bool existed = !emptied.Find(key).IsNull;
            bool willExist = replacedWith is not null && !replacedWith.Find(key).IsNull;
            if (!existed && !willExist) return;
            bool willBeExpired = willExist && IsExpired(replacedWith!, key);
            foreach (WatchedKey watched in watchers)
            {
                if (watched.WasExpired && !willExist) watched.WasExpired = false;
                else if (!watched.WasExpired && !existed && willBeExpired) watched.WasExpired = true;
                else if (!watched.WasExpired || !willBeExpired) MarkStale(watched.Client);
            }
        });
    }

    /// <summary>Looks through the shorter list: a client may watch very many keys, and a key may have very many watchers.</summary>
    private static bool IsWatched(Client client, Database database, ReadOnlySpan<byte> key)
    {
        List<WatchedKey>? watchers = database.Watches.WatchersOf(key);
        if (watchers is null) return false;
        bool byClient = client.Transaction.Watched.Count < watchers.Count;
        foreach (WatchedKey watched in byClient ? client.Transaction.Watched : watchers)
        {
            if (watched.Client == client && watched.DatabaseIndex == database.Index && key.SequenceEqual(watched.Key)) return true;
        }

        return false;
    }

    private static void MarkStale(Client client)
    {
        client.Transaction.IsStale = true;
        client.Transaction.DropQueue();
    }

    private bool IsExpired(Database database, ReadOnlySpan<byte> key)
    {
        Entry entry = database.Find(key);
        return !entry.IsNull && server.Lookup.IsExpired(entry);
    }
}
