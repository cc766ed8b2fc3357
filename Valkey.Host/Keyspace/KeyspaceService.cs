// What commands and plugins do to whole keys: delete, count, empty databases.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class KeyspaceService(Server server) : IKeyspace
{
    /// <summary>Called when FLUSHALL has emptied all databases: what was saved of them is worth nothing any more.</summary>
    public Action? AllFlushed { get; set; }

    /// <inheritdoc/>
    public int DatabaseCount => server.Databases.Length;

    /// <inheritdoc/>
    public long KeyCount(int databaseIndex)
    {
        Database database = server.Databases[databaseIndex];
        database.Uncommitted?.NoteDatabaseSeen(databaseIndex);
        return database.Keys.Count;
    }

    /// <inheritdoc/>
    public KeyEntry Find(int databaseIndex, ReadOnlySpan<byte> key)
    {
        Entry entry = server.Databases[databaseIndex].Find(key);
        return entry.IsNull || server.Lookup.IsExpired(entry) ? default : new KeyEntry(entry.Address);
    }

    /// <inheritdoc/>
    public StoredValue ValueOf(KeyEntry entry) => DataTypeRegistry.ValueOf(new Entry(entry.Address));

    /// <inheritdoc/>
    public DataType TypeOf(KeyEntry entry) => server.DataTypes.Of(new Entry(entry.Address));

    /// <inheritdoc/>
    public bool Delete(int databaseIndex, ReadOnlySpan<byte> key)
    {
        Database database = server.Databases[databaseIndex];
        if (!Delete(database, key, KeyHash.Of(key), server.Options.LazyFreeServerDel.Value)) return false;
        server.PropagateDeletion(databaseIndex, key, lazily: server.Options.LazyFreeServerDel.Value);
        SignalModified(database, key);
        server.Dirty++;
        if (server.Events.IsWanted(KeyspaceEvent.Generic)) server.Events.Publish(KeyspaceEvent.Generic, "del"u8, key, databaseIndex);
        return true;
    }

    /// <summary>Tells watchers, and who caches it, that a key changed, and that it is not durable yet.</summary>
    public void SignalModified(Database database, ReadOnlySpan<byte> key)
    {
        database.Watches.Touch(key);
        if (database.Uncommitted is { } keys) keys.Mark(database.Index, KeyHash.Of(key));
        if (server.KeyAccess.IsWanted) server.KeyAccess.Changed(database.Index, key);
    }

    /// <summary>Publishes a key event when somebody wants it.</summary>
    public void Publish(KeyspaceEvent eventClass, ReadOnlySpan<byte> name, ReadOnlySpan<byte> key, Database database)
    {
        if (server.Events.IsWanted(eventClass)) server.Events.Publish(eventClass, name, key, database.Index);
    }

    /// <summary>Deletes a key with its value; true when it was there. Nothing is signalled.</summary>
    public bool Delete(Database database, ReadOnlySpan<byte> key, ulong hash, bool lazily)
    {
        Entry entry = database.Unlink(key, hash);
        if (entry.IsNull) return false;
        Discard(database, entry, lazily);
        return true;
    }

    /// <summary>
    /// The end of an entry that was unlinked from this database: it is freed, now or elsewhere, or left to the background
    /// iteration that has not saved it yet. The only way for entries to end.
    /// </summary>
    public void Discard(Database database, Entry entry, bool lazily)
    {
        if (database.Iteration is { } iteration && iteration.TryTakeOver(database, entry)) return;
        server.LazyFree.Free(entry, lazily);
    }

    /// <summary>Adds an entry, which the caller owned, for a key that is absent, and announces the key as new.</summary>
    public void Add(Database database, Entry entry, ulong hash)
    {
        database.Add(entry, hash);
        Publish(KeyspaceEvent.New, "new"u8, entry.Key, database);
    }

    /// <summary>Empties one database; the number of keys that it had.</summary>
    public long Empty(Database database, bool lazily)
    {
        long count = database.Keys.Count;
        if (count == 0) return 0;
        (EntryTable<EntryTraits> keys, EntryTable<EntryTraits> expires) = database.Detach();
        if (database.Iteration is { } iteration && iteration.TryAdopt(keys, expires)) return count;
        server.LazyFree.Free(keys, expires, lazily);
        return count;
    }

    /// <summary>How many keys hold a value of this type. Looks at every key: for unloading a module only.</summary>
    public long KeyCountOfType(DataType type)
    {
        TypeCounter counter = new(type.Id);
        foreach (Database database in server.Databases) database.Keys.ScanAll(ref counter);
        return counter.Count;
    }

    private struct TypeCounter(byte typeId) : IEntryVisitor
    {
        public long Count;

        public void Visit(nint entry)
        {
            if (new Entry(entry).TypeId == typeId) Count++;
        }
    }
}
