// The key types that plugins brought, by the number that entries carry.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class DataTypeRegistry
{
    private readonly DataType?[] _byId = new DataType?[256];
    private readonly int[] _registrations = new int[256];
    private readonly Dictionary<string, (DataType Type, string Owner)> _byName = [];
    private int _lastRegistration;

    /// <summary>All types.</summary>
    public IEnumerable<DataType> All
    {
        get
        {
            foreach ((DataType type, string _) in _byName.Values) yield return type;
        }
    }

    public IDisposable Add(DataType type, string owner)
    {
        if (_byName.TryGetValue(type.Name, out (DataType Type, string Owner) existing))
            throw new InvalidOperationException($"the data type '{type.Name}' of {owner} is there already: it belongs to {existing.Owner}");
        int id = Array.IndexOf(_byId, null, 1);
        if (id is < 0 or > 254) throw new InvalidOperationException("there are 254 data types already");
        type.Id = (byte)id;
        _byId[id] = type;
        _registrations[id] = ++_lastRegistration;
        _byName.Add(type.Name, (type, owner));
        return new Registration(() =>
        {
            _byId[id] = null;
            _byName.Remove(type.Name);
        });
    }

    public DataType? Find(string name) => _byName.TryGetValue(name, out (DataType Type, string Owner) found) ? found.Type : null;

    /// <summary>The type of an entry.</summary>
    public DataType Of(Entry entry) => _byId[entry.TypeId]!;

    /// <summary>Which registration the type of an entry is: unlike the type's number it is never given again.</summary>
    public int RegistrationOf(Entry entry) => _registrations[entry.TypeId];

    /// <summary>The value of an entry as its type sees it.</summary>
    public static StoredValue ValueOf(Entry entry) => entry.IsEmbedded
        ? new StoredValue(entry.Encoding, 0, entry.EmbeddedValue, true)
        : new StoredValue(entry.Encoding, entry.Payload, default, false);

    /// <summary>Frees an entry with its value. Any thread, once nobody can reach it.</summary>
    public void Free(Entry entry)
    {
        if (!entry.IsEmbedded) Of(entry).Free(ValueOf(entry));
        entry.FreeShell();
    }

    /// <summary>How much work freeing it is.</summary>
    public long FreeEffort(Entry entry) => entry.IsEmbedded ? 1 : Of(entry).FreeEffort(ValueOf(entry));
}
