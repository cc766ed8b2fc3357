// A snapshot in a file, read from front to back in large pieces.

using Valkey.Abstractions;

namespace Valkey.Host.Snapshots;

internal sealed class FileSnapshotSource : ISnapshotSource, IDisposable
{
    private readonly FileStream _file;

    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public FileSnapshotSource(string path)
    {
        // The reader has a buffer of its own, and nobody else's copy in between.
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        LengthBytes = _file.CanSeek ? _file.Length : -1;
    }

    /// <inheritdoc/>
    public long LengthBytes { get; }

    /// <inheritdoc/>
    public int Read(Span<byte> buffer) => _file.Read(buffer);

    public void Dispose() => _file.Dispose();
}
