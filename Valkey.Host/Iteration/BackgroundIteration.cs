// The background iteration: hands the dataset as it was at one moment, entry by entry, to another thread while commands go on.
//
// Every entry has an epoch. Iteration n uses two of them: 2n says lent, 2n+1 says done (or new since the beginning); whatever
// is lower is pending. The command thread walks the tables in small slices and lends entries into a queue; the iteration's own
// thread works on them. What is lent is not written to until that is over. No second look is needed when it is: an entry that
// is marked as lent and stands in no lane any more is done, and is marked so when somebody next asks.
//
// What happens to an entry that is not done (all of it comes through the methods of the middle part, which Database,
// KeyspaceLookup, KeyspaceService and the write gate call):
//   it will be written     small: pending ones are cloned into the queue; of lent ones the writer gets the clone, and the
//                          original stays with the iteration. Large: it goes to the front, and the writer waits.
//   it was unlinked        the iteration takes it over and frees it afterwards; nobody waits.
//   it is read             nothing.
//   its table is emptied   the iteration adopts the table, goes on with it and frees it.
//   it is added, replaces  marked done: it did not exist at the beginning.
//
// Holds always: the consumer sees every entry of the beginning exactly once, as it was then, unless the iteration is aborted;
// the iteration's thread touches only entries that it has claimed; a claimed entry is neither changed nor freed by others.
//
// The other mode, for replicas and slot migrations, is not built yet: not consistent, with the stream of writes to keys that
// were sent already. It is the same walk, with a gate that only waits for lent entries and never clones; whoever forwards the
// stream asks IsSent of a command's keys before the command, and forwards it when they were.
// All but ProcessAll is for the command thread.

using System.Diagnostics;
using Valkey.Abstractions;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Iteration;

internal sealed class BackgroundIteration : IBackgroundIteration, IDisposable
{
    private const int GateEveryEntries = 64;
    private const int CourtesyEveryEntries = 4;
    private const long ResumeStepBytes = 512 << 10; // worth resuming some clients at once, and soon there

    private readonly Server _server;
    private readonly IIterationConsumer _consumer;
    private readonly Action<BackgroundIteration> _ended;
    private readonly IterationPace _pace;
    private readonly WalkAllowance _allowance;
    private readonly IterationQueue _queue;
    private readonly EntryClone _clones;
    private readonly List<TableWalk> _walks = [];
    private readonly Queue<TableWalk> _adopted = new();
    private readonly Queue<(Entry Entry, int DatabaseIndex, long HeldBytes)> _overflow = new();
    private readonly List<(Entry Entry, IterationLane Lane, long Position)> _freedAfterWork = [];
    private readonly uint _lentEpoch;
    private readonly uint _doneEpoch;
    private readonly long _heldBytesMax;
    private readonly ManualResetEventSlim _left = new();
    private readonly Action _posted;
    private int _currentWalk;
    private long _queued;
    private long _heldBytesPeak;
    private bool _isAborted;
    private bool _isClosed;
    private bool _isComplete;
    private int _isStepPosted;

    /// <param name="server">The server.</param>
    /// <param name="consumer">Works on the entries.</param>
    /// <param name="number">The iteration's number, from 1.</param>
    /// <param name="pace">How fast it goes.</param>
    /// <param name="ended">Called when the thread has left it and nothing is lent any more.</param>
    public BackgroundIteration(
        Server server, IIterationConsumer consumer, uint number, IterationPace pace, Action<BackgroundIteration> ended)
    {
        _server = server;
        _consumer = consumer;
        _ended = ended;
        _lentEpoch = number * 2;
        _doneEpoch = _lentEpoch + 1;
        _queue = new IterationQueue(PostStep, pace);
        _pace = pace;
        _allowance = new WalkAllowance(pace);
        _posted = OnPosted;
        _clones = new EntryClone(server.DataTypes, pace.CloneBytesMax);
        _heldBytesMax = Math.Max(pace.HeldBytesMin, (long)(NativeHeap.UsedBytes * pace.HeldShareOfMemory));
        foreach (Database database in server.Databases)
        {
            database.Iteration = this;
            database.IterationIndex = database.Index;
            KeysTotal += database.Keys.Count;
            if (database.Keys.Count > 0) _walks.Add(new TableWalk(database.Keys, database.Index));
        }
    }

