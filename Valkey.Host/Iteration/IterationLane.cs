// A lane: entries on their way from the command thread, which adds, to the iteration's thread, which takes one, works on it
// and completes it.
//
// A slot holds an entry's address, and in the bits that alignment leaves free: claimed (the iteration's thread has begun to
// work on it) and owned (the entry is in no table any more and is freed after the work). Until a slot is claimed the command
// thread may still withdraw the entry, or turn it into an owned one; both threads change a slot by compare-and-swap only, so
// one of them wins.
// Holds always: positions count up and are completed in order; an entry that is lent and not owned is in at most one slot; at
// most one slot is claimed and not completed. What is not between completed and added is not outstanding.

using System.Runtime.InteropServices;
using Valkey.Structures;

namespace Valkey.Host.Iteration;

/// <summary>What became of the wish to hand an entry that is lent over to the iteration.</summary>
internal enum TakeOver
{
    /// <summary>The iteration's thread frees it.</summary>
    Done,

    /// <summary>It is being worked on: whoever asked frees it when its position is completed.</summary>
    UnderWork,

    /// <summary>It was completed before: whoever asked may free it.</summary>
    Completed,
}

/// <summary>An entry that the iteration's thread has claimed.</summary>
internal readonly record struct LaneItem(Entry Entry, int DatabaseIndex, bool IsOwned, long HeldBytes);

internal sealed class IterationLane(int capacity)
{
    private const long Claimed = 1;
    private const long Owned = 2;
    private const long Tags = Claimed | Owned;

    private readonly long[] _slots = new long[capacity]; // a power of two
    private readonly int[] _databases = new int[capacity];
    private readonly long[] _heldBytes = new long[capacity];
    private Counters _counters;

    /// <summary>Entries added and not completed.</summary>
    public int Length => (int)(Volatile.Read(ref _counters.Added) - Volatile.Read(ref _counters.Completed));

    public bool IsEmpty => Length == 0;

    /// <summary>Slots that are free. Command thread.</summary>
    public int FreeCount => _slots.Length - Length;

    /// <summary>Adds an entry; -1 when the lane is full, else its position. Command thread.</summary>
    public long TryAdd(Entry entry, int databaseIndex, bool isOwned, long heldBytes)
    {
        long position = _counters.Added;
        if (position - Volatile.Read(ref _counters.Completed) == _slots.Length) return -1;
        int index = IndexOf(position);
        _databases[index] = databaseIndex;
        _heldBytes[index] = heldBytes;
        _slots[index] = entry.Address | (isOwned ? Owned : 0);
        Volatile.Write(ref _counters.Added, position + 1);
        return position;
    }

    /// <summary>Whether what stood at a position has been worked on.</summary>
    public bool IsCompleted(long position) => Volatile.Read(ref _counters.Completed) > position;

    /// <summary>The position of an entry that is outstanding and not owned, -1 when it is not here. Command thread.</summary>
    public long Find(Entry entry)
    {
        long first = Volatile.Read(ref _counters.Completed);
        int count = (int)(_counters.Added - first);
        if (count == 0) return -1;
        int start = IndexOf(first);
        int tail = Math.Min(count, _slots.Length - start);
        int at = _slots.AsSpan(start, tail).IndexOf(entry.Address);
        if (at < 0 && tail < count)
        {
            at = _slots.AsSpan(0, count - tail).IndexOf(entry.Address);
            if (at >= 0) at += tail;
        }

        if (at >= 0) return first + at;

        // Not among those that wait: then it is the one that is being worked on, or it has been completed meanwhile.
        long present = Volatile.Read(ref _counters.Completed);
        bool isUnderWork = present < _counters.Added && Volatile.Read(ref _slots[IndexOf(present)]) == (entry.Address | Claimed);
        return isUnderWork ? present : -1;
    }

    /// <summary>Takes an entry back before anybody works on it. Command thread.</summary>
    public bool TryWithdraw(long position, Entry entry) =>
        Interlocked.CompareExchange(ref _slots[IndexOf(position)], 0, entry.Address) == entry.Address;

    /// <summary>Leaves an entry that is in no table any more to the iteration. Command thread.</summary>
    public TakeOver TryOwn(long position, Entry entry, long heldBytes)
    {
        int index = IndexOf(position);
        _heldBytes[index] = heldBytes;
        long expected = entry.Address;
        if (Interlocked.CompareExchange(ref _slots[index], expected | Owned, expected) == expected) return TakeOver.Done;
        return IsCompleted(position) ? TakeOver.Completed : TakeOver.UnderWork;
    }

    /// <summary>Withdraws everything that nobody works on; the owned entries are given out, to be freed. Command thread.</summary>
    public void WithdrawAll(Action<LaneItem> freed)
    {
        for (long position = Volatile.Read(ref _counters.Completed); position < _counters.Added; position++)
        {
            int index = IndexOf(position);
            long slot = Volatile.Read(ref _slots[index]);
            if (slot == 0 || (slot & Claimed) != 0) continue;
            if (Interlocked.CompareExchange(ref _slots[index], 0, slot) != slot) continue; // claimed at that very moment
            if ((slot & Owned) != 0) freed(new LaneItem(new Entry((nint)(slot & ~Tags)), _databases[index], true, _heldBytes[index]));
        }
    }

    /// <summary>Claims the next entry; false when there is none. The iteration's thread.</summary>
    public bool TryTake(out LaneItem item)
    {
        while (_counters.Completed < Volatile.Read(ref _counters.Added))
        {
            int index = IndexOf(_counters.Completed);
            long slot = Volatile.Read(ref _slots[index]);
            if (slot == 0)
            {
                Complete(); // it was withdrawn
                continue;
            }

            if (Interlocked.CompareExchange(ref _slots[index], slot | Claimed, slot) != slot) continue;
            item = new LaneItem(new Entry((nint)(slot & ~Tags)), _databases[index], (slot & Owned) != 0, _heldBytes[index]);
            return true;
        }

        item = default;
        return false;
    }

    /// <summary>The work on the claimed entry is done. A full fence: who waits for it is looked at afterwards. The iteration's thread.</summary>
    public void Complete() => Interlocked.Exchange(ref _counters.Completed, _counters.Completed + 1);

    private int IndexOf(long position) => (int)(position & (_slots.Length - 1));

    // Each thread writes its own cache line.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Counters
    {
        [FieldOffset(64)]
        public long Added;

        [FieldOffset(128)]
        public long Completed;
    }
}
