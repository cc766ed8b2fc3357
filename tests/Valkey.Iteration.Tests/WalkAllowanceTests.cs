// The walk gets its share of the time that passes, all of a slice when nobody sends anything, and pays back what it overdraws.

using System.Diagnostics;
using Valkey.Host.Iteration;
using Xunit;

namespace Valkey.Iteration.Tests;

public sealed class WalkAllowanceTests
{
    private static readonly long s_ms = Stopwatch.Frequency / 1000;
    private readonly WalkAllowance _allowance = new(new IterationPace { SliceUs = 1000, ShareOfBusyThread = 0.25 });
    private long _now = Stopwatch.GetTimestamp() + (10 * s_ms);

    [Fact]
    public void An_idle_server_gives_a_whole_slice()
    {
        Assert.Equal(s_ms, _allowance.Earn(_now, isIdle: true));
        _allowance.Spend(5 * s_ms);
        Assert.Equal(s_ms, _allowance.Earn(_now, isIdle: true));
    }

    [Fact]
    public void A_busy_server_gives_a_share_of_the_time_that_passes()
    {
        Settle();
        Assert.Equal(s_ms / 4, _allowance.Earn(_now += s_ms, isIdle: false));
        Assert.Equal(s_ms / 2, _allowance.Earn(_now += s_ms, isIdle: false)); // what was not spent stays
    }

    [Fact]
    public void No_more_than_a_slice_is_saved_up()
    {
        Settle();
        Assert.Equal(s_ms, _allowance.Earn(_now += 1000 * s_ms, isIdle: false));
    }

    [Fact]
    public void What_was_overdrawn_is_paid_back()
    {
        Settle();
        _allowance.Spend(s_ms);
        Assert.True(_allowance.Earn(_now += 3 * s_ms, isIdle: false) < 0);
        Assert.Equal(s_ms / 4, _allowance.Earn(_now += 2 * s_ms, isIdle: false));
    }

    private void Settle()
    {
        _ = _allowance.Earn(_now, isIdle: true);
        _allowance.Spend(s_ms);
    }
}
