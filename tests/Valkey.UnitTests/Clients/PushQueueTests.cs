// Pushed messages wait while requests come, as long as the last sending took, and never when the loop is idle.

using System.Diagnostics;
using Valkey.Host.Clients;
using Xunit;

namespace Valkey.UnitTests.Clients;

public sealed class PushQueueTests
{
    private static readonly long s_ms = Stopwatch.Frequency / 1000;

    [Fact]
    public void An_empty_queue_is_never_due()
    {
        PushQueue queue = new();
        Assert.False(queue.HasAny);
        Assert.False(queue.IsDue(isIdle: true, nowTicks: 1_000 * s_ms));
    }

    [Fact]
    public void An_idle_loop_sends_at_once()
    {
        PushQueue queue = WithLastSending(s_ms);
        queue.Add(new Client(1, null), nowTicks: 100 * s_ms);
        Assert.True(queue.IsDue(isIdle: true, nowTicks: 100 * s_ms));
    }

    [Fact]
    public void A_busy_loop_waits_as_long_as_the_last_sending_took()
    {
        PushQueue queue = WithLastSending(s_ms / 2);
        queue.Add(new Client(1, null), nowTicks: 100 * s_ms);
        queue.Add(new Client(2, null), nowTicks: (100 * s_ms) + (s_ms / 2) - 1); // the first one's time counts
        Assert.False(queue.IsDue(isIdle: false, nowTicks: (100 * s_ms) + (s_ms / 2) - 1));
        Assert.True(queue.IsDue(isIdle: false, nowTicks: (100 * s_ms) + (s_ms / 2)));
    }

    [Fact]
    public void It_never_waits_longer_than_a_millisecond()
    {
        PushQueue queue = WithLastSending(50 * s_ms);
        queue.Add(new Client(1, null), nowTicks: 100 * s_ms);
        Assert.False(queue.IsDue(isIdle: false, nowTicks: (101 * s_ms) - 1));
        Assert.True(queue.IsDue(isIdle: false, nowTicks: 101 * s_ms));
    }

    [Fact]
    public void What_is_added_while_others_are_sent_to_waits_for_the_next_time()
    {
        PushQueue queue = new();
        Client first = new(1, null);
        Client second = new(2, null);
        queue.Add(first, nowTicks: 1);
        List<Client> taken = queue.Take();
        queue.Add(second, nowTicks: 2);
        Assert.Equal([first], taken);
        queue.Sent(0);
        Assert.True(queue.HasAny);
        Assert.Equal([second], queue.Take());
        Assert.True(second.Has(ClientFlags.PendingPush));
    }

    private static PushQueue WithLastSending(long ticks)
    {
        PushQueue queue = new();
        queue.Add(new Client(9, null), nowTicks: 0);
        queue.Take();
        queue.Sent(ticks);
        return queue;
    }
}
