// Waiting awake is earned by work, lost by sleep, bounded, and given up for a while where somebody else needs the processor.

using Valkey.Host.Durability;
using Xunit;

namespace Valkey.UnitTests.Durability;

public sealed class AwakeWaitTests
{
    [Fact]
    public void Who_has_not_worked_sleeps_at_once()
    {
        AwakeWait wait = new();

        Assert.False(wait.GoesOn(nowTicks: 1000, turnTicks: 10, wasIdle: true, isAnswerNear: true));
    }

    [Fact]
    public void It_waits_as_long_as_it_has_worked_and_then_sleeps()
    {
        AwakeWait wait = new();

        Assert.True(wait.GoesOn(nowTicks: 1000, turnTicks: 50, wasIdle: false, isAnswerNear: true));
        Assert.True(wait.GoesOn(nowTicks: 1049, turnTicks: 1, wasIdle: true, isAnswerNear: true));
        Assert.False(wait.GoesOn(nowTicks: 1050, turnTicks: 1, wasIdle: true, isAnswerNear: true));
        Assert.False(wait.GoesOn(nowTicks: 1051, turnTicks: 1, wasIdle: true, isAnswerNear: true));
    }

    [Fact]
    public void Nobody_waits_when_no_reply_is_held()
    {
        AwakeWait wait = new();

        Assert.False(wait.GoesOn(nowTicks: 1000, turnTicks: 50, wasIdle: false, isAnswerNear: false));
        Assert.False(wait.GoesOn(nowTicks: 1001, turnTicks: 1, wasIdle: true, isAnswerNear: true));
    }

    [Fact]
    public void A_gap_between_two_looks_makes_it_sleep_for_a_while()
    {
        AwakeWait wait = new();
        long gapTicks = AwakeWait.GapTicks + 1;
        long now = Awake(wait, AwakeWait.RestMaxTicks * 100);

        Assert.False(wait.GoesOn(now += gapTicks, turnTicks: 1, wasIdle: true, isAnswerNear: true));
        Assert.False(wait.GoesOn(now + AwakeWait.RestMinTicks - 1, turnTicks: AwakeWait.MaxTicks, wasIdle: false, isAnswerNear: true));
        Assert.True(wait.GoesOn(now + AwakeWait.RestMinTicks, turnTicks: AwakeWait.MaxTicks, wasIdle: false, isAnswerNear: true));
    }

    [Fact]
    public void It_sleeps_twice_as_long_when_the_next_time_is_no_better_and_no_longer_than_the_maximum()
    {
        AwakeWait wait = new();
        long now = AwakeWait.RestMaxTicks * 100;
        long restTicks = AwakeWait.RestMinTicks;
        for (int i = 0; i < 20; i++)
        {
            now = Awake(wait, now) + AwakeWait.GapTicks + 1;
            Assert.False(wait.GoesOn(now, turnTicks: 1, wasIdle: true, isAnswerNear: true));
            now += restTicks;
            Assert.False(wait.GoesOn(now - 1, turnTicks: AwakeWait.MaxTicks, wasIdle: false, isAnswerNear: true));
            restTicks = Math.Min(restTicks * 2, AwakeWait.RestMaxTicks);
        }

        Assert.Equal(AwakeWait.RestMaxTicks, restTicks);
        now = Awake(wait, now + (AwakeWait.RestMaxTicks * 10)) + AwakeWait.GapTicks + 1; // a long time without a gap
        Assert.False(wait.GoesOn(now, turnTicks: 1, wasIdle: true, isAnswerNear: true));
        Assert.Equal(now + AwakeWait.RestMinTicks, Awake(wait, now + AwakeWait.RestMinTicks));
    }

    /// <summary>It has worked, and waits awake.</summary>
    private static long Awake(AwakeWait wait, long nowTicks)
    {
        Assert.True(wait.GoesOn(nowTicks, turnTicks: AwakeWait.MaxTicks * 2, wasIdle: false, isAnswerNear: true));
        return nowTicks;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_never_waits_longer_than_it_worked_since_it_slept(int seed)
    {
        Random random = new(seed);
        AwakeWait wait = new();
        long now = 1_000_000, workedTicks = 0, idleTicks = 0;
        int awakeCount = 0;
        for (int turn = 0; turn < 20_000; turn++)
        {
            bool wasIdle = random.Next(3) != 0;
            long turnTicks = wasIdle ? random.Next(1, 1000) : random.NextInt64(1, AwakeWait.MaxTicks);
            now += turnTicks;
            idleTicks = wasIdle ? idleTicks + turnTicks : 0;
            if (!wasIdle) workedTicks += turnTicks;
            bool goesOn = wait.GoesOn(now, turnTicks, wasIdle, isAnswerNear: random.Next(20) != 0);
            if (!goesOn) workedTicks = 0;
            if (!goesOn) continue;
            awakeCount++;
            Assert.InRange(idleTicks, 0, Math.Min(workedTicks, AwakeWait.MaxTicks) - 1);
        }

        Assert.InRange(awakeCount, 1000, 19_000);
    }
}
