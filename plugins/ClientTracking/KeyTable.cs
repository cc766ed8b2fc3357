// Which clients may have cached which keys: each key that was read with the ids of its readers, in native memory. Ids of
// clients that are gone stay until their key changes: ids are never used again, so nobody else gets their messages.
// Databases are not told apart, as clients do not either. Command thread only.

using Valkey.Structures;

namespace Valkey.ClientTracking;

internal sealed class KeyTable
{
    private NativeTable<NamedIdsTraits> _keys = NativeTable<NamedIdsTraits>.Create();
    private ulong _random = (ulong)Environment.TickCount64;

    /// <summary>How many keys there are.</summary>
    public long Count => _keys.Count;

    /// <summary>How many clients of keys there are.</summary>
    public long ItemCount { get; private set; }

    /// <summary>Remembers that a client has read a key.</summary>
    public void Add(ReadOnlySpan<byte> key, long clientId)
    {
        ulong hash = KeyHash.Of(key);
        NamedIds found = new(_keys.Find(key, hash));
        if (found.IsNull)
        {
            found = NamedIds.Create(key);
            _keys.Insert(found.Address, hash);
        }

        if (found.Add(clientId)) ItemCount++;
    }

    /// <summary>Takes a key out; null when nobody has read it. The caller frees it.</summary>
    public NamedIds Take(ReadOnlySpan<byte> key)
    {
        if (_keys.Count == 0) return default;
        NamedIds taken = new(_keys.Remove(key, KeyHash.Of(key)));
        if (!taken.IsNull) ItemCount -= taken.Count;
        return taken;
    }

    /// <summary>Takes out any key; null when there is none. The caller frees it.</summary>
    public NamedIds TakeRandom()
    {
        NamedIds chosen = new(_keys.Random(ref _random));
        return chosen.IsNull ? default : Take(chosen.Name);
    }

    /// <summary>Empties it. What it held is freed by the returned action, on any thread.</summary>
    public Action Clear()
    {
        NativeTable<NamedIdsTraits> old = _keys;
        _keys = NativeTable<NamedIdsTraits>.Create();
        ItemCount = 0;
        return () =>
        {
            Freer freer = default;
            old.Free(ref freer);
        };
    }

    private readonly struct Freer : IEntryVisitor
    {
        public void Visit(nint entry) => new NamedIds(entry).Free();
    }
}
