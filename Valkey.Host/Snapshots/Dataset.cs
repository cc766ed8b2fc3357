// The whole dataset, for those who save it.

using Valkey.Abstractions;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Snapshots;

internal sealed class Dataset(Server server) : IDataset
{
    private const long ProgressEveryKeys = 1024;

    /// <inheritdoc/>
    public long KeyCount
    {
        get
        {
            long count = 0;
            foreach (Database database in server.Databases) count += database.Keys.Count;
            return count;
        }
    }

    /// <inheritdoc/>
    public bool SupportsIteration => Iteration.IterationService.IsSupported;

    /// <inheritdoc/>
    public void WriteTo(ISnapshotWriter writer, IWriteProgress? progress)
    {
        long written = 0;
        writer.Begin();
        for (int i = 0; i < server.Databases.Length; i++)
        {
            Database database = server.Databases[i];
            if (database.Keys.Count == 0) continue;
            writer.BeginDatabase(i, database.Keys.Count, database.Expires.Count);
            foreach (nint address in database.Keys)
            {
                if (writer.Sink.ErrorNumber != 0) return;
                writer.WriteEntry(EntryFor(new Entry(address)));
                if (++written % ProgressEveryKeys == 0) progress?.KeysWritten(written);
            }
        }

        writer.End();
        progress?.KeysWritten(written);
    }

    /// <inheritdoc/>
    public IBackgroundIteration BeginIteration(IIterationConsumer consumer) => server.Iterations.Begin(consumer);

    /// <summary>An entry as a format sees it.</summary>
    public SnapshotEntry EntryFor(Entry entry) => new(
        entry.Key, server.DataTypes.Of(entry), DataTypeRegistry.ValueOf(entry), entry.ExpireAtUnixMs, -1, -1);
}
