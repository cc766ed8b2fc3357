// Writes commands and waits until the disk has them, beside the command thread: appendfsync always without its price.
//
// The command thread fills a buffer and publishes it once per turn of the loop. This thread takes what is published, writes
// and syncs it, and says up to which offset everything is durable. While it waits for the disk the command thread takes an
// unclaimed buffer back and fills it on, so one sync serves all who wrote meanwhile (group commit), without a thread ever
// waiting for the other.
//
// On a slow disk it waits a moment before the next group (GroupCompany): those who were answered by the last one write again, and
// would otherwise miss this one and wait for two.
//
// A failed sync may have lost pages that the system has marked clean, so a later success would say nothing about them. The file
// is therefore cut back to what is known to be durable and the buffer written anew before anything is confirmed.
// Holds always: each buffer has one owner (the command thread, the slot, this thread); what is confirmed is on the disk.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Aof.Writing;

namespace Valkey.Aof.Offload;

/// <summary>Told by the commit thread, on that thread.</summary>
internal interface ICommitObserver
{
    /// <summary>More is durable.</summary>
    void Committed();

    /// <summary>The disk does not take it, or takes it again after it did not.</summary>
    void OutcomeChanged();
}

internal sealed class CommitThread(IHelperThreads helpers, ICommitObserver observer) : DiskThread(helpers, "bio_aof_commit")
{
    private static readonly long s_fastSyncTicks = Stopwatch.Frequency / 2000; // slower ones interrupt nobody often
    private static readonly long s_joinIntervalTicks = Stopwatch.Frequency / 200;

    private readonly GroupCompany _company = new();
    private CommandBuffer? _published;
    private CommandBuffer? _spare;
    private CommandBuffer? _current; // this thread's own
    private IncrementFile? _file;
    private long _durableBytes; // of the file
    private long _durableOffset;
    private int _isBusy;
    private int _errorNumber;
    private bool _syncFailed;
    private int _mustRetry;
    private long _commitCount;
    private long _lastEndTicks;
    private long _lastSyncTicks;
    private long _joinDueTicks;
    private int _lastCount; // commands of the last group
    private int _expectedCount; // those, and who waited already when it ended
    private int _awaitedCount; // that many commands end the wait for company; 0 when there is none
    private long _slowestWriteTicks;
    private long _slowestSyncTicks;

    /// <summary>What all buffers take, whoever has them.</summary>
    public BufferMemory Memory { get; } = new();

    /// <summary>Offset of the stream up to which everything is durable. Any thread.</summary>
    public long DurableOffset => Volatile.Read(ref _durableOffset);

    /// <summary>The error number that keeps it from going on; 0 while all is well. Any thread.</summary>
    public int ErrorNumber => Volatile.Read(ref _errorNumber);

    /// <summary>The sync failed, not the write.</summary>
    public bool SyncFailed => Volatile.Read(ref _syncFailed);

    /// <summary>Groups that were made durable so far. Any thread.</summary>
    public long CommitCount => Volatile.Read(ref _commitCount);

    /// <inheritdoc/>
    protected override bool HasWork =>
        ErrorNumber != 0 ? Volatile.Read(ref _mustRetry) != 0 : Volatile.Read(ref _published) is not null;

    /// <summary>From now on it appends to this file, all of which is durable. Command thread; nothing is under way.</summary>
    public void Begin(IncrementFile file, long durableOffset)
    {
        _file = file;
        _durableBytes = file.SizeBytes;
        Volatile.Write(ref _durableOffset, durableOffset);
        Volatile.Write(ref _errorNumber, 0);
    }

    /// <summary>Nothing was written since, so whatever stands at this offset is durable: the stream has parts that the file has not.</summary>
    public void Skip(long offset)
    {
        if (IsIdle) Volatile.Write(ref _durableOffset, offset);
    }

    /// <summary>Nothing is published or being written. Command thread.</summary>
    public bool IsIdle => Volatile.Read(ref _published) is null && Volatile.Read(ref _isBusy) == 0;

    /// <summary>A buffer to fill: what was published and is unclaimed yet, or an empty one. Command thread.</summary>
    public CommandBuffer Take() =>
        Interlocked.Exchange(ref _published, null) ?? Interlocked.Exchange(ref _spare, null) ?? new CommandBuffer(Memory);

    /// <summary>The buffer shall be made durable. Command thread, which does not use it after that. Nothing is published now.</summary>
    public void Publish(CommandBuffer buffer)
    {
        Debug.Assert(_published is null, "A buffer that was published before was taken back.");
        int count = buffer.CommandCount;
        Volatile.Write(ref _published, buffer);
        Wake();
        // Behind the barrier in Wake: either the thread saw the buffer, or this sees what it waits for.
        int awaited = Volatile.Read(ref _awaitedCount);
        if (awaited > 0 && count >= awaited && Interlocked.CompareExchange(ref _awaitedCount, 0, awaited) == awaited) Signal();
    }

    /// <summary>Tries once more what failed. Command thread.</summary>
    public void Retry()
    {
        Volatile.Write(ref _mustRetry, 1);
        Wake();
    }

    /// <summary>
    /// Waits until everything that was published is durable. False when it fails; then <see cref="TryReclaim"/> gives back what is
    /// not.
    /// </summary>
    public bool TryDrain()
    {
        while (!IsIdle && ErrorNumber == 0) _ = Files.Libc.SleepMicroseconds(50);
        return ErrorNumber == 0;
    }

