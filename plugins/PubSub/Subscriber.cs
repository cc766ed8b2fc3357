// A client that is subscribed to something: its number, by which the tables know it, and what it is subscribed to.
// The lists hold the same native names as the tables of all subscriptions and own none of them; a list exists while it has
// something in it. Command thread only.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.PubSub;

internal sealed class Subscriber(IClient client, int id)
{
    private const int KindCount = 3;

    private readonly NativeTable<NamedIdsTraits>[] _lists = new NativeTable<NamedIdsTraits>[KindCount];

    /// <summary>The client, until it ends.</summary>
    public IClient Client { get; } = client;

    /// <summary>Its number among the subscribers; used again when it is gone.</summary>
    public int Id { get; } = id;

    /// <summary>How many it has of a kind.</summary>
    public int CountOf(SubscriptionKind kind) => _lists[(int)kind] is { IsNull: false } list ? (int)list.Count : 0;

    /// <summary>The count that confirmations tell: channels and patterns together, shard channels by themselves.</summary>
    public int ToldCount(SubscriptionKind kind) => kind == SubscriptionKind.ShardChannel
        ? CountOf(SubscriptionKind.ShardChannel)
        : CountOf(SubscriptionKind.Channel) + CountOf(SubscriptionKind.Pattern);

    /// <summary>For the server, which shows the counts.</summary>
    public ClientSubscriptions Summary => new(
        CountOf(SubscriptionKind.Channel), CountOf(SubscriptionKind.Pattern), CountOf(SubscriptionKind.ShardChannel), MemoryBytes);

    private long MemoryBytes
    {
        get
        {
            long bytes = 0;
            foreach (NativeTable<NamedIdsTraits> list in _lists)
            {
                if (!list.IsNull) bytes += list.MemoryBytes;
            }

            return bytes;
        }
    }

    /// <summary>Its list of a kind; null when it is empty.</summary>
    public NativeTable<NamedIdsTraits> ListOf(SubscriptionKind kind) => _lists[(int)kind];

    /// <summary>Whether it has a subscription.</summary>
    public bool Has(SubscriptionKind kind, ReadOnlySpan<byte> name, ulong hash)
    {
        NativeTable<NamedIdsTraits> list = _lists[(int)kind];
        return !list.IsNull && list.Find(name, hash) != 0;
    }

    /// <summary>Adds one that it does not have.</summary>
    public void Add(SubscriptionKind kind, NamedIds name, ulong hash)
    {
        ref NativeTable<NamedIdsTraits> list = ref _lists[(int)kind];
        if (list.IsNull) list = NativeTable<NamedIdsTraits>.Create();
        list.Insert(name.Address, hash);
    }

    /// <summary>Takes one out; null when it did not have it.</summary>
    public NamedIds Remove(SubscriptionKind kind, ReadOnlySpan<byte> name, ulong hash)
    {
        NativeTable<NamedIdsTraits> list = _lists[(int)kind];
        return list.IsNull ? default : new NamedIds(list.Remove(name, hash));
    }

    /// <summary>Gives back the memory of lists that have become empty.</summary>
    public void Trim()
    {
        foreach (ref NativeTable<NamedIdsTraits> list in _lists.AsSpan())
        {
            if (list.IsNull || list.Count > 0) continue;
            list.Free();
            list = default;
        }
    }
}
