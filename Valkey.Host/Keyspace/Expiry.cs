// The end of a key: what happens when one is found whose time is over. Who looks for them is KeyspaceLookup (when they
// are asked for) and ExpiryCycle (when nobody asks).

using System.Diagnostics;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class Expiry
{
    private readonly Server _server;
    private readonly ExpiryCycle _cycle;

    public Expiry(Server server)
    {
        _server = server;
        _cycle = new ExpiryCycle(server, this);
    }

    /// <summary>Whether keys are looked for although nobody asks: DEBUG SET-ACTIVE-EXPIRE.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>Deletes a key whose time is over, tells sinks, watchers and listeners.</summary>
    public void DeleteExpired(Database database, ReadOnlySpan<byte> key)
    {
        bool lazily = _server.Options.LazyFreeExpire.Value;
        Entry entry = database.Unlink(key, KeyHash.Of(key));
        if (entry.IsNull) return;
        long startTicks = _server.Latency.IsEnabled ? Stopwatch.GetTimestamp() : 0;
        ReadOnlySpan<byte> name = entry.Key; // the caller's key may be the entry's own
        _server.Keyspace.Publish(KeyspaceEvent.Expired, "expired"u8, name, database);
        _server.Keyspace.SignalModified(database, name);
        _server.PropagateDeletion(database.Index, name, lazily);
        _server.Statistics.ExpiredKeys++;
        _server.Keyspace.Discard(database, entry, lazily);
        if (startTicks > 0) _server.Latency.Add("expire-del", Clock.MicrosecondsSince(startTicks) / 1000);
    }

    /// <summary>Before the loop sleeps: a short look, when the last slow cycle left much behind.</summary>
    public void FastCycle()
    {
        if (_cycle.WantsFast && MayDelete) _cycle.RunFast();
    }

    /// <summary>By the cron.</summary>
    public void SlowCycle()
    {
        if (MayDelete) _cycle.RunSlow();
    }

    private bool MayDelete => IsActive && !_server.IsLoading && !_server.Lookup.HidesExpired;
}
