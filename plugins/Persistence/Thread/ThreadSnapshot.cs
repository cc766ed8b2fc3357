// One snapshot: what the iteration lends is written by the format into the file, key by key, on the iteration's thread.
//
// Keys arrive database by database as the walk goes, with a clone from elsewhere in between now and then; the format is told
// of every change of database, and of the sizes the first time.
// Holds always: the file is complete and synced before success is reported; a failure ends the iteration early.

using Valkey.Abstractions;

namespace Valkey.Persistence.Threads;

internal sealed class ThreadSnapshot(ISnapshotFileSink file, ISnapshotWriter writer, long[] keyCounts, IntegerOption? saveDelay)
    : IIterationConsumer, IDisposable
{
    private readonly ManualResetEventSlim _killed = new();
    private readonly Random _random = new(1);
    private int _database = -1;
    private bool _hasBegun;
    private bool _isSynced;
    private volatile bool _isKilled;

    /// <summary>Called when everything is over. Command thread.</summary>
    public required Action<ThreadSnapshot, SnapshotResult> OnEnded { get; init; }

    /// <summary>Bytes so far. Any thread.</summary>
    public long BytesWritten => file.BytesWritten;

    /// <summary>Ends it at the present key. Command thread.</summary>
    public void Kill()
    {
        _isKilled = true;
        _killed.Set();
    }

    /// <inheritdoc/>
    public bool Process(int databaseIndex, in SnapshotEntry entry)
    {
        Begin();
        if (databaseIndex != _database) Announce(databaseIndex);
        writer.WriteEntry(entry);
        if (saveDelay is { Value: not 0 }) Delay(saveDelay.Value);
        return file.ErrorNumber == 0;
    }

    /// <inheritdoc/>
    public void Finish(bool complete)
    {
        if (!complete || _isKilled) return;
        Begin();
        writer.End();
        _isSynced = file.Complete();
    }

    /// <inheritdoc/>
    public void Ended(bool complete)
    {
        int errorNumber = file.ErrorNumber;
        string? failure = _isKilled || (complete && _isSynced) ? null
            : errorNumber != 0 ? $"Write error saving DB on disk: {ErrorText.Of(errorNumber)}"
            : "the background iteration ended early";
        Dispose();
        OnEnded(this, new SnapshotResult(failure, _isKilled, 0));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        writer.Dispose();
        file.Dispose();
        _killed.Dispose();
    }

    private void Begin()
    {
        if (_hasBegun) return;
        _hasBegun = true;
        writer.Begin();
    }

    private void Announce(int databaseIndex)
    {
        long keyCount = keyCounts[databaseIndex];
        keyCounts[databaseIndex] = -1; // told once
        writer.BeginDatabase(databaseIndex, keyCount, 0);
        _database = databaseIndex;
    }

    /// <summary>Microseconds after each key; a negative number is for delays too short to wait for: one microsecond in so many keys.</summary>
    private void Delay(long delayUs)
    {
        if (delayUs < 0 && _random.NextInt64(-delayUs) != 0) return;
        _ = _killed.Wait(TimeSpan.FromMicroseconds(Math.Max(delayUs, 1)));
    }
}