    /// <inheritdoc/>
    public long QueueLength => _queue.Length;

    /// <inheritdoc/>
    public long QueueLengthTarget => _queue.Target;

    /// <inheritdoc/>
    public long Queued => Interlocked.Read(ref _queued);

    /// <inheritdoc/>
    public long Processed => _queue.Processed;

    /// <inheritdoc/>
    public long KeysTotal { get; }

    /// <inheritdoc/>
    public long CurrentEntryMs => _queue.CurrentEntryMs;

    /// <inheritdoc/>
    public long CloneBytesPeak => Interlocked.Read(ref _heldBytesPeak);

    /// <summary>Memory of clones and of deleted entries that are still to be saved.</summary>
    public long HeldBytes => _queue.HeldBytes;

    /// <summary>So much memory is taken beside the dataset that writers of unsaved keys have to wait.</summary>
    public bool IsOverMemory => _queue.HeldBytes > _heldBytesMax;

    /// <summary>Writers that waited for memory may go on.</summary>
    public bool HasMemory => _queue.HeldBytes <= _heldBytesMax - Math.Min(ResumeStepBytes, _heldBytesMax / 2);

    /// <summary>Whether everything before these positions of the lanes has been worked on.</summary>
    public bool AreCompleted(long expressEnd, long ordinaryEnd) =>
        _queue.Express.IsCompleted(expressEnd - 1) && _queue.Ordinary.IsCompleted(ordinaryEnd - 1);

    /// <summary>Somebody waits for an entry.</summary>
    public bool IsWatched
    {
        set => _queue.IsWatched = value;
    }

    /// <summary>Waits until the iteration's thread has left it, after <see cref="Abort"/>: only when the server ends.</summary>
    public bool Join(int waitMs) => _left.Wait(waitMs);

    /// <inheritdoc/>
    public void Abort()
    {
        if (_isAborted) return;
        _isAborted = true;
        _queue.Abort();
        _queue.Express.WithdrawAll(FreeWithdrawn);
        _queue.Ordinary.WithdrawAll(FreeWithdrawn);
    }

    /// <summary>After the end.</summary>
    public void Dispose()
    {
        _queue.Dispose();
        _left.Dispose();
    }

    /// <summary>One slice: frees and lends what is due. True when it ran out of time and should go on soon.</summary>
    public bool Step()
    {
        _server.Iterations.Gate.ResumeReady(this);
        FreeWorkedOn();
        if (_queue.ConsumerLeft && !_isClosed) Abort();
        if (_isAborted || _isClosed) return false;
        _queue.AdaptTarget();
        PumpOverflow();
        bool ranOutOfTime = Fill();
        if (HasLentAll()) Close();
        else _queue.Wake();
        return ranOutOfTime;
    }

    // What others tell about entries.

    /// <summary>An entry came into a table: it is not part of the beginning.</summary>
    public void NoteNew(Entry entry) => entry.Epoch = _doneEpoch;

    /// <summary>Whether an entry may be changed in place now.</summary>
    public bool IsDone(Entry entry) => StandingOf(entry, out _, out _) == Standing.Done;

    /// <summary>Whether the consumer has the entry, or will have it as it was: a change made now is not part of what it gets.</summary>
    public bool IsSent(Entry entry) => entry.Epoch >= _lentEpoch;

    /// <summary>
    /// An entry will be written by a command that has not begun: nobody holds its address, so it may be exchanged.
    /// </summary>
    /// <returns>True when the command may go on; else what it has to wait for is added to <paramref name="wait"/>.</returns>
    public bool PrepareForWrite(Database database, Entry entry, ref IterationWait wait)
    {
        Standing standing = StandingOf(entry, out IterationLane? lane, out long position);
        if (standing == Standing.Done) return true;
        if (_clones.IsSmall(entry))
        {
            if (IsOverMemory) return wait.ForMemory();
            if (standing == Standing.Pending ? TryClone(database, entry) : TryExchange(database, entry, lane!, position)) return true;
        }

        if (!TryExpedite(database, entry, standing, ref lane, ref position)) return wait.ForMemory();
        return wait.For(isExpress: lane == _queue.Express, position);
    }

