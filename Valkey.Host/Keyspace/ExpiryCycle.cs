// Finds expired keys that nobody asks for, in slices of time, so that memory comes back and no command waits for long.
//
// Each slice goes on where the last one ended: round-robin over the databases, by cursor within the table of keys that
// expire. A database is left as soon as a round of samples shows few expired keys. The slow cycle, by the cron, may take a
// quarter of the time (more with active-expire-effort); when that was not enough, fast ones of a millisecond follow
// before the loop sleeps. Items of values (fields of hashes) are looked for in the same time by ItemExpiryCycle; the two take
// turns in being first. Source: https://valkey.io/commands/expire/ (how keys are expired)

using System.Diagnostics;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class ExpiryCycle(Server server, Expiry expiry)
{
    private const int DatabasesPerCall = 16;
    private const int KeysPerRound = 20;
    private const int FastUs = 1000;
    private const int SlowTimePercent = 25;
    private const int AcceptableStalePercent = 10;
    private const int BucketsPerKeyMax = 20;
    private const int RoundsPerTimeCheck = 16;

    private readonly ItemExpiryCycle _items = new(server);
    private int _nextDatabase;
    private bool _itemsFirst;
    private bool _ranOutOfTime;
    private long _lastFastTicks;
    private long _sampledCount;
    private long _expiredCount;

    /// <summary>0 to 9.</summary>
    private int Effort => (int)server.Options.ActiveExpireEffort.Value - 1;

    private int AcceptablePercent => AcceptableStalePercent - Effort;

    private long FastLimitUs => FastUs + (FastUs / 4 * Effort);

    /// <summary>Whether the last cycle left work behind.</summary>
    public bool WantsFast => KeysWantFast || ItemsWantFast;

    private bool KeysWantFast => _ranOutOfTime || server.Statistics.ExpiredStalePercent >= AcceptablePercent;

    private bool ItemsWantFast => _items.RanOutOfTime || server.Statistics.ExpiredItemsStalePercent >= AcceptablePercent;

    /// <summary>A cycle of about a millisecond, unless the last one is not long ago.</summary>
    public void RunFast()
    {
        long now = Stopwatch.GetTimestamp();
        if (_lastFastTicks != 0 && Clock.MicrosecondsOf(now - _lastFastTicks) < FastLimitUs * 2) return;
        _lastFastTicks = now;
        RunBoth(now, FastLimitUs, KeysWantFast, ItemsWantFast);
    }

    /// <summary>The cron's cycle: a share of the time between two of its runs.</summary>
    public void RunSlow()
    {
        long limitUs = (SlowTimePercent + (2 * Effort)) * 1_000_000L / server.Cron.Hz / 100;
        RunBoth(Stopwatch.GetTimestamp(), Math.Max(1, limitUs), wantsKeys: true, wantsItems: true);
    }

    /// <summary>Keys and items within one limit; the second has the time that the first left.</summary>
    private void RunBoth(long startTicks, long limitUs, bool wantsKeys, bool wantsItems)
    {
        if (wantsItems && _itemsFirst) _items.Run(startTicks, limitUs, Effort);
        if (wantsKeys && Clock.MicrosecondsSince(startTicks) <= limitUs) Run(startTicks, limitUs);
        if (wantsItems && !_itemsFirst && Clock.MicrosecondsSince(startTicks) <= limitUs) _items.Run(startTicks, limitUs, Effort);
        _itemsFirst = !_itemsFirst;

        long ticks = Stopwatch.GetTimestamp() - startTicks;
        server.Statistics.ExpireCycleTicks += ticks;
        if (server.Latency.IsEnabled) server.Latency.Add("expire-cycle", Clock.MicrosecondsOf(ticks) / 1000);
    }

    private void Run(long startTicks, long limitUs)
    {
        int databaseCount = server.Databases.Length;
        int wanted = _ranOutOfTime ? databaseCount : Math.Min(DatabasesPerCall, databaseCount);
        _ranOutOfTime = false;
        _sampledCount = _expiredCount = 0;
        for (int i = 0, performed = 0; i < databaseCount && performed < wanted && !_ranOutOfTime; i++)
        {
            // The next one is chosen now: when time runs out in this database, the others have their turn first.
            Database database = server.Databases[_nextDatabase];
            _nextDatabase = (_nextDatabase + 1) % databaseCount;
            if (database.Expires.Count > 0) performed++;
            Clean(database, startTicks, limitUs);
        }

        NoteStatistics();
    }

    private void Clean(Database database, long startTicks, long limitUs)
    {
        Sampler sampler = new(server, expiry, database);
        for (int rounds = 1; database.Expires.Count > 0; rounds++)
        {
            sampler.SampledCount = sampler.ExpiredCount = 0;
            bool isComplete = Round(database, ref sampler);
            _sampledCount += sampler.SampledCount;
            _expiredCount += sampler.ExpiredCount;
            bool isTimeToCheck = rounds % RoundsPerTimeCheck == 0;
            bool isStale = sampler.SampledCount == 0 || sampler.ExpiredCount * 100 / sampler.SampledCount > AcceptablePercent;
            if (isComplete || !isStale) break;
            if (!isTimeToCheck || Clock.MicrosecondsSince(startTicks) <= limitUs) continue;
            _ranOutOfTime = true;
            server.Statistics.ExpiredTimeCapReached++;
            break;
        }

        sampler.NoteAverage();
        if (database.Expires.Count == 0) database.AverageTtlMs = 0;
    }

    /// <summary>Looks at some keys; true when the scan of the table has come to its end.</summary>
    private bool Round(Database database, ref Sampler sampler)
    {
        long wanted = Math.Min(database.Expires.Count, KeysPerRound + (KeysPerRound / 4 * Effort));
        for (long buckets = wanted * BucketsPerKeyMax; buckets > 0 && sampler.SampledCount < wanted; buckets--)
        {
            database.ExpireCursor = database.Expires.Scan(database.ExpireCursor, ref sampler);
            if (database.ExpireCursor == 0) return true;
        }

        return false;
    }

    private void NoteStatistics()
    {
        double percent = _sampledCount > 0 ? 100.0 * _expiredCount / _sampledCount : 0;
        server.Statistics.ExpiredStalePercent = (percent * 0.05) + (server.Statistics.ExpiredStalePercent * 0.95);
    }

    /// <summary>Deletes the expired keys that it is shown and averages the time that the others have left.</summary>
    private struct Sampler(Server server, Expiry expiry, Database database) : IEntryVisitor
    {
        public long SampledCount;
        public long ExpiredCount;
        private long _ttlSumMs;
        private long _ttlCount;

        public void Visit(nint entry)
        {
            Entry candidate = new(entry);
            SampledCount++;
            long ttlMs = candidate.ExpireAtUnixMs - server.Clock.UnixMs;
            if (ttlMs < 0)
            {
                ExpiredCount++;
                expiry.DeleteExpired(database, candidate.Key);
                return;
            }

            _ttlSumMs += ttlMs;
            _ttlCount++;
        }

        /// <summary>A running average: what was seen now counts for 2 percent.</summary>
        public readonly void NoteAverage()
        {
            if (_ttlCount == 0) return;
            long averageMs = _ttlSumMs / _ttlCount;
            database.AverageTtlMs = database.AverageTtlMs == 0
                ? averageMs
                : averageMs + (long)((database.AverageTtlMs - averageMs) * 0.98);
        }
    }
}