    /// <summary>
    /// Gives back what could not be made durable, in order, and cuts the file back to what is. Command thread, after a failed
    /// drain. False when the file could not be cut: what it ends in is not certain.
    /// </summary>
    public bool TryReclaim(CommandBuffer target)
    {
        while (Volatile.Read(ref _mustRetry) != 0 && ErrorNumber != 0) _ = Files.Libc.SleepMicroseconds(50); // a last try is under way
        if (_current is { } current) target.Append(current);
        CommandBuffer? published = Interlocked.Exchange(ref _published, null);
        if (published is not null) target.Append(published);
        published?.Dispose();
        _current?.Dispose();
        _current = null;
        Volatile.Write(ref _isBusy, 0);
        Volatile.Write(ref _errorNumber, 0);
        return _file!.TryCut(_durableBytes);
    }

    /// <summary>Gives back what is kept for the next buffer: none will be needed for long. Command thread, nothing is under way.</summary>
    public void Trim() => Interlocked.Exchange(ref _spare, null)?.Dispose();

    /// <summary>The slowest write and sync since the last call, milliseconds. Command thread.</summary>
    public (long WriteMs, long SyncMs) TakeSlowest() =>
        (Milliseconds(Interlocked.Exchange(ref _slowestWriteTicks, 0)), Milliseconds(Interlocked.Exchange(ref _slowestSyncTicks, 0)));

    /// <inheritdoc/>
    protected override void Work()
    {
        bool isRetry = ErrorNumber != 0;
        if (!isRetry) WaitForCompany();
        Volatile.Write(ref _isBusy, 1); // before the slot is emptied: idle is told by both
        CommandBuffer? buffer = _current ??= Interlocked.Exchange(ref _published, null);
        if (buffer is null)
        {
            Volatile.Write(ref _isBusy, 0); // it was taken back
            return;
        }

        if (!TryCommit(buffer, mustCut: isRetry))
        {
            Volatile.Write(ref _errorNumber, _file!.ErrorNumber);
            Volatile.Write(ref _mustRetry, 0);
            if (!isRetry) observer.OutcomeChanged();
            return;
        }

        _current = null;
        _lastCount = buffer.CommandCount;
        _expectedCount = _lastCount + PublishedCount;
        Volatile.Write(ref _durableOffset, buffer.EndOffset);
        Volatile.Write(ref _commitCount, _commitCount + 1);
        buffer.Clear();
        Interlocked.Exchange(ref _spare, buffer)?.Dispose();
        Volatile.Write(ref _mustRetry, 0);
        Volatile.Write(ref _errorNumber, 0);
        Volatile.Write(ref _isBusy, 0);
        observer.Committed();
        JoinCommands();
        if (isRetry) observer.OutcomeChanged();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryCommit(CommandBuffer buffer, bool mustCut)
    {
        IncrementFile file = _file!;
        long startTicks = Stopwatch.GetTimestamp();
        Gate.Enter();
        bool isWritten = (!mustCut || file.TryCut(_durableBytes)) && file.Write(buffer, out _) == WriteOutcome.Complete;
        long writtenTicks = Stopwatch.GetTimestamp();
        bool isSynced = isWritten && file.TrySync();
        Gate.Leave();
        Note(ref _slowestWriteTicks, writtenTicks - startTicks);
        _lastEndTicks = Stopwatch.GetTimestamp();
        _lastSyncTicks = _lastEndTicks - writtenTicks;
        Note(ref _slowestSyncTicks, _lastSyncTicks);
        Volatile.Write(ref _syncFailed, isWritten && !isSynced);
        if (isSynced) _durableBytes = file.SyncedBytes = file.SizeBytes;
        return isSynced;
    }

    private int PublishedCount => Volatile.Read(ref _published)?.CommandCount ?? 0;

    /// <summary>Gives those whom the last group answered the time to write again.</summary>
    private void WaitForCompany()
    {
        long waitUs = _company.WaitUs(_lastCount, Microseconds(_lastSyncTicks));
        if (waitUs == 0) return;
        int startCount = PublishedCount, count = startCount;
        Interlocked.Exchange(ref _awaitedCount, _expectedCount);
        while (count < _expectedCount)
        {
            long leftUs = waitUs - Microseconds(Stopwatch.GetTimestamp() - _lastEndTicks);
            if (leftUs <= 0) break;
            Nap(leftUs);
            // None while the command thread fills it on; so its word that all are there counts, too.
            count = Volatile.Read(ref _awaitedCount) == 0 ? _expectedCount : Math.Max(count, PublishedCount);
        }

        Volatile.Write(ref _awaitedCount, 0);
        _company.Note(_expectedCount - startCount, count - startCount);
    }

    /// <summary>
    /// On a fast disk the command thread waits awake and gives its processor to whoever is ready: this thread can have it nearly for
    /// nothing, and interrupts nobody else there.
    /// </summary>
    private void JoinCommands()
    {
        if (IsBound || _lastSyncTicks >= s_fastSyncTicks || _lastEndTicks < _joinDueTicks) return;
        _joinDueTicks = _lastEndTicks + s_joinIntervalTicks;
        JoinCommandThread();
    }

    private static void Note(ref long slowestTicks, long ticks)
    {
        if (ticks > Volatile.Read(ref slowestTicks)) Volatile.Write(ref slowestTicks, ticks);
    }

    private static long Microseconds(long ticks) => ticks / (Stopwatch.Frequency / 1_000_000);

    private static long Milliseconds(long ticks) => ticks * 1000 / Stopwatch.Frequency;
}
