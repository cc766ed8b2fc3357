// The whole dataset, for those who save it.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Host.Keyspace;
using Valkey.Host.Loop;
using Valkey.Structures;

namespace Valkey.Host.Snapshots;

internal sealed class Dataset : IDataset
{
    private const long ProgressEveryKeys = 1024;

    private readonly Server _server;
    private readonly Rehearsal _rehearsal;
    private long _keysSinceDelay;

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
    public bool SupportsIteration => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void WriteTo(ISnapshotWriter writer, IWriteProgress? progress) => Write(writer, progress, long.MaxValue);

    /// <inheritdoc/>
    public long Rehearse(ISnapshotWriter writer, IWriteProgress progress, int keysMax) => _rehearsal.Run(writer, progress, keysMax);

    /// <summary>Writes so many keys at most. A forked child runs this: it is compiled once and never again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(ISnapshotWriter writer, IWriteProgress? progress, long keysMax)
    {
        long written = 0;
        writer.Begin();
        for (int i = 0; i < _server.Databases.Length; i++)
        {
            Database database = _server.Databases[i];
            if (database.Keys.Count == 0) continue;
            writer.BeginDatabase(i, database.Keys.Count, database.Expires.Count);
            foreach (nint address in database.Keys)
            {
                if (writer.Sink.ErrorNumber != 0 || written == keysMax) break;
                writer.WriteEntry(EntryFor(new Entry(address)));
                if (_server.Options.Snapshots.KeySaveDelay.Value != 0) Delay();
                if (++written % ProgressEveryKeys == 0) Report(progress, written);
            }

            if (writer.Sink.ErrorNumber != 0) return;
        }

        writer.End();
        Report(progress, written);
    }

    /// <inheritdoc/>
    public IBackgroundIteration BeginIteration(IIterationConsumer consumer) =>
        throw new InvalidOperationException("forkless-options-supported is off");

    /// <summary>An entry as a format sees it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SnapshotEntry EntryFor(Entry entry) => new(
        entry.Key, _server.DataTypes.Of(entry), DataTypeRegistry.ValueOf(entry), entry.ExpireAtUnixMs, -1, -1);

    /// <summary>rdb-key-save-delay, with the numbers as they are now: a child has them as they were at the fork.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Delay()
    {
        long microseconds = _server.Options.Snapshots.KeySaveDelay.Value;
        if (microseconds < 0)
        {
            // Shorter than any sleep takes: now and then one of a microsecond.
            if (++_keysSinceDelay < -microseconds) return;
            _keysSinceDelay = 0;
            microseconds = 1;
        }

        _ = Libc.SleepMicroseconds((uint)microseconds);
    }

    // One place that calls through the interface: the rehearsal has made that call before a child does.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Report(IWriteProgress? progress, long written) => progress?.KeysWritten(written);
}
