// A database: the table of its keys, the table of those that expire, and who watches what.
//
// Both tables point at the same entries. Holds always: an entry is in the table of expiring keys exactly when it has an
// expiry; who moves an entry tells both tables. While a background iteration runs it is told of every entry that comes, takes
// another's place or is about to change its expiry; what becomes of those that go is KeyspaceService.Discard.

using Valkey.Host.Iteration;
using Valkey.Host.Transactions;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class Database(int index)
{
    /// <summary>Its number.</summary>
    public int Index { get; } = index;

    public EntryTable<EntryTraits> Keys { get; private set; } = new();

    public EntryTable<EntryTraits> Expires { get; private set; } = new();

    public WatchTable Watches { get; } = new();

    /// <summary>Where active expiry goes on.</summary>
    public ulong ExpireCursor;

    /// <summary>Running average of the time to live, milliseconds.</summary>
    public long AverageTtlMs;

    /// <summary>The background iteration that walks the keys now; null when there is none.</summary>
    public BackgroundIteration? Iteration;

    /// <summary>The number that the content's database had when the iteration began: its keys are saved under that.</summary>
    public int IterationIndex;

    /// <summary>Finds an entry whether or not its time is over.</summary>
    public Entry Find(ReadOnlySpan<byte> key, ulong hash) => new(Keys.Find(key, hash));

    /// <summary>Finds an entry whether or not its time is over.</summary>
    public Entry Find(ReadOnlySpan<byte> key) => Find(key, KeyHash.Of(key));

    /// <summary>Adds an entry for a key that is absent.</summary>
    public void Add(Entry entry, ulong hash)
    {
        Iteration?.NoteNew(entry);
        Keys.Insert(entry.Address, hash);
        if (entry.HasExpiry) Expires.Insert(entry.Address, hash);
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
    }

    /// <summary>An entry took over key, value and expiry of one that is gone already.</summary>
    public void Moved(nint previousAddress, Entry current, ulong hash)
    {
        Iteration?.NoteNew(current);
        Keys.Replace(previousAddress, current.Address, hash);
        if (current.HasExpiry) Expires.Replace(previousAddress, current.Address, hash);
    }

    /// <summary>Takes an entry out of both tables; it belongs to the caller now.</summary>
    public Entry Unlink(ReadOnlySpan<byte> key, ulong hash)
    {
        Entry entry = new(Keys.Remove(key, hash));
        if (!entry.IsNull && entry.HasExpiry) Expires.RemoveExact(entry.Address, hash);
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
        }

        if (!hadExpiry) Expires.Insert(entry.Address, hash);
        else if (entry.Address != previous) Expires.Replace(previous, entry.Address, hash);
        return entry;
    }

    /// <summary>Exchanges the content with another database; numbers and watchers stay.</summary>
    public void SwapContent(Database other)
    {
        (Keys, other.Keys) = (other.Keys, Keys);
        (Expires, other.Expires) = (other.Expires, Expires);
        (ExpireCursor, other.ExpireCursor) = (other.ExpireCursor, ExpireCursor);
        (AverageTtlMs, other.AverageTtlMs) = (other.AverageTtlMs, AverageTtlMs);
        (IterationIndex, other.IterationIndex) = (other.IterationIndex, IterationIndex);
    }

    /// <summary>Empties the database and hands the tables, entries included, to the caller.</summary>
    public (EntryTable<EntryTraits> Keys, EntryTable<EntryTraits> Expires) Detach()
    {
        (EntryTable<EntryTraits>, EntryTable<EntryTraits>) content = (Keys, Expires);
        Keys = new EntryTable<EntryTraits>();
        Expires = new EntryTable<EntryTraits>();
        ExpireCursor = 0;
        AverageTtlMs = 0;
        return content;
    }
}
