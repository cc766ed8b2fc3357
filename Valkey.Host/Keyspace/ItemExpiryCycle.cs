// Finds expired items of values (fields of hashes) that nobody asks for, as ExpiryCycle does for keys and in the time that
// it is given.
//
// Each slice goes on where the last one ended, database by database, by cursor within the table of keys whose values have
// such items. A value gives up a limited number of items at a time; one that has more to give is looked at again before the
// cursor moves on. Holds always: a key whose last item expired is deleted, after its items were, so that listeners and
// replicas hear of both in this order.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class ItemExpiryCycle(Server server) : IItemExpiry
{
    private const int DatabasesPerCall = 16;
    private const int KeysPerRound = 20;
    private const int ItemsPerKeyFactor = 4;
    private const int AcceptableStalePercent = 10;
    private const int BucketsPerKeyMax = 10;

    private int _nextDatabase;
    private int _databaseIndex;
    private long _sampledCount;
    private long _expiredCount;

    /// <summary>Whether the last run ended for want of time.</summary>
    public bool RanOutOfTime { get; private set; }

    /// <inheritdoc/>
    public long NowUnixMs => server.Clock.UnixMs;

    /// <inheritdoc/>
    public bool PropagationWanted => server.Propagation.IsWanted;

    /// <inheritdoc/>
    public void Propagate(params ReadOnlySpan<PropagatedArgument> arguments) =>
        server.Propagation.Also(_databaseIndex, arguments);

    /// <summary>One slice.</summary>
    /// <param name="startTicks">When the time began to count.</param>
    /// <param name="limitUs">How long it may take.</param>
    /// <param name="effort">0 to 9.</param>
    public void Run(long startTicks, long limitUs, int effort)
    {
        int databaseCount = server.Databases.Length;
        int wanted = RanOutOfTime ? databaseCount : Math.Min(DatabasesPerCall, databaseCount);
        RanOutOfTime = false;
        _sampledCount = _expiredCount = 0;
        for (int i = 0, performed = 0; i < databaseCount && performed < wanted && !RanOutOfTime; i++)
        {
            // The next one is chosen now: when time runs out in this database, the others have their turn first.
            Database database = server.Databases[_nextDatabase];
            _nextDatabase = (_nextDatabase + 1) % databaseCount;
            if (database.ExpiringItems.Count > 0) performed++;
            Clean(database, startTicks, limitUs, effort);
        }

        double percent = _sampledCount > 0 ? 100.0 * _expiredCount / _sampledCount : 0;
        server.Statistics.ExpiredItemsStalePercent = (percent * 0.05) + (server.Statistics.ExpiredItemsStalePercent * 0.95);
    }

    private void Clean(Database database, long startTicks, long limitUs, int effort)
    {
        long keysPerRound = KeysPerRound + (KeysPerRound / 4 * effort);
        Visitor visitor = new(this, database, (int)keysPerRound * ItemsPerKeyFactor);
        _databaseIndex = database.Index;
        while (database.ExpiringItems.Count > 0)
        {
            visitor.SampledCount = visitor.ExpiredCount = 0;
            bool isComplete = Round(database, ref visitor, Math.Min(database.ExpiringItems.Count, keysPerRound));
            _sampledCount += visitor.SampledCount;
            _expiredCount += visitor.ExpiredCount;
            bool isStale = visitor.SampledCount == 0
                || visitor.ExpiredCount * 100 / visitor.SampledCount > AcceptableStalePercent - effort;
            if (isComplete || !isStale) return;
            if (Clock.MicrosecondsSince(startTicks) <= limitUs) continue;
            RanOutOfTime = true;
            server.Statistics.ExpiredTimeCapReached++;
            return;
        }
    }

    /// <summary>Looks at some keys; true when the scan of the table has come to its end.</summary>
    private static bool Round(Database database, ref Visitor visitor, long wanted)
    {
        for (long buckets = wanted * BucketsPerKeyMax; buckets > 0 && visitor.SampledCount < wanted; buckets--)
        {
            visitor.HasMore = false;
            ulong next = database.ExpiringItems.Scan(database.ExpiringItemsCursor, ref visitor);
            if (visitor.HasMore) continue;
            database.ExpiringItemsCursor = next;
            if (next == 0) return true;
        }

        return false;
    }

    /// <summary>Lets the type take out what is over, and does what follows from it.</summary>
    /// <returns>How many items were taken out.</returns>
    private int Expire(Database database, Entry entry, int countMax)
    {
        // What a snapshot still needs is left as it is, and looked at again later.
        if (database.Iteration is { } iteration && !iteration.IsDone(entry)) return 0;
        DataType type = server.DataTypes.Of(entry);
        StoredValue value = DataTypeRegistry.ValueOf(entry);
        if (type is not IExpiringItemsType items) return 0;
        int count = items.ExpireItems(in value, entry.Key, this, countMax);
        if (count == 0) return 0;

        server.Statistics.ExpiredItems += count;
        bool isEmpty = type.ElementCount(in value) == 0;
        if (!isEmpty && !items.HasExpiringItems(in value)) database.SetHasExpiringItems(entry, false);
        if (server.Events.IsWanted(KeyspaceEvent.Expired))
            server.Events.Publish(KeyspaceEvent.Expired, items.ExpiredEventName, entry.Key, database.Index);
        server.Keyspace.SignalModified(database, entry.Key);
        if (isEmpty) DeleteEmpty(database, entry);
        else server.Propagation.Emit();
        return count;
    }

    private void DeleteEmpty(Database database, Entry entry)
    {
        bool lazily = server.Options.LazyFreeExpire.Value;
        database.Unlink(entry.Key, KeyHash.Of(entry.Key));
        server.PropagateDeletion(database.Index, entry.Key, lazily);
        server.Keyspace.Publish(KeyspaceEvent.Generic, "del"u8, entry.Key, database);
        server.Keyspace.Discard(database, entry, lazily);
    }

    /// <summary>Expires the items of the keys that it is shown.</summary>
    private struct Visitor(ItemExpiryCycle cycle, Database database, int itemsMax) : IEntryVisitor
    {
        public long SampledCount;
        public long ExpiredCount;
        public bool HasMore;

        public void Visit(nint entry)
        {
            SampledCount++;
            int count = cycle.Expire(database, new Entry(entry), itemsMax);
            if (count > 0) ExpiredCount++;
            HasMore |= count == itemsMax;
        }
    }
}
