// What a plugin's loader is given to bring the dataset: the state of loading, snapshots, and the repeating of commands.

using Valkey.Abstractions;
using Valkey.Host.Replay;

namespace Valkey.Host.Snapshots;

internal sealed class DatasetLoading(Server server, SnapshotLoader loader) : IDatasetLoading
{
    /// <inheritdoc/>
    public IDisposable Begin(long totalBytes) => loader.Begin(totalBytes);

    /// <inheritdoc/>
    public void Progress(long bytesRead) => loader.ServeClients(bytesRead);

    /// <inheritdoc/>
    public long LoadSnapshot(ISnapshotSource source, long bytesBefore) =>
        loader.LoadPart(source, new LoadingOptions { KeepsExpired = true }, bytesBefore);

    /// <inheritdoc/>
    public ICommandReplay BeginReplay() => new CommandReplay(server);
}
