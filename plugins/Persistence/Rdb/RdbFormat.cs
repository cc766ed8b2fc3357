// The RDB format as the server uses it: makes writers, reads snapshots.

using Valkey.Abstractions;

namespace Valkey.Rdb;

internal sealed class RdbFormat(RdbOptions options, IDataset dataset) : ISnapshotFormat
{
    /// <inheritdoc/>
    public string Name => "rdb";

    /// <inheritdoc/>
    public bool SkipsChecksums { get; set; }

    /// <inheritdoc/>
    public long SanitizationCount { get; set; }

    /// <inheritdoc/>
    public ISnapshotWriter CreateWriter(ISnapshotSink sink, SnapshotHeader header) =>
        new RdbWriter(sink, header, VersionNeeded(), options.Compresses, options.HasChecksum);

    /// <inheritdoc/>
    public long Load(ISnapshotSource source, ISnapshotReceiver receiver)
    {
        RdbLoadSettings settings = new(options.IsRelaxed, options.HasChecksum && !SkipsChecksums, options.SanitizesSnapshots);
        using RdbReader reader = new(source, receiver, settings);
        try
        {
            return reader.Load();
        }
        finally
        {
            SanitizationCount += reader.SanitizationCount;
        }
    }

    /// <inheritdoc/>
    public IValueDumper CreateDumper() => new ValueDumper(options);

    /// <summary>The lowest version that expresses the dataset of this moment.</summary>
    private int VersionNeeded() => dataset.HasExpiringItems ? RdbVersion.WithFieldExpiry : RdbVersion.Lowest;
}
