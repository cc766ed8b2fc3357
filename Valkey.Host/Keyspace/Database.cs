// A database: the table of its keys, the table of those that expire, the table of those whose values have items that
// expire on their own (fields of hashes), who watches what and who waits for what.
//
// All tables point at the same entries. Holds always: an entry is in the table of expiring keys exactly when it has an
// expiry, and in that of expiring items exactly when it says that it has some; who moves an entry tells all tables. Every
// way by which a key comes or goes passes here, so those who wait learn it. While a background iteration runs it is told of
// every entry that comes, takes another's place or is about to change its expiry; what becomes of those that go is
// KeyspaceService.Discard.

using Valkey.Host.Clients;
using Valkey.Host.Durability;
using Valkey.Host.Iteration;
using Valkey.Host.Transactions;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class Database
{
    public Database(int index)
    {
        Index = index;
        Waits = new KeyWaitTable(this);
    }

    /// <summary>Its number.</summary>
    public int Index { get; }

    public EntryTable<EntryTraits> Keys { get; private set; } = new();

    public EntryTable<EntryTraits> Expires { get; private set; } = new();

    /// <summary>Keys whose values have items with a time to live.</summary>
    public EntryTable<EntryTraits> ExpiringItems { get; private set; } = new();

    public WatchTable Watches { get; } = new();

    /// <summary>Clients that wait for keys.</summary>
    public KeyWaitTable Waits { get; }

    /// <summary>Where active expiry goes on.</summary>
    public ulong ExpireCursor;

    /// <summary>Where active expiry of items goes on.</summary>
    public ulong ExpiringItemsCursor;

    /// <summary>Running average of the time to live, milliseconds.</summary>
    public long AverageTtlMs;

    /// <summary>The background iteration that walks the keys now; null when there is none.</summary>
    public BackgroundIteration? Iteration;

    /// <summary>The number that the content's database had when the iteration began: its keys are saved under that.</summary>
    public int IterationIndex;

    /// <summary>Keys of all databases that are not durable yet; null while no reply waits for that.</summary>
    public UncommittedKeys? Uncommitted;

    /// <summary>Finds an entry whether or not its time is over.</summary>
    public Entry Find(ReadOnlySpan<byte> key, ulong hash)
    {
        if (Uncommitted is { } keys) keys.NoteSeen(Index, hash);
        return new Entry(Keys.Find(key, hash));
    }

    /// <summary>Finds an entry whether or not its time is over.</summary>
    public Entry Find(ReadOnlySpan<byte> key) => Find(key, KeyHash.Of(key));

    /// <summary>Adds an entry for a key that is absent.</summary>
    public void Add(Entry entry, ulong hash)
    {
        Iteration?.NoteNew(entry);
        Keys.Insert(entry.Address, hash);
        if (entry.HasExpiry) Expires.Insert(entry.Address, hash);
        if (entry.HasExpiringItems) ExpiringItems.Insert(entry.Address, hash);
        if (Waits.KeyCount > 0) Waits.Signal(entry.Key);
    }

    /// <summary>Puts an entry in the place of another with the same key. The other is only unlinked; it is read for its expiry.</summary>
    public void Replace(Entry existing, Entry replacement, ulong hash)
    {
        Iteration?.NoteNew(replacement);
        bool hadExpiry = existing.HasExpiry;
        Keys.Replace(existing.Address, replacement.Address, hash);
        if (hadExpiry && replacement.HasExpiry) Expires.Replace(existing.Address, replacement.Address, hash);
        else if (hadExpiry) Expires.RemoveExact(existing.Address, hash);
        else if (replacement.HasExpiry) Expires.Insert(replacement.Address, hash);
        if (existing.HasExpiringItems) ExpiringItems.RemoveExact(existing.Address, hash);
        if (replacement.HasExpiringItems) ExpiringItems.Insert(replacement.Address, hash);
        if (Waits.KeyCount > 0) Waits.Signal(replacement.Key);
    }

    /// <summary>An entry took over key, value and expiry of one that is gone already.</summary>
    public void Moved(nint previousAddress, Entry current, ulong hash)
    {
        Iteration?.NoteNew(current);
        Keys.Replace(previousAddress, current.Address, hash);
        if (current.HasExpiry) Expires.Replace(previousAddress, current.Address, hash);
        if (current.HasExpiringItems) ExpiringItems.Replace(previousAddress, current.Address, hash);
    }

    /// <summary>Takes an entry out of both tables; it belongs to the caller now.</summary>
    public Entry Unlink(ReadOnlySpan<byte> key, ulong hash)
    {
        if (Uncommitted is { } keys) keys.NoteSeen(Index, hash);
        Entry entry = new(Keys.Remove(key, hash));
        if (entry.IsNull) return entry;
        if (entry.HasExpiry) Expires.RemoveExact(entry.Address, hash);
        if (entry.HasExpiringItems) ExpiringItems.RemoveExact(entry.Address, hash);
        if (Waits.GoesCount > 0) Waits.SignalGone(entry.Key);
        return entry;
    }

    /// <summary>Sets when a key expires, -1 for never; the entry may move.</summary>
    public Entry SetExpiry(Entry entry, long expireAtUnixMs)
    {
        bool hadExpiry = entry.HasExpiry;
        if (expireAtUnixMs < 0 && !hadExpiry) return entry;
        Iteration?.PrepareNow(this, entry);
        ulong hash = KeyHash.Of(entry.Key);
        if (expireAtUnixMs < 0)
        {
            Expires.RemoveExact(entry.Address, hash);
            entry.TrySetExpiry(-1);
            return entry;
        }

        nint previous = entry.Address;
        if (!entry.TrySetExpiry(expireAtUnixMs))
        {
            entry = entry.WithExpiry(expireAtUnixMs);
            if (entry.Address != previous) Keys.Replace(previous, entry.Address, hash);
            if (entry.HasExpiringItems) ExpiringItems.Replace(previous, entry.Address, hash);
        }

        if (!hadExpiry) Expires.Insert(entry.Address, hash);
        else if (entry.Address != previous) Expires.Replace(previous, entry.Address, hash);
        return entry;
    }

    /// <summary>Notes whether the value of an entry, which is in the database, has items that expire.</summary>
    public void SetHasExpiringItems(Entry entry, bool hasExpiringItems)
    {
        if (entry.HasExpiringItems == hasExpiringItems) return;
        ulong hash = KeyHash.Of(entry.Key);
        entry.HasExpiringItems = hasExpiringItems;
        if (hasExpiringItems) ExpiringItems.Insert(entry.Address, hash);
        else ExpiringItems.RemoveExact(entry.Address, hash);
    }

    /// <summary>Exchanges the content with another database; numbers, watchers and those who wait stay.</summary>
    public void SwapContent(Database other)
    {
        (Keys, other.Keys) = (other.Keys, Keys);
        (Expires, other.Expires) = (other.Expires, Expires);
        (ExpiringItems, other.ExpiringItems) = (other.ExpiringItems, ExpiringItems);
        (ExpiringItemsCursor, other.ExpiringItemsCursor) = (other.ExpiringItemsCursor, ExpiringItemsCursor);
        (ExpireCursor, other.ExpireCursor) = (other.ExpireCursor, ExpireCursor);
        (AverageTtlMs, other.AverageTtlMs) = (other.AverageTtlMs, AverageTtlMs);
        (IterationIndex, other.IterationIndex) = (other.IterationIndex, IterationIndex);
        if (Waits.KeyCount > 0) Waits.SignalAll();
        if (other.Waits.KeyCount > 0) other.Waits.SignalAll();
    }

    /// <summary>Empties the database and hands the tables, entries included, to the caller.</summary>
    public (EntryTable<EntryTraits> Keys, EntryTable<EntryTraits> Expires) Detach()
    {
        (EntryTable<EntryTraits>, EntryTable<EntryTraits>) content = (Keys, Expires);
        Keys = new EntryTable<EntryTraits>();
        Expires = new EntryTable<EntryTraits>();
        ExpiringItems.Dispose(); // its memory alone: some bytes for each key, freed in large blocks
        ExpiringItems = new EntryTable<EntryTraits>();
        ExpireCursor = 0;
        ExpiringItemsCursor = 0;
        AverageTtlMs = 0;
        if (Waits.KeyCount > 0) Waits.SignalAll();
        return content;
    }
}