    /// <summary>An entry is about to be changed in place by a command that runs: waits when it must.</summary>
    public void PrepareNow(Database database, Entry entry)
    {
        Standing standing = StandingOf(entry, out IterationLane? lane, out long position);
        if (standing == Standing.Done) return;
        if (standing == Standing.Pending && _clones.IsSmall(entry) && TryClone(database, entry)) return;
        SpinWait spin = default;
        while (!TryExpedite(database, entry, standing, ref lane, ref position))
        {
            spin.SpinOnce(); // the express lane is full
            if (_queue.ConsumerLeft) return;
        }

        _queue.Wake();
        while (!lane!.IsCompleted(position) && !_queue.ConsumerLeft) spin.SpinOnce();
        entry.Epoch = _doneEpoch;
    }

    /// <summary>An entry was taken out of its table for good. True when the iteration frees it.</summary>
    public bool TryTakeOver(Database database, Entry entry)
    {
        Standing standing = StandingOf(entry, out IterationLane? lane, out long position);
        if (standing == Standing.Done) return false;
        if (standing == Standing.Lent) return TryTakeOverLent(entry, lane!, position, _clones.MemoryOf(entry));
        _queued++;
        AddOwned(entry, database.IterationIndex, _clones.MemoryOf(entry));
        return true;
    }

    /// <summary>A table with its entries was taken out of its database. True when the iteration frees both.</summary>
    public bool TryAdopt(EntryTable<EntryTraits> keys, EntryTable<EntryTraits> expires)
    {
        TableWalk? walk = _walks.Find(candidate => ReferenceEquals(candidate.Keys, keys));
        if (walk is null || _isClosed) return false;
        _walks.Remove(walk);
        _currentWalk = 0;
        walk.Restart();
        _adopted.Enqueue(walk);
        expires.Dispose();
        return true;
    }

    // What the walks bring.

    /// <summary>The scan came by an entry. False when there is no room for it now.</summary>
    public bool TryLend(Entry entry, int databaseIndex)
    {
        if (entry.Epoch >= _lentEpoch) return true;
        if (_queue.Ordinary.TryAdd(entry, databaseIndex, isOwned: false, 0) < 0) return false;
        entry.Epoch = _lentEpoch;
        _queued++;
        return true;
    }

    /// <summary>An entry of an adopted table: nobody else knows it any more.</summary>
    public void Inherit(Entry entry, int databaseIndex)
    {
        Standing standing = StandingOf(entry, out IterationLane? lane, out long position);
        if (standing == Standing.Lent && TryTakeOverLent(entry, lane!, position, 0)) return;
        if (standing != Standing.Pending)
        {
            _server.LazyFree.Free(entry, lazily: true);
            return;
        }

        _queued++;
        if (_queue.Ordinary.TryAdd(entry, databaseIndex, isOwned: true, 0) < 0) _overflow.Enqueue((entry, databaseIndex, 0));
    }

    private enum Standing
    {
        Done,
        Pending,
        Lent,
    }

    private Standing StandingOf(Entry entry, out IterationLane? lane, out long position)
    {
        lane = null;
        position = -1;
        uint epoch = entry.Epoch;
        if (epoch >= _doneEpoch) return Standing.Done;
        if (_queue.ConsumerLeft && !_isClosed) Abort(); // it failed: what waits in the lanes is never worked on
        if (epoch < _lentEpoch) return _isAborted ? Standing.Done : Standing.Pending;
        lane = _queue.Express;
        position = lane.Find(entry);
        if (position >= 0) return Standing.Lent;
        lane = _queue.Ordinary;
        position = lane.Find(entry);
        if (position >= 0) return Standing.Lent;
        entry.Epoch = _doneEpoch;
        return Standing.Done;
    }

