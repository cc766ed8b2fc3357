// Brings written bytes to the disk beside the commands: appendfsync everysec, and files that are left for a new one.
//
// Jobs are done in order, so an offset is reported as synced only when everything before it is, in whatever file.
// Holds always: SyncedOffset never decreases; an error stays until a later sync succeeds.

using System.Collections.Concurrent;
using Valkey.Abstractions;
using Valkey.Aof.Files;

namespace Valkey.Aof.Writing;

internal sealed class SyncThread(IHelperThreads helpers, Action ended) : DiskThread(helpers, "bio_aof")
{
    private readonly ConcurrentQueue<Job> _jobs = new();
    private int _pendingSyncs;
    private int _pendingJobs;
    private int _errorNumber;
    private long _syncedOffset;

    /// <summary>Syncs that were asked for and have not ended; files that are closed do not count.</summary>
    public int PendingSyncs => Volatile.Read(ref _pendingSyncs);

    /// <summary>Jobs of all kinds that have not ended.</summary>
    public int PendingJobs => Volatile.Read(ref _pendingJobs);

    /// <summary>Offset of the propagation stream up to which everything is on the disk.</summary>
    public long SyncedOffset => Volatile.Read(ref _syncedOffset);

    /// <summary>The error number of the last sync, 0 when it succeeded.</summary>
    public int ErrorNumber => Volatile.Read(ref _errorNumber);

    /// <inheritdoc/>
    protected override bool HasWork => !_jobs.IsEmpty;

    /// <summary>Syncs an open file in which everything up to that offset was written.</summary>
    public void Sync(int descriptor, long endOffset)
    {
        Interlocked.Increment(ref _pendingSyncs);
        Add(new Job(descriptor, endOffset, Closes: false));
    }

    /// <summary>Syncs a file and closes it.</summary>
    public void SyncAndClose(int descriptor, long endOffset) => Add(new Job(descriptor, endOffset, Closes: true));

    /// <summary>Everything up to this offset is on the disk. Any thread.</summary>
    public void Confirm(long offset)
    {
        long before = SyncedOffset;
        while (offset > before)
        {
            long seen = Interlocked.CompareExchange(ref _syncedOffset, offset, before);
            if (seen == before) return;
            before = seen;
        }
    }

    /// <summary>Waits until all jobs are done.</summary>
    public void Drain()
    {
        while (PendingJobs > 0) _ = Libc.SleepMicroseconds(100);
    }

    /// <inheritdoc/>
    protected override void Work()
    {
        if (!_jobs.TryDequeue(out Job job)) return;
        Gate.Enter();
        bool isDone = Libc.FDataSync(job.Descriptor) == 0;
        Gate.Leave();
        int error = isDone ? 0 : Libc.LastError;
        if (error is Libc.ErrorBadDescriptor or Libc.ErrorInvalid) error = 0; // a file that cannot be synced, /dev/null say
        Volatile.Write(ref _errorNumber, error);
        if (error == 0) Confirm(job.EndOffset);
        if (job.Closes) _ = Libc.Close(job.Descriptor);
        else Interlocked.Decrement(ref _pendingSyncs);
        Interlocked.Decrement(ref _pendingJobs);
        ended();
    }

    private void Add(Job job)
    {
        Interlocked.Increment(ref _pendingJobs);
        _jobs.Enqueue(job);
        Wake();
    }

    private readonly record struct Job(int Descriptor, long EndOffset, bool Closes);
}
