// A snapshot that goes into a file.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Snapshots;

internal sealed class FileSink : ISnapshotFileSink
{
    private const long SyncEveryBytes = 4 * 1024 * 1024;

    private readonly NativeFileWriter? _file;
    private readonly int _openError;

    /// <param name="path">Created, or emptied.</param>
    /// <param name="syncsOnTheWay">rdb-save-incremental-fsync.</param>
    public FileSink(string path, bool syncsOnTheWay) =>
        _file = NativeFileWriter.TryCreate(path, syncsOnTheWay ? SyncEveryBytes : 0, out _openError);

    /// <inheritdoc/>
    public int Descriptor => _file?.Descriptor ?? -1;

    /// <inheritdoc/>
    public long BytesWritten => _file?.BytesWritten ?? 0;

    /// <inheritdoc/>
    public int ErrorNumber => _file is null ? _openError : _file.ErrorNumber;

    /// <summary>The file could not be created.</summary>
    public bool FailedToOpen => _file is null;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes) => _file?.Write(bytes);

    /// <inheritdoc/>
    public void Flush() => _file?.Flush();

    /// <inheritdoc/>
    public bool Complete() => _file is not null && _file.Sync() == 0;

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}