    /// <summary>The iteration gets a copy, the writer the original.</summary>
    private bool TryClone(Database database, Entry entry)
    {
        Entry clone = _clones.TryMake(entry, out long addedBytes);
        if (clone.IsNull) return false;
        entry.Epoch = _doneEpoch;
        _queued++;
        AddOwned(clone, database.IterationIndex, addedBytes);
        return true;
    }

    /// <summary>The writer gets a copy, the original stays with the iteration.</summary>
    private bool TryExchange(Database database, Entry entry, IterationLane lane, long position)
    {
        Entry clone = _clones.TryMake(entry, out long addedBytes);
        if (clone.IsNull) return false;
        database.Moved(entry.Address, clone, KeyHash.Of(entry.Key));
        if (!TryTakeOverLent(entry, lane, position, addedBytes)) _server.LazyFree.Free(entry, lazily: true);
        return true;
    }

    /// <summary>Sees to it that the entry is worked on next. False when there is no room at the front.</summary>
    private bool TryExpedite(Database database, Entry entry, Standing standing, ref IterationLane? lane, ref long position)
    {
        if (standing == Standing.Lent)
        {
            if (lane == _queue.Express || _queue.Express.FreeCount == 0 || !lane!.TryWithdraw(position, entry)) return true;
        }
        else
        {
            if (_queue.Express.FreeCount == 0) return false;
            entry.Epoch = _lentEpoch;
            _queued++;
        }

        lane = _queue.Express;
        position = lane.TryAdd(entry, database.IterationIndex, isOwned: false, 0);
        Debug.Assert(position >= 0);
        return true;
    }

    private bool TryTakeOverLent(Entry entry, IterationLane lane, long position, long bytes)
    {
        AddHeldBytes(bytes);
        TakeOver result = lane.TryOwn(position, entry, bytes);
        if (result == TakeOver.Done) return true;
        AddHeldBytes(-bytes);
        if (result == TakeOver.UnderWork) _freedAfterWork.Add((entry, lane, position));
        return result == TakeOver.UnderWork;
    }

    private void AddOwned(Entry entry, int databaseIndex, long bytes)
    {
        AddHeldBytes(bytes);
        if (_overflow.Count > 0 || _queue.Express.TryAdd(entry, databaseIndex, isOwned: true, bytes) < 0)
            _overflow.Enqueue((entry, databaseIndex, bytes));
    }

    private void AddHeldBytes(long bytes)
    {
        long held = _queue.AddHeldBytes(bytes);
        if (held > _heldBytesPeak) Interlocked.Exchange(ref _heldBytesPeak, held);
    }

    private void PumpOverflow()
    {
        while (_overflow.TryPeek(out (Entry Entry, int DatabaseIndex, long HeldBytes) item))
        {
            if (_queue.Express.TryAdd(item.Entry, item.DatabaseIndex, isOwned: true, item.HeldBytes) < 0) return;
            _overflow.Dequeue();
        }
    }

    /// <summary>Walks until the lane is as full as it shall be, or as long as the commands allow; true when time was over before.</summary>
    private bool Fill()
    {
        if (_queue.Missing <= 0 || (_currentWalk == _walks.Count && _adopted.Count == 0)) return false;
        long startTicks = Stopwatch.GetTimestamp();
        long allowedTicks = _allowance.Earn(startTicks, _server.Loop.WasIdle);
        if (allowedTicks < 0) return true;
        bool ranOutOfTime = Fill(startTicks + allowedTicks);
        _allowance.Spend(Stopwatch.GetTimestamp() - startTicks);
        return ranOutOfTime;
    }

