using Valkey.Host.Keyspace;
using Xunit;

namespace Valkey.UnitTests.Keyspace;

public sealed class AccessClockTests
{
    private const long Start = 1_800_000_000;

    [Fact]
    public void Idle_time_counts_seconds_also_when_the_clock_has_wrapped()
    {
        AccessClock clock = new();
        clock.Update(Start);
        uint before = clock.Initial;

        clock.Update(Start + 100);
        long idle = clock.IdleSeconds(before);
        clock.Update((1L << 24) - 10);
        uint nearEnd = clock.Initial;
        clock.Update((1L << 24) + 10);

        Assert.Equal(100, idle);
        Assert.InRange(clock.IdleSeconds(nearEnd), 19, 20);
    }

    [Fact]
    public void A_counter_grows_with_use_ever_more_slowly_and_ends_at_255()
    {
        AccessClock clock = new() { IsLfu = true };
        clock.Update(Start);
        uint value = clock.Initial;
        Assert.Equal(5u, clock.Decayed(value));

        for (int i = 0; i < 1000; i++) value = clock.Increment(value);
        uint afterThousand = clock.Decayed(value);
        for (int i = 0; i < 10_000_000; i++) value = clock.Increment(value);

        Assert.InRange(afterThousand, 12u, 30u);
        Assert.Equal(255u, clock.Decayed(value));
    }

    [Fact]
    public void A_counter_loses_one_per_decay_time()
    {
        AccessClock clock = new() { IsLfu = true, DecayMinutes = 2 };
        clock.Update(Start);
        uint value = clock.Initial;

        clock.Update(Start + (6 * 60));
        uint later = clock.Decayed(value);
        clock.Update(Start + (600 * 60));

        Assert.Equal(2u, later);
        Assert.Equal(0u, clock.Decayed(value));
    }

    [Fact]
    public void Without_decay_a_counter_stays()
    {
        AccessClock clock = new() { IsLfu = true, DecayMinutes = 0 };
        clock.Update(Start);
        uint value = clock.Initial;

        clock.Update(Start + 1_000_000);

        Assert.Equal(5u, clock.Decayed(value));
    }
}
