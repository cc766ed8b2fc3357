// WATCH: who watches which key of one database. A change marks the watchers; EXEC asks for the mark.
// Holds always: a watched key stands in its client's list and, at Index, in the list of its key's watchers, or in neither.

using Valkey.Host.Clients;
using Valkey.Host.Text;

namespace Valkey.Host.Transactions;

/// <summary>A key that a client watches.</summary>
internal sealed class WatchedKey(WatchService service, Client client, int databaseIndex, byte[] key)
{
    public WatchService Service { get; } = service;

    public Client Client { get; } = client;

    public int DatabaseIndex { get; } = databaseIndex;

    public byte[] Key { get; } = key;

    /// <summary>Its time was over when WATCH came, and it has not been deleted since.</summary>
    public bool WasExpired { get; set; }

    /// <summary>Its place among the watchers of the key.</summary>
    public int Index { get; set; }
}

internal sealed class WatchTable
{
    private readonly Dictionary<byte[], List<WatchedKey>> _byKey = new(ByteArrayComparer.Instance);

    /// <summary>Number of keys that somebody watches.</summary>
    public int KeyCount => _byKey.Count;

    public void Add(WatchedKey watched)
    {
        if (!_byKey.TryGetValue(watched.Key, out List<WatchedKey>? watchers)) _byKey.Add(watched.Key, watchers = []);
        watched.Index = watchers.Count;
        watchers.Add(watched);
    }

    public void Remove(WatchedKey watched)
    {
        if (!_byKey.TryGetValue(watched.Key, out List<WatchedKey>? watchers)) return;
        WatchedKey last = watchers[^1];
        watchers[watched.Index] = last;
        last.Index = watched.Index;
        watchers.RemoveAt(watchers.Count - 1);
        if (watchers.Count == 0) _byKey.Remove(watched.Key);
    }

    /// <summary>Those who watch a key, or null.</summary>
    public List<WatchedKey>? WatchersOf(ReadOnlySpan<byte> key)
    {
        if (_byKey.Count == 0) return null;
        return _byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out List<WatchedKey>? watchers) ? watchers : null;
    }

    /// <summary>A key changed: tells everybody who watches it.</summary>
    public void Touch(ReadOnlySpan<byte> key)
    {
        if (WatchersOf(key) is not { } watchers) return;
        // From the end: who is told stops watching, which moves the last one into its place.
        for (int i = watchers.Count - 1; i >= 0; i--) watchers[i].Service.Changed(watchers[i]);
    }

    /// <summary>Calls for every watched key.</summary>
    public void ForEach(Action<byte[], List<WatchedKey>> action)
    {
        foreach ((byte[] key, List<WatchedKey> watchers) in _byKey) action(key, watchers);
    }
}
