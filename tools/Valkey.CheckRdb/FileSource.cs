using Valkey.Abstractions;

namespace Valkey.CheckRdb;

/// <summary>The file, from front to back.</summary>
internal sealed class FileSource(string path) : ISnapshotSource, IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    public long LengthBytes => _file.CanSeek ? _file.Length : -1;

    public int Read(Span<byte> buffer) => _file.Read(buffer);

    public void Dispose() => _file.Dispose();
}
