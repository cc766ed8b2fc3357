// All subscriptions of one kind: each name with the numbers of its subscribers, in native memory.
// Holds always: a name is in the table exactly while somebody is subscribed to it. Command thread only.

using Valkey.Structures;

namespace Valkey.PubSub;

internal sealed class SubscriptionTable
{
    private readonly NativeTable<NamedIdsTraits> _names = NativeTable<NamedIdsTraits>.Create();

    /// <summary>How many names there are.</summary>
    public long Count => _names.Count;

    /// <summary>The names, in no order; the table must not change meanwhile.</summary>
    public NativeTable<NamedIdsTraits> Names => _names;

    /// <summary>A name with its subscribers; null when there are none.</summary>
    public NamedIds Find(ReadOnlySpan<byte> name, ulong hash) => new(_names.Find(name, hash));

    /// <summary>How many are subscribed to a name.</summary>
    public int SubscriberCount(ReadOnlySpan<byte> name)
    {
        NamedIds found = Find(name, KeyHash.Of(name));
        return found.IsNull ? 0 : found.Count;
    }

    /// <summary>Adds a subscriber.</summary>
    public NamedIds Add(ReadOnlySpan<byte> name, ulong hash, int subscriberId)
    {
        NamedIds found = Find(name, hash);
        if (found.IsNull)
        {
            found = NamedIds.Create(name);
            _names.Insert(found.Address, hash);
        }

        found.Add(subscriberId);
        return found;
    }

    /// <summary>Takes a subscriber out; the name's memory is gone with the last one.</summary>
    public void Remove(NamedIds name, ulong hash, int subscriberId)
    {
        name.Remove(subscriberId);
        if (name.Count > 0) return;
        _names.RemoveExact(name.Address, hash);
        name.Free();
    }

    /// <summary>Gives back the memory of a table that nothing refers to any more.</summary>
    public void Free() => _names.Free();
}
