// Clients whose replies waited for durability and may be sent now.
//
// A sync ends for many at once. Sent together, their replies and the requests that those bring about would hold up everybody else
// for as long, with every sync; so would the clients' own machines, which wake up for all of them. So beside others, if these are
// more, they are sent one by one, spread over a part of the time since the last sync: who is the last is back before the next sync has
// ended. It costs them that sync, or, where the disk's thread waits for them as the log's does, the wait; so among themselves they are
// all sent at once.
// The loop waits awake for the next one's time. So they are spread over less than it has worked: at worst it is busy for twice as long.
// Holds always: beside others nobody waits longer than SpreadMaxTicks, or SpacingMinTicks for each who waits. Command thread only.

using System.Diagnostics;

namespace Valkey.Host.Clients;

internal sealed class ReleasedQueue
{
    /// <summary>So long they are spread at most, and so long others count as served after their last reply.</summary>
    public static readonly long SpreadMaxTicks = Stopwatch.Frequency * 5 / 1000;

    /// <summary>What a reply and the request that follows it take, twice: that leaves others half of the time.</summary>
    public static readonly long SpacingMinTicks = Stopwatch.Frequency * 20 / 1_000_000;

    private readonly Queue<Client> _waiting = new();
    private long _othersTicks = -SpreadMaxTicks - 1;
    private long _spreadAtTicks, _workedAtSpread;
    private long _spacingTicks, _dueTicks;
    private long _othersCount;
    private bool _othersAreMore;
    private int _knownCount;

    /// <summary>How many wait to be sent to.</summary>
    public int Count => _waiting.Count;

    /// <summary>The client has output that was held.</summary>
    public void Add(Client client) => _waiting.Enqueue(client);

    /// <summary>So many are sent replies that never waited.</summary>
    public void NoteOthers(int count, long nowTicks)
    {
        _othersCount += count;
        _othersTicks = nowTicks;
    }

    /// <summary>How many are to be taken and sent to now.</summary>
    /// <param name="nowTicks">The present.</param>
    /// <param name="workedTicks">What the loop has worked since the server started.</param>
    public int CountDue(long nowTicks, long workedTicks)
    {
        if (_waiting.Count > _knownCount) Spread(nowTicks, workedTicks);
        int due = _waiting.Count;
        if (_othersAreMore && nowTicks - _othersTicks <= SpreadMaxTicks)
        {
            due = nowTicks < _dueTicks ? 0 : (int)Math.Min(due, 1 + ((nowTicks - _dueTicks) / _spacingTicks));
            _dueTicks += due * _spacingTicks;
        }

        _knownCount = _waiting.Count - due;
        return due;
    }

    /// <summary>Who has waited longest, and does not wait any more; there is one.</summary>
    public Client Take() => _waiting.Dequeue();

    /// <summary>More have come: another sync has ended.</summary>
    private void Spread(long nowTicks, long workedTicks)
    {
        long spreadTicks = Math.Min(nowTicks - _spreadAtTicks, workedTicks - _workedAtSpread) / 4 * 3;
        _spacingTicks = Math.Max(Math.Min(spreadTicks, SpreadMaxTicks) / _waiting.Count, SpacingMinTicks);
        _dueTicks = nowTicks;
        _othersAreMore = _othersCount > _waiting.Count;
        _othersCount = 0;
        _spreadAtTicks = nowTicks;
        _workedAtSpread = workedTicks;
    }
}
