// The RDB format as the server uses it: makes writers, reads snapshots.

using Valkey.Abstractions;

namespace Valkey.Rdb;

internal sealed class RdbFormat(RdbOptions options, IDataTypeRegistry types) : ISnapshotFormat
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
    public void Load(ISnapshotSource source, ISnapshotReceiver receiver)
    {
        RdbLoadSettings settings = new(options.IsRelaxed, options.HasChecksum && !SkipsChecksums, options.SanitizesSnapshots);
        using RdbReader reader = new(source, receiver, settings);
        try
        {
            reader.Load();
        }
        finally
        {
            SanitizationCount += reader.SanitizationCount;
        }
    }

    /// <summary>The lowest version that every type is content with.</summary>
    private int VersionNeeded()
    {
        int version = RdbVersion.Lowest;
        foreach (DataType type in types.All) version = Math.Max(version, type.SnapshotVersion);
        return version;
    }
}
