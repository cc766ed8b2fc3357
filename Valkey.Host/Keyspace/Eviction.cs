// maxmemory: makes room by evicting keys. Source: https://valkey.io/topics/lru-cache/
//
// Called before every command while there is a limit. Below the limit it is one comparison. Above it, keys go until memory
// fits or the time that maxmemory-eviction-tenacity allows is over; then a timer of the loop goes on between commands.
// Holds always: an eviction is propagated as a deletion of its own, before the command that needed the room.

using System.Diagnostics;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class Eviction
{
    /// <summary>So many evictions come between two looks at the time and at what other threads have freed.</summary>
    private const int KeysPerCheck = 16;

    private readonly Server _server;
    private readonly EvictionPool _pool = new();
    private readonly EvictionVictims _victims;
    private EvictionPolicy _policy;
    private long _exceededSinceTicks;
    private bool _isTimerRunning;

    private enum Outcome
    {
        Fits,
        GoesOn,
        Failed,
    }

    public Eviction(Server server)
    {
        _server = server;
        _victims = new EvictionVictims(server, _pool);
        ApplyPolicy();
        server.Options.MaxMemoryPolicy.Applied = ApplyPolicy;
        server.Options.LfuLogFactor.Applied = server.Options.LfuDecayTime.Applied = ApplyPolicy;
        server.Options.MaxMemory.Applied = ApplyLimit;
    }

    /// <summary>Whether the choice of victims depends on when, or how often, keys were used.</summary>
    public bool NeedsAccessClocks =>
        _server.MaxMemoryBytes > 0 && (_policy.IsLfu() || _policy is EvictionPolicy.VolatileLru or EvictionPolicy.AllKeysLru);

    /// <summary>
    /// Memory that does not count against the limit: what the append-only file has not taken yet and what only a snapshot still
    /// needs. Both grow by evictions themselves, so counting them would feed back.
    /// </summary>
    public long NotCountedBytes => _server.MemoryUses.NotCountedBytes + _server.Iterations.HeldBytes;

    /// <summary>How long memory has been above the limit, in ticks of the stopwatch; 0 when it is not.</summary>
    public long CurrentExceededTicks => _exceededSinceTicks == 0 ? 0 : Stopwatch.GetTimestamp() - _exceededSinceTicks;

    /// <summary>Evicts until memory is below the limit; false when that is not possible.</summary>
    public bool TryMakeRoom()
    {
        if (NativeHeap.UsedBytes <= _server.MaxMemoryBytes && _exceededSinceTicks == 0) return true;
        return Perform() != Outcome.Failed;
    }

    private static long ElapsedUs(long startTicks) => Clock.MicrosecondsSince(startTicks);

    /// <summary>How long evicting may hold up a command: up to half a millisecond, then growing to minutes, then for ever.</summary>
    private long TimeLimitUs()
    {
        long tenacity = _server.Options.MaxMemoryEvictionTenacity.Value;
        if (tenacity <= 10) return 50 * tenacity;
        return tenacity < 100 ? (long)(500.0 * Math.Pow(1.15, tenacity - 10.0)) : long.MaxValue;
    }

    /// <summary>Bytes above the limit, 0 or less when it is kept.</summary>
    private long ExcessBytes()
    {
        long limit = _server.MaxMemoryBytes;
        long used = NativeHeap.UsedBytes;
        return limit == 0 || used <= limit ? 0 : used - NotCountedBytes - limit;
    }

    private Outcome Perform()
    {
        if (_server.IsLoading || _server.Pause.IsActive) return Outcome.Fits; // not a time for changes; allowed to pass
        long excess = ExcessBytes();
        Outcome outcome = excess <= 0 ? Outcome.Fits
            : _policy == EvictionPolicy.NoEviction ? Outcome.Failed
            : Evict(excess);
        NoteExceeded(outcome);
        return outcome;
    }

    private Outcome Evict(long excess)
    {
        long startTicks = Stopwatch.GetTimestamp();
        long limitUs = TimeLimitUs();
        Outcome outcome = Outcome.Fits;
        long freed = 0;
        for (int keys = 1; freed < excess; keys++)
        {
            if (!_victims.TryChoose(_policy, out Database database, out Entry victim))
            {
                outcome = WaitForLazyFree(startTicks, limitUs);
                break;
            }

            freed += Remove(database, victim);
            if (keys % KeysPerCheck != 0) continue;
            if (_server.Options.LazyFreeEviction.Value && ExcessBytes() <= 0) break;
            if (ElapsedUs(startTicks) <= limitUs) continue;
            StartTimer();
            break;
        }

        if (_server.Latency.IsEnabled) _server.Latency.Add("eviction-cycle", ElapsedUs(startTicks) / 1000);
        return outcome == Outcome.Fits && _isTimerRunning ? Outcome.GoesOn : outcome;
    }

    /// <summary>Evicts one key; the bytes that were freed at once.</summary>
    private long Remove(Database database, Entry victim)
    {
        bool lazily = _server.Options.LazyFreeEviction.Value;
        long startTicks = _server.Latency.IsEnabled ? Stopwatch.GetTimestamp() : 0;
        database.Unlink(victim.Key, KeyHash.Of(victim.Key));
        _server.Statistics.EvictedKeys++;
        _server.Keyspace.SignalModified(database, victim.Key);
        _server.Keyspace.Publish(KeyspaceEvent.Evicted, "evicted"u8, victim.Key, database);
        _server.PropagateDeletion(database.Index, victim.Key, lazily);
        long before = NativeHeap.UsedBytes - _server.Iterations.HeldBytes;
        _server.Keyspace.Discard(database, victim, lazily);
        if (startTicks > 0) _server.Latency.Add("eviction-del", ElapsedUs(startTicks) / 1000);
        return before - (NativeHeap.UsedBytes - _server.Iterations.HeldBytes); // what a snapshot still needs comes back with it
    }

    /// <summary>Nothing is left to evict. Large values may still be on their way out: waits for them, but not for long.</summary>
    private Outcome WaitForLazyFree(long startTicks, long limitUs)
    {
        long waitStartTicks = Stopwatch.GetTimestamp();
        Outcome outcome = Outcome.Failed;
        while (outcome == Outcome.Failed && _server.LazyFree.PendingCount > 0 && ElapsedUs(startTicks) < limitUs)
        {
#pragma warning disable RS0030 // memory is on its way out on another thread, which has nothing to signal that with
            if (ExcessBytes() <= 0) outcome = Outcome.Fits;
            else Thread.Sleep(TimeSpan.FromMicroseconds(Math.Min(limitUs, 1000)));
#pragma warning restore RS0030
        }

        if (_server.Latency.IsEnabled) _server.Latency.Add("eviction-lazyfree", ElapsedUs(waitStartTicks) / 1000);
        return outcome;
    }

    private void NoteExceeded(Outcome outcome)
    {
        if (outcome != Outcome.Fits)
        {
            if (_exceededSinceTicks == 0) _exceededSinceTicks = Stopwatch.GetTimestamp();
        }
        else if (_exceededSinceTicks != 0)
        {
            _server.Statistics.EvictionExceededTicks += CurrentExceededTicks;
            _exceededSinceTicks = 0;
        }
    }

    private void StartTimer()
    {
        if (_isTimerRunning) return;
        _isTimerRunning = true;
        _server.Loop.Timers.Start(0, 0, OnTimer);
    }

    private void OnTimer()
    {
        _isTimerRunning = true;
        if (Perform() == Outcome.GoesOn) _server.Loop.Timers.Start(0, 0, OnTimer);
        else _isTimerRunning = false;
    }

    private string? ApplyPolicy()
    {
        _policy = (EvictionPolicy)_server.Options.MaxMemoryPolicy.Value;
        _pool.Clear();
        _server.AccessClock.IsLfu = _policy.IsLfu();
        _server.AccessClock.LogFactor = (int)_server.Options.LfuLogFactor.Value;
        _server.AccessClock.DecayMinutes = (int)_server.Options.LfuDecayTime.Value;
        return null;
    }

    private string? ApplyLimit()
    {
        long limit = _server.MaxMemoryBytes;
        if (limit == 0) return null;
        long used = NativeHeap.UsedBytes - NotCountedBytes;
        if (limit < used)
        {
            _server.Log.Write(
                LogLevel.Warning,
                $"WARNING: the new maxmemory value set via CONFIG SET ({limit}) is smaller than the current memory usage ({used}). "
                + "This will result in key eviction and/or the inability to accept new write commands depending on the maxmemory-policy.");
        }

        StartTimer();
        return null;
    }
}
