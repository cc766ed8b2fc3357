// WATCH: who watches which key of one database. A change marks the watchers; EXEC asks for the mark.

using Valkey.Host.Clients;
using Valkey.Host.Text;

namespace Valkey.Host.Transactions;

/// <summary>A key that a client watches.</summary>
internal sealed class WatchedKey(Client client, int databaseIndex, byte[] key, bool wasExpired)
{
    public Client Client { get; } = client;

    public int DatabaseIndex { get; } = databaseIndex;

    public byte[] Key { get; } = key;

    /// <summary>Its time was over when WATCH came: that it is deleted then is no change.</summary>
    public bool WasExpired { get; } = wasExpired;
}

internal sealed class WatchTable
{
    private readonly Dictionary<byte[], List<WatchedKey>> _byKey = new(ByteArrayComparer.Instance);

    /// <summary>Number of keys that somebody watches.</summary>
    public int KeyCount => _byKey.Count;

    public void Add(WatchedKey watched)
    {
        if (!_byKey.TryGetValue(watched.Key, out List<WatchedKey>? watchers)) _byKey.Add(watched.Key, watchers = []);
        watchers.Add(watched);
    }

    public void Remove(WatchedKey watched)
    {
        if (!_byKey.TryGetValue(watched.Key, out List<WatchedKey>? watchers)) return;
        watchers.Remove(watched);
        if (watchers.Count == 0) _byKey.Remove(watched.Key);
    }

    /// <summary>Marks everybody who watches this key.</summary>
    public void Touch(ReadOnlySpan<byte> key)
    {
        if (_byKey.Count == 0) return;
        if (!_byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out List<WatchedKey>? watchers)) return;
        foreach (WatchedKey watched in watchers) watched.Client.Transaction.IsStale = true;
    }

    /// <summary>Calls for every watched key.</summary>
    public void ForEach(Action<byte[], List<WatchedKey>> action)
    {
        foreach ((byte[] key, List<WatchedKey> watchers) in _byKey) action(key, watchers);
    }
}
