// The whole dataset, for those who save it: at once, in a forked child or on the command thread, or bit by bit beside the
// commands.

namespace Valkey.Abstractions;

/// <summary>The dataset as persistence sees it.</summary>
public interface IDataset
{
    /// <summary>Keys in all databases. Command thread.</summary>
    long KeyCount { get; }

    /// <summary>
    /// Whether some key has items that expire by themselves (<see cref="IExpiringItemsType"/>): the head of a snapshot, which comes
    /// first, says so by its version. Command thread.
    /// </summary>
    bool HasExpiringItems { get; }

    /// <summary>
    /// Writes every key as it is now, from <see cref="ISnapshotWriter.Begin"/> to <see cref="ISnapshotWriter.End"/>. On the command
    /// thread, or in a forked child: no managed allocation, no lock, no exception. Stops when the sink has failed.
    /// </summary>
    /// <param name="writer">Takes the keys.</param>
    /// <param name="progress">Told of the keys written so far, now and then; null for nobody.</param>
    void WriteTo(ISnapshotWriter writer, IWriteProgress? progress);

    /// <summary>
    /// Writes some keys as <see cref="WriteTo"/> would, through the same code, mainly of kinds that were not written this way
    /// yet: what runs in a forked child must have been compiled before. Command thread; takes microseconds to milliseconds.
    /// </summary>
    /// <param name="writer">Takes the keys; what it receives is no snapshot and goes nowhere.</param>
    /// <param name="progress">As <see cref="WriteTo"/> gets it.</param>
    /// <param name="keysMax">How many keys to look at, about.</param>
    /// <returns>How many values of such kinds were written; 0 when there was nothing new.</returns>
    long Rehearse(ISnapshotWriter writer, IWriteProgress progress, int keysMax);

    /// <summary>Starts to lend the dataset, entry by entry, to a thread of the caller. Command thread.</summary>
    /// <exception cref="InvalidOperationException">An iteration runs already, or <c>forkless-options-supported</c> is off.</exception>
    IBackgroundIteration BeginIteration(IIterationConsumer consumer);

    /// <summary>Whether entries carry the epoch that an iteration needs: <c>forkless-options-supported</c>.</summary>
    bool SupportsIteration { get; }
}

/// <summary>Told how far a walk of the dataset is. Also in a forked child: no allocation, no lock.</summary>
public interface IWriteProgress
{
    /// <summary>So many keys were written.</summary>
    void KeysWritten(long count);
}

/// <summary>Receives the entries that an iteration lends, on a thread of the iteration's own.</summary>
public interface IIterationConsumer
{
    /// <summary>One key, as it was when the iteration began. Nobody changes it during the call. No managed allocation.</summary>
    /// <returns>False to end the iteration early, after a failure.</returns>
    bool Process(int databaseIndex, in SnapshotEntry entry);

    /// <summary>All keys were processed, or the iteration was ended early. Last call on the iteration's thread.</summary>
    /// <param name="complete">Every key was processed.</param>
    void Finish(bool complete);

    /// <summary>Everything is over, nothing is lent any more. Command thread.</summary>
    /// <param name="complete">Every key was processed.</param>
    void Ended(bool complete);
}

/// <summary>One iteration over the dataset while commands go on.</summary>
public interface IBackgroundIteration
{
    /// <summary>Entries lent and not processed yet. Any thread.</summary>
    long QueueLength { get; }

    /// <summary>How many entries the iteration tries to keep queued. Any thread.</summary>
    long QueueLengthTarget { get; }

    /// <summary>Entries lent so far. Any thread.</summary>
    long Queued { get; }

    /// <summary>Entries processed so far. Any thread.</summary>
    long Processed { get; }

    /// <summary>Keys that there were when it began.</summary>
    long KeysTotal { get; }

    /// <summary>How long the present entry has been processed, milliseconds. Any thread.</summary>
    long CurrentEntryMs { get; }

    /// <summary>Memory of the clones that wait in the queue, at its highest so far. Any thread.</summary>
    long CloneBytesPeak { get; }

    /// <summary>Ends it early. Command thread; <see cref="IIterationConsumer.Ended"/> follows soon.</summary>
    void Abort();
}
