// The whole dataset, for those who save it.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Snapshots;

internal sealed class Dataset : IDataset
{
    private const long ProgressEveryKeys = 1024;
    private const long LooksPerKey = 8; // where quick ones are rare, a rehearsal gives up

    private readonly Server _server;
    private readonly Rehearsal _rehearsal;

    public Dataset(Server server)
    {
        _server = server;
        _rehearsal = new Rehearsal(server, this);
    }

    /// <inheritdoc/>
    public long KeyCount
    {
        get
        {
            long count = 0;
            foreach (Database database in _server.Databases) count += database.Keys.Count;
            return count;
        }
    }

    /// <inheritdoc/>
    public bool SupportsIteration => Iteration.IterationService.IsSupported;

    /// <inheritdoc/>
    public bool HasExpiringItems => Array.Exists(_server.Databases, database => database.ExpiringItems.Count > 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void WriteTo(ISnapshotWriter writer, IWriteProgress? progress) =>
        Write(writer, progress, long.MaxValue, _server.Options.Snapshots.KeySaveDelay.Value);

    /// <inheritdoc/>
    public long Rehearse(ISnapshotWriter writer, IWriteProgress progress, int keysMax) => _rehearsal.Run(writer, progress, keysMax);

    /// <summary>Writes all keys, or so many that are written quickly, with rdb-key-save-delay after each. A forked child runs this.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(ISnapshotWriter writer, IWriteProgress? progress, long keysMax, long delay)
    {
        long written = 0;
        long looked = 0;
        writer.Begin();
        for (int i = 0; i < _server.Databases.Length; i++)
        {
            Database database = _server.Databases[i];
            if (database.Keys.Count == 0) continue;
            writer.BeginDatabase(i, database.Keys.Count, database.Expires.Count);
            foreach (nint address in database.Keys)
            {
                if (writer.Sink.ErrorNumber != 0 || written == keysMax) break;
                if (keysMax != long.MaxValue)
                {
                    if (looked++ == keysMax * LooksPerKey) break;
                    if (!_rehearsal.IsQuick(new Entry(address))) continue;
                }

                writer.WriteEntry(EntryFor(new Entry(address)));
                written++;
                if (delay != 0) Delay(delay, written);
                if (delay != 0 || written % ProgressEveryKeys == 0) Report(progress, written);
            }

            if (writer.Sink.ErrorNumber != 0) return;
        }

        writer.End();
        Report(progress, written);
    }

    /// <inheritdoc/>
    public IBackgroundIteration BeginIteration(IIterationConsumer consumer) => _server.Iterations.Begin(consumer);

    /// <summary>rdb-key-save-delay: so many microseconds after every key, or the shortest possible time after one key of n.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Delay(long delay, long written)
    {
        if (delay < 0 && written % -delay != 0) return;
        _ = Process.Libc.SleepMicroseconds((uint)Math.Max(delay, 1));
    }

    // One place that calls through the interface: the rehearsal has made that call before a child does.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Report(IWriteProgress? progress, long written) => progress?.KeysWritten(written);

    /// <summary>An entry as a format sees it: with what eviction goes by, where a policy does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SnapshotEntry EntryFor(Entry entry)
    {
        EvictionPolicy policy = (EvictionPolicy)_server.Options.MaxMemoryPolicy.Value;
        bool isLru = policy is EvictionPolicy.AllKeysLru or EvictionPolicy.VolatileLru;
        bool isLfu = policy is EvictionPolicy.AllKeysLfu or EvictionPolicy.VolatileLfu;
        return new(
            entry.Key,
            _server.DataTypes.Of(entry),
            DataTypeRegistry.ValueOf(entry),
            entry.ExpireAtUnixMs,
            isLru ? _server.AccessClock.IdleSeconds(entry.AccessClock) : -1,
            isLfu ? (int)_server.AccessClock.Decayed(entry.AccessClock) : -1);
    }
}
