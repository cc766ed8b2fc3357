// Who is subscribed to what. Subscribers have small numbers, so that a table of a million channels holds no managed object
// and a message finds its receivers by an index.
// Holds always: a number in a table is that of a subscriber whose own list has that name; with the client all of it goes.
// Command thread only.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.PubSub;

internal sealed class Subscriptions
{
    private readonly IClients _clients;
    private readonly ClientState<Subscriber> _state;
    private readonly SubscriptionTable[] _tables = [new(), new(), new()];
    private readonly Stack<int> _freeIds = new();
    private Subscriber?[] _byId = new Subscriber?[16];
    private int _idCount;

    public Subscriptions(IClients clients)
    {
        _clients = clients;
        _state = clients.AddState<Subscriber>(Ended);
    }

    /// <summary>The subscriptions of a kind.</summary>
    public SubscriptionTable this[SubscriptionKind kind] => _tables[(int)kind];

    /// <summary>The subscriber with a number that stands in a table.</summary>
    public Subscriber ById(long id) => _byId[id]!;

    /// <summary>The subscriber that a client is, or becomes.</summary>
    public Subscriber Of(IClient client)
    {
        if (_state.Of(client) is { } known) return known;
        if (!_freeIds.TryPop(out int id)) id = _idCount++;
        if (id == _byId.Length) Array.Resize(ref _byId, _byId.Length * 2);
        Subscriber created = new(client, id);
        _byId[id] = created;
        _state.Set(client, created);
        return created;
    }

    /// <summary>Subscribes; no change when it is subscribed already.</summary>
    public void Add(Subscriber subscriber, SubscriptionKind kind, ReadOnlySpan<byte> name)
    {
        ulong hash = KeyHash.Of(name);
        if (subscriber.Has(kind, name, hash)) return;
        subscriber.Add(kind, this[kind].Add(name, hash, subscriber.Id), hash);
    }

    /// <summary>Ends a subscription, if there is one.</summary>
    public void Remove(Subscriber subscriber, SubscriptionKind kind, ReadOnlySpan<byte> name)
    {
        ulong hash = KeyHash.Of(name);
        NamedIds removed = subscriber.Remove(kind, name, hash);
        if (!removed.IsNull) this[kind].Remove(removed, hash, subscriber.Id);
    }

    /// <summary>Ends all subscriptions of a kind and shows each name, which is valid for that long.</summary>
    public void RemoveAll(Subscriber subscriber, SubscriptionKind kind, NameHandler? removed)
    {
        NativeTable<NamedIdsTraits> list = subscriber.ListOf(kind);
        if (list.IsNull) return;
        Remover remover = new(this, subscriber, kind, removed);
        list.ScanAll(ref remover);
    }

    /// <summary>Behind a change: tells the server, and keeps no empty lists.</summary>
    public void Changed(Subscriber subscriber)
    {
        subscriber.Trim();
        _clients.SetSubscriptions(subscriber.Client, subscriber.Summary);
    }

    private void Ended(IClient client, Subscriber subscriber)
    {
        foreach (SubscriptionKind kind in (ReadOnlySpan<SubscriptionKind>)[SubscriptionKind.Channel, SubscriptionKind.Pattern, SubscriptionKind.ShardChannel])
            RemoveAll(subscriber, kind, removed: null);
        Changed(subscriber);
        _byId[subscriber.Id] = null;
        _freeIds.Push(subscriber.Id);
    }

    /// <summary>Takes out the names that it is shown.</summary>
    private readonly struct Remover(Subscriptions subscriptions, Subscriber subscriber, SubscriptionKind kind, NameHandler? removed)
        : IEntryVisitor
    {
        public void Visit(nint entry)
        {
            NamedIds name = new(entry);
            ulong hash = KeyHash.Of(name.Name);
            if (subscriber.Remove(kind, name.Name, hash).IsNull) return; // the scan shows some twice
            removed?.Invoke(name.Name);
            subscriptions[kind].Remove(name, hash, subscriber.Id);
        }
    }
}

/// <summary>Is shown a name.</summary>
internal delegate void NameHandler(ReadOnlySpan<byte> name);
