// Replies that had waited go out all at once among themselves, and one by one beside others: in order, at the latest in time.

using System.Diagnostics;
using Valkey.Host.Clients;
using Xunit;

namespace Valkey.UnitTests.Clients;

public sealed class ReleasedQueueTests
{
    private const int Count = 50;
    private static readonly long s_ms = Stopwatch.Frequency / 1000;
    private static readonly long s_start = 1_000 * s_ms;

    private readonly ReleasedQueue _queue = new();

    [Fact]
    public void Among_themselves_they_go_at_once()
    {
        Release(Count);

        Assert.Equal(Count, DueAlone(s_start));
        Assert.Equal(0, _queue.Count);
    }

    [Theory]
    [InlineData(Count, Count)]
    [InlineData(Count + 1, 1)]
    public void Beside_fewer_others_they_go_at_once_too(int others, int due)
    {
        SyncBefore(s_start - (4 * s_ms));
        Release(Count);
        _queue.NoteOthers(others, s_start);

        Assert.Equal(due, DueAlone(s_start));
    }

    [Fact]
    public void Beside_others_they_are_spread_over_three_quarters_of_the_time_since_the_last_sync()
    {
        SyncBefore(s_start - (4 * s_ms));
        Release(Count);

        Assert.Equal(1, Due(s_start));
        Assert.Equal(0, Due(s_start + (s_ms * 3 / Count) - 1));
        Assert.Equal(1, Due(s_start + (s_ms * 3 / Count)));
        Assert.Equal((Count / 2) - 1, Due(s_start + (s_ms * 3 / 2)));
        Assert.Equal((Count / 2) - 1, Due(s_start + (3 * s_ms)));
    }

    [Fact]
    public void They_are_spread_over_less_than_the_loop_has_worked_and_never_closer_than_that_leaves_others_half_of_the_time()
    {
        SyncBefore(s_start - (4 * s_ms));
        long workedTicks = s_start - (4 * s_ms);
        Release(Count);

        Assert.Equal(1, Due(s_start, workedTicks));
        Assert.Equal(0, Due(s_start + ReleasedQueue.SpacingMinTicks - 1, workedTicks));
        Assert.Equal(1, Due(s_start + ReleasedQueue.SpacingMinTicks, workedTicks));
        Assert.Equal(Count - 2, Due(s_start + (Count * ReleasedQueue.SpacingMinTicks), workedTicks));
    }

    [Fact]
    public void However_long_the_sync_took_they_are_spread_over_a_few_milliseconds_at_most()
    {
        SyncBefore(s_start - (900 * s_ms));
        Release(Count);

        int sent = Due(s_start);
        for (long now = s_start; now <= s_start + ReleasedQueue.SpreadMaxTicks; now += s_ms / 10) sent += Due(now);
        Assert.Equal(Count, sent);
    }

    [Fact]
    public void When_the_others_have_gone_the_rest_goes_at_once()
    {
        SyncBefore(s_start - (900 * s_ms));
        Release(1_000);
        Assert.Equal(1, Due(s_start));
        long end = s_start + ReleasedQueue.SpreadMaxTicks;

        Assert.InRange(DueAlone(end), 1, 998);
        _ = DueAlone(end + 1);
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void The_next_sync_spreads_all_who_wait_then()
    {
        SyncBefore(s_start - (4 * s_ms));
        Release(Count);
        Assert.Equal(1, Due(s_start));
        Release(Count);

        int sent = 1;
        for (long now = s_start + s_ms; now <= s_start + (2 * s_ms); now += s_ms / 100) sent += Due(now);
        Assert.InRange(sent, Count, 2 * Count); // 99 over three quarters of a millisecond are too close: over two
        Assert.Equal((2 * Count) - sent, Due(s_start + (3 * s_ms)));
    }

    [Fact]
    public void Who_came_first_is_sent_to_first()
    {
        Release(3);

        for (int i = 0; i < 3; i++) Assert.Equal(i, _queue.Take().Id);
    }

    private void Release(int count)
    {
        for (int i = 0; i < count; i++) _queue.Add(new Client(i, null));
    }

    /// <summary>The time of the sync before, as the queue knows it.</summary>
    private void SyncBefore(long nowTicks)
    {
        Release(1);
        Assert.Equal(1, DueAlone(nowTicks));
    }

    /// <summary>Takes who is due while others are served too. As a rule the loop has worked all the time.</summary>
    private int Due(long nowTicks, long? workedTicks = null)
    {
        _queue.NoteOthers(count: 10_000, nowTicks);
        return DueAlone(nowTicks, workedTicks);
    }

    private int DueAlone(long nowTicks, long? workedTicks = null)
    {
        int due = _queue.CountDue(nowTicks, workedTicks ?? nowTicks);
        for (int i = 0; i < due; i++) _ = _queue.Take();
        return due;
    }
}
