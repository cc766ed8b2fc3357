// The provider as the server sees it: starts a snapshot, tells how far it is, gives it up.
//
// A background iteration lends us every key as it was at the beginning, on a thread of its own, while commands go on. It needs
// the epochs that forkless-options-supported gives to entries; without them BGSAVE is refused.
// Holds always: ended is called once, on the command thread, and never before Start has returned.

using Valkey.Abstractions;

namespace Valkey.Samples.JsonSnapshot;

internal sealed class JsonProvider(IDataset dataset, StringOption fileName) : IPersistenceProvider
{
    private IBackgroundIteration? _iteration;
    private JsonSnapshot? _running;

    /// <summary><c>BGSAVE jsonlines</c>.</summary>
    public string Name => "jsonlines";

    /// <summary>We write a file of our own; the server's dump.rdb stays what it is.</summary>
    public bool WritesSnapshotFile => false;

    /// <inheritdoc/>
    public string? Unavailable =>
        !dataset.SupportsIteration ? "ERR BGSAVE jsonlines needs the option 'forkless-options-supported yes'"
        : _running is not null ? "ERR Background save already in progress"
        : null;

    /// <summary>We are a thread of the server's process.</summary>
    public int ProcessId => -1;

    /// <inheritdoc/>
    public SnapshotProgress Progress => _iteration is { } iteration
        ? new(iteration.Processed, iteration.KeysTotal, _running?.BytesWritten ?? 0, iteration.CloneBytesPeak)
        : default;

    /// <inheritdoc/>
    public string? Start(SnapshotRequest request, Action<SnapshotResult> ended)
    {
        if (Unavailable is { } reason) return reason;
        try
        {
            _running = new JsonSnapshot(fileName.Value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{fileName.Value} cannot be written: {exception.Message}";
        }

        _running.OnEnded = failure =>
        {
            bool wasKilled = _running.IsKilled;
            _running = null;
            ended(new SnapshotResult(failure, wasKilled, _iteration!.CloneBytesPeak));
        };
        _iteration = dataset.BeginIteration(_running);
        return null;
    }

    /// <inheritdoc/>
    public void WriteInformation(InfoWriter writer, bool isDebug)
    {
        if (!isDebug) writer.Field("jsonlines_keys_written", _iteration?.Processed ?? 0);
    }

    /// <inheritdoc/>
    public void Kill()
    {
        if (_running is null) return;
        _running.IsKilled = true;
        _iteration!.Abort();
    }
}
