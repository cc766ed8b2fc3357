// The provider's side towards the server: starts a snapshot, says how far it is, gives it up. Command thread only.

using System.Diagnostics;
using Valkey.Abstractions;

namespace Valkey.Persistence.Threads;

internal sealed class ThreadProvider(IPluginContext context) : IPersistenceProvider
{
    private IBackgroundIteration? _iteration; // the one that runs or ran last
    private ThreadSnapshot? _running;
    private long _startTicks;
    private long _bytesWritten;

    /// <inheritdoc/>
    public string Name => "thread";

    /// <inheritdoc/>
    public string? Unavailable =>
        !context.Persistence.Dataset.SupportsIteration
            ? "ERR BGSAVE THREAD needs the option 'forkless-options-supported yes', which can only be set when the server is started"
        : _running is not null ? "ERR Background save already in progress"
        : null;

    /// <inheritdoc/>
    public int ProcessId => -1;

    /// <inheritdoc/>
    public SnapshotProgress Progress => _iteration is { } iteration
        ? new(iteration.Processed, iteration.KeysTotal, _running?.BytesWritten ?? _bytesWritten, iteration.CloneBytesPeak)
        : default;

    /// <inheritdoc/>
    public string? Start(SnapshotRequest request, Action<SnapshotResult> ended)
    {
        if (Unavailable is { } reason) return reason;
        if (request.OpenFile is not { } openFile) return "ERR the thread provider writes files only";
        ISnapshotFileSink file = openFile();
        if (file.ErrorNumber != 0)
        {
            string error = ErrorText.Of(file.ErrorNumber);
            file.Dispose();
            return $"Failed opening the temp RDB file {request.TemporaryPath} for saving: {error}";
        }

        long[] keyCounts = new long[context.Keyspace.DatabaseCount];
        for (int i = 0; i < keyCounts.Length; i++) keyCounts[i] = context.Keyspace.KeyCount(i);
        ThreadSnapshot snapshot = new(file, request.Format.CreateWriter(file, request.Header), keyCounts, SaveDelay())
        {
            OnEnded = (done, result) => Finish(done, result with { CopyOnWriteBytes = _iteration!.CloneBytesPeak }, ended),
        };
        _startTicks = Stopwatch.GetTimestamp();
        _running = snapshot;
        _iteration = context.Persistence.Dataset.BeginIteration(snapshot);
        return null;
    }

    /// <inheritdoc/>
    public void Kill()
    {
        if (_running is not { } running) return;
        running.Kill();
        _iteration!.Abort();
    }

    /// <inheritdoc/>
    public void WriteInformation(InfoWriter writer, bool isDebug)
    {
        if (isDebug)
        {
            writer.Field("threadsave_current_queue_length", _running is null ? 0 : _iteration!.QueueLength);
            writer.Field("threadsave_queue_length_target", _running is null ? 0 : _iteration!.QueueLengthTarget);
            writer.Field("threadsave_dbentries_queued", _iteration?.Queued ?? 0);
            writer.Field("threadsave_dbentries_processed", _iteration?.Processed ?? 0);
        }
        else if (_running is not null)
        {
            writer.Field("threadsave_current_item_seconds", _iteration!.CurrentEntryMs / 1000);
            writer.Field("threadsave_estimated_seconds_remaining", EstimatedSecondsRemaining());
        }
    }

    private void Finish(ThreadSnapshot snapshot, SnapshotResult result, Action<SnapshotResult> ended)
    {
        _bytesWritten = snapshot.BytesWritten;
        _running = null;
        ended(result);
    }

    /// <summary>By the speed so far; -1 while nothing was saved that could tell it.</summary>
    private long EstimatedSecondsRemaining()
    {
        long processed = _iteration!.Processed;
        if (processed == 0) return _iteration.KeysTotal == 0 ? 0 : -1;
        double elapsedSeconds = Stopwatch.GetElapsedTime(_startTicks).TotalSeconds;
        return (long)(elapsedSeconds * (_iteration.KeysTotal - processed) / processed);
    }

    /// <summary>Tests slow snapshots down by it.</summary>
    private IntegerOption? SaveDelay() => context.Options.Find("rdb-key-save-delay") as IntegerOption;
}

internal static class ErrorText
{
    /// <summary>What the system says about an error number.</summary>
    public static string Of(int errorNumber) => System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errorNumber);
}
