// The queue between the command thread and the iteration's thread: two lanes, and how each side wakes the other.
//
// The ordinary lane is kept filled to a target by the command thread as it walks the tables. The express lane comes first:
// clones, entries that were deleted before they were saved, and large ones that somebody waits for.
// The target adapts: it doubles whenever the iteration's thread had nothing to do, and shrinks slowly while there is always
// plenty. Short is good (what is lent cannot be written), empty is not.
// Holds always: nobody misses a wake-up, because each side first says that it waits, then looks once more (with a full fence
// between), and only then sleeps.

using Valkey.Abstractions;

namespace Valkey.Host.Iteration;

internal sealed class IterationQueue(Action wakeCommandThread, IterationPace pace) : IDisposable
{
    public const int Capacity = 4096; // of each lane
    private const int PlentyBeforeShrinking = 64;

    private readonly AutoResetEvent _available = new(false);
    private int _isSleeping;
    private int _isWatched;
    private int _target = pace.TargetStart;
    private long _starvedCount;
    private long _starvedSeen;
    private int _plentyCount;
    private long _currentSinceMs;
    private long _processed;
    private long _heldBytes;
    private volatile bool _isClosed;
    private volatile bool _isAborted;
    private volatile bool _consumerLeft;

    /// <summary>What the walk lends.</summary>
    public IterationLane Ordinary { get; } = new(Capacity);

    /// <summary>What comes first.</summary>
    public IterationLane Express { get; } = new(Capacity);

    public int Length => Ordinary.Length + Express.Length;

    public int Target => Volatile.Read(ref _target);

    /// <summary>Entries that were worked on. Any thread.</summary>
    public long Processed => Interlocked.Read(ref _processed);

    /// <summary>Bytes of owned entries that are there beside the dataset. Any thread.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>How long the present entry has been worked on. Any thread.</summary>
    public long CurrentEntryMs => Volatile.Read(ref _currentSinceMs) is > 0 and long since ? Environment.TickCount64 - since : 0;

    /// <summary>The iteration's thread takes nothing any more. Any thread.</summary>
    public bool ConsumerLeft => _consumerLeft;

    /// <summary>It was ended early by the command thread. Any thread.</summary>
    public bool IsAborted => _isAborted;

    /// <summary>How many entries the ordinary lane lacks. Command thread.</summary>
    public int Missing => Math.Min(Target - Ordinary.Length, Ordinary.FreeCount);

    /// <summary>
    /// The iteration's thread calls the command thread after every entry while somebody waits for one. Set by the command thread.
    /// </summary>
    public bool IsWatched
    {
        get => Volatile.Read(ref _isWatched) != 0;
        set => Interlocked.Exchange(ref _isWatched, value ? 1 : 0);
    }

    /// <summary>Memory beside the dataset came or went.</summary>
    public long AddHeldBytes(long bytes) => Interlocked.Add(ref _heldBytes, bytes);

    /// <summary>Follows the speed of the other side. Command thread, once per slice.</summary>
    public void AdaptTarget()
    {
        int target = _target;
        long starvedCount = Interlocked.Read(ref _starvedCount);
        if (starvedCount != _starvedSeen)
        {
            _starvedSeen = starvedCount;
            _plentyCount = 0;
            target *= 2;
        }
        else if (Ordinary.Length > target * 3 / 4 && ++_plentyCount == PlentyBeforeShrinking)
        {
            _plentyCount = 0;
            target -= target / 8;
        }

        Volatile.Write(ref _target, Math.Clamp(target, pace.TargetMin, pace.TargetMax));
    }

    /// <summary>Wakes the iteration's thread when it sleeps. Command thread, after adding.</summary>
    public void Wake()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isSleeping) != 0) _available.Set();
    }

    /// <summary>Nothing will be added any more and both lanes are empty. Command thread.</summary>
    public void Close()
    {
        _isClosed = true;
        _available.Set();
    }

    /// <summary>The other side stops after the present entry. Command thread.</summary>
    public void Abort()
    {
        _isAborted = true;
        _available.Set();
    }

    /// <summary>The next entry to work on, waited for; false at the end. The iteration's thread.</summary>
    public bool TryTake(IHelperGate gate, out LaneItem item, out IterationLane lane)
    {
        while (true)
        {
            lane = Express;
            item = default;
            if (_isAborted) return false;
            if (Express.TryTake(out item)) break;
            lane = Ordinary;
            if (Ordinary.TryTake(out item)) break;
            if (_isClosed) return false;
            Sleep(gate);
        }

        Volatile.Write(ref _currentSinceMs, Environment.TickCount64);
        return true;
    }

    /// <summary>The work on the entry is done. The iteration's thread.</summary>
    public void Complete(in LaneItem item, IterationLane lane)
    {
        if (item.IsOwned) AddHeldBytes(-item.HeldBytes);
        Volatile.Write(ref _processed, _processed + 1);
        Volatile.Write(ref _currentSinceMs, 0);
        lane.Complete();
        if (Volatile.Read(ref _isWatched) != 0 || (lane == Ordinary && Ordinary.Length == Target / 2)) wakeCommandThread();
    }

    /// <summary>Takes nothing any more. The iteration's thread.</summary>
    public void Leave() => _consumerLeft = true;

    public void Dispose() => _available.Dispose();

    private void Sleep(IHelperGate gate)
    {
        Interlocked.Increment(ref _starvedCount);
        Interlocked.Exchange(ref _isSleeping, 1);
        if (Length == 0 && !_isClosed && !_isAborted)
        {
            wakeCommandThread();
            gate.Enter();
            _available.WaitOne();
            gate.Leave();
        }

        Interlocked.Exchange(ref _isSleeping, 0);
    }
}