    private bool Fill(long endTicks)
    {
        for (int buckets = 1; _queue.Missing > 0; buckets++)
        {
            if (_adopted.TryPeek(out TableWalk? adopted))
            {
                adopted.DrainBucket(this);
                if (adopted.IsComplete) _adopted.Dequeue();
            }
            else if (_currentWalk < _walks.Count)
            {
                TableWalk walk = _walks[_currentWalk];
                if (walk.IsComplete) _currentWalk++;
                else walk.ScanBucket(this);
            }
            else
            {
                return false;
            }

            if (buckets % _pace.BucketsPerTimeCheck == 0 && Stopwatch.GetTimestamp() >= endTicks) return true;
        }

        return false;
    }

    private bool HasLentAll() =>
        _currentWalk == _walks.Count && _adopted.Count == 0 && _overflow.Count == 0 && _queue.Length == 0;

    private void Close()
    {
        _isClosed = true;
        _queue.Close();
        FreeWorkedOn();
        Detach();
    }

    private void FreeWorkedOn()
    {
        for (int i = _freedAfterWork.Count - 1; i >= 0; i--)
        {
            (Entry entry, IterationLane lane, long position) = _freedAfterWork[i];
            if (!lane.IsCompleted(position)) continue;
            _freedAfterWork.RemoveAt(i);
            _server.LazyFree.Free(entry, lazily: true);
        }
    }

    private void FreeWithdrawn(LaneItem item)
    {
        AddHeldBytes(-item.HeldBytes);
        _server.LazyFree.Free(item.Entry, lazily: true);
    }

    /// <summary>Nobody needs to tell anything any more.</summary>
    private void Detach()
    {
        foreach (Database database in _server.Databases)
        {
            if (database.Iteration == this) database.Iteration = null;
        }

        _server.Iterations.Gate.Close(this);
    }

    private void PostStep()
    {
        if (Interlocked.Exchange(ref _isStepPosted, 1) == 0) _server.Loop.Post(_posted);
    }

    private void OnPosted()
    {
        Interlocked.Exchange(ref _isStepPosted, 0); // the step itself is done before the loop sleeps
    }

    /// <summary>The work of the iteration's thread, from beginning to end.</summary>
    public void ProcessAll(IHelperGate gate, IterationCourtesy? courtesy = null)
    {
        _isComplete = TryRun(() => ProcessEntries(gate, courtesy));
        _queue.Leave();
        _isComplete &= TryRun(() =>
        {
            _consumer.Finish(_isComplete);
            return true;
        });
        _left.Set();
        _server.Loop.Post(OnThreadEnded);
    }

    /// <summary>A consumer that throws has failed, and says so in the log.</summary>
    private bool TryRun(Func<bool> part)
    {
        try
        {
            return part();
        }
        catch (Exception exception)
        {
            _server.Log.Write(LogLevel.Warning, $"A background iteration failed: {exception}");
            return false;
        }
    }

    /// <summary>True when everything was worked on.</summary>
    private bool ProcessEntries(IHelperGate gate, IterationCourtesy? courtesy)
    {
        for (int count = 1; _queue.TryTake(gate, out LaneItem item, out IterationLane lane); count++)
        {
            bool goesOn;
            try
            {
                goesOn = _consumer.Process(item.DatabaseIndex, _server.Snapshots.Dataset.EntryFor(item.Entry));
            }
            finally
            {
                if (item.IsOwned) _server.DataTypes.Free(item.Entry);
                _queue.Complete(item, lane);
            }

            if (!goesOn) return false;
            if (count % CourtesyEveryEntries == 0 && !_queue.IsWatched && !IsOverMemory) courtesy?.GiveWay();
            if (count % GateEveryEntries != 0) continue;
            gate.Enter();
            gate.Leave();
        }

        return !_queue.IsAborted;
    }

    private void OnThreadEnded()
    {
        if (!_isClosed) Abort();
        FreeWorkedOn();
        while (_overflow.TryDequeue(out (Entry Entry, int DatabaseIndex, long HeldBytes) item)) _server.LazyFree.Free(item.Entry, lazily: true);
        while (_adopted.TryDequeue(out TableWalk? walk)) _server.LazyFree.Free(walk.Keys, new EntryTable<EntryTraits>(), lazily: true);
        Detach();
        _ended(this);
        _consumer.Ended(_isComplete);
    }
}
