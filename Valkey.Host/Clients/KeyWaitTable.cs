// Who waits for which key of one database. Every way by which a key comes or goes passes through the Database, which asks for
// the counts here: one test while nobody waits.
// Holds always: there is a line for a key exactly while somebody stands in it, and a line is in the order of arrival.

using Valkey.Host.Keyspace;
using Valkey.Host.Text;
using Valkey.Structures;

namespace Valkey.Host.Clients;

/// <summary>The clients that wait for one key, the first that came first.</summary>
internal sealed class KeyLine(KeyWaitTable table, Database database, byte[] key)
{
    public Database Database { get; } = database;

    public byte[] Key { get; } = key;

    public ulong Hash { get; } = KeyHash.Of(key);

    public WaitingPlace? First { get; private set; }

    public WaitingPlace? Last { get; private set; }

    public int Count { get; private set; }

    /// <summary>How many of them are also served when the key goes.</summary>
    public int GoesCount { get; private set; }

    /// <summary>The key was signalled and has not been looked at since.</summary>
    public bool IsReady { get; set; }

    /// <summary>A client comes: it stands at the end.</summary>
    public void Enter(KeyWait wait)
    {
        WaitingPlace place = new(wait, this) { Previous = Last };
        if (Last is null) First = place;
        else Last.Next = place;
        Last = place;
        Count++;
        if (wait.EndsWhenKeyGoes)
        {
            GoesCount++;
            table.GoesCount++;
        }

        wait.Add(place);
    }

    /// <summary>A client goes.</summary>
    public void Leave(WaitingPlace place)
    {
        if (place.Previous is null) First = place.Next;
        else place.Previous.Next = place.Next;
        if (place.Next is null) Last = place.Previous;
        else place.Next.Previous = place.Previous;
        place.Line = null;
        Count--;
        if (place.Wait.EndsWhenKeyGoes)
        {
            GoesCount--;
            table.GoesCount--;
        }

        if (Count == 0) table.Remove(this);
    }

    /// <summary>Who comes behind a place, also when that one or the next has left meanwhile.</summary>
    public WaitingPlace? After(WaitingPlace place, long order)
    {
        if (place.Line is not null) return place.Next;
        WaitingPlace? next = First;
        while (next is not null && next.Wait.Order <= order) next = next.Next;
        return next;
    }
}

internal sealed class KeyWaitTable(Database database)
{
    private readonly Dictionary<byte[], KeyLine> _byKey = new(ByteArrayComparer.Instance);
    private KeyWaits? _service;

    /// <summary>Number of keys that somebody waits for.</summary>
    public int KeyCount => _byKey.Count;

    /// <summary>Number of places whose client is also served when the key goes.</summary>
    public int GoesCount { get; set; }

    /// <summary>Number of keys of which somebody waits for their end.</summary>
    public int GoesKeyCount
    {
        get
        {
            int count = 0;
            if (GoesCount == 0) return 0;
            foreach (KeyLine line in _byKey.Values) count += line.GoesCount > 0 ? 1 : 0;
            return count;
        }
    }

    /// <summary>A client begins to wait for a key; for one that it named twice it waits once.</summary>
    public void Enter(KeyWaits service, KeyWait wait, ReadOnlySpan<byte> key)
    {
        _service = service;
        if (!_byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out KeyLine? line))
        {
            byte[] name = key.ToArray();
            _byKey.Add(name, line = new KeyLine(this, database, name));
        }

        if (line.Last?.Wait != wait) line.Enter(wait);
    }

    public void Remove(KeyLine line) => _byKey.Remove(line.Key);

    /// <summary>A key came into being, or there is more of it.</summary>
    public void Signal(ReadOnlySpan<byte> key)
    {
        if (LineOf(key) is { } line) _service!.Signal(line);
    }

    /// <summary>A key went, or its value was replaced.</summary>
    public void SignalGone(ReadOnlySpan<byte> key)
    {
        if (LineOf(key) is { GoesCount: > 0 } line) _service!.Signal(line);
    }

    /// <summary>The whole content of the database is another: signals what is there now, and what somebody waits for to go.</summary>
    public void SignalAll()
    {
        foreach (KeyLine line in _byKey.Values)
        {
            if (line.GoesCount > 0 || !database.Find(line.Key, line.Hash).IsNull) _service!.Signal(line);
        }
    }

    private KeyLine? LineOf(ReadOnlySpan<byte> key) =>
        _byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out KeyLine? line) ? line : null;
}
