// Copies of entries that are not large, so that a write need not wait until the original is saved.
//
// To copy some ten kilobytes costs the command thread less than to hold a client, to wake the other thread and to be woken by it,
// and the save goes on meanwhile. What is larger is not copied, as a copy holds up everybody.

using Valkey.Abstractions;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Iteration;

internal sealed class EntryClone(DataTypeRegistry types, long bytesMax)
{
    private const int Samples = 5;

    /// <summary>Memory of an entry with its value, estimated for large collections.</summary>
    public long MemoryOf(Entry entry)
    {
        long bytes = (long)entry.MemoryBytes;
        return entry.IsEmbedded ? bytes : bytes + types.Of(entry).MemoryUsageBytes(DataTypeRegistry.ValueOf(entry), Samples);
    }

    /// <summary>Whether it is copied, and not waited for.</summary>
    public bool IsSmall(Entry entry) => MemoryOf(entry) <= bytesMax;

    /// <summary>A copy in no table, with expiry and access clock; null when the type cannot make one.</summary>
    /// <param name="entry">The original.</param>
    /// <param name="addedBytes">Memory that the two take more than the original did.</param>
    public Entry TryMake(Entry entry, out long addedBytes)
    {
        addedBytes = 0;
        Entry clone = entry.IsEmbedded ? entry.CopyShell(entry.Key) : CopyOfValue(entry, out addedBytes);
        if (clone.IsNull) return clone;
        addedBytes += (long)clone.MemoryBytes;
        return clone;
    }

    private Entry CopyOfValue(Entry entry, out long addedBytes)
    {
        KeyEntry copy = CopyValue(entry, out addedBytes);
        if (!copy.Exists) return default;
        Entry clone = new(copy.Address);
        clone.AccessClock = entry.AccessClock;
        return entry.HasExpiry ? clone.WithExpiry(entry.ExpireAtUnixMs) : clone;
    }

    private KeyEntry CopyValue(Entry entry, out long addedBytes)
    {
        try
        {
            return types.Of(entry).CopyForIteration(entry.Key, DataTypeRegistry.ValueOf(entry), EntryFactory.Instance, out addedBytes);
        }
        catch (Exception)
        {
            addedBytes = 0;
            return default; // a module's type that cannot: its keys wait as large ones do
        }
    }
}
