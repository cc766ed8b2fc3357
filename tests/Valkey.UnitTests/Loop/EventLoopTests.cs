// Callbacks from other threads: each of them runs, however posts and wake-ups fall together.

using System.Diagnostics;
using Valkey.Host.Loop;
using Xunit;

namespace Valkey.UnitTests.Loop;

public sealed class EventLoopTests
{
    [Fact]
    public void No_post_is_left_waiting_while_the_loop_sleeps()
    {
        const int RoundCount = 100_000;
        using EventLoop loop = new(new TimerQueue()); // without timers: only a wake-up ends its sleep
        Thread thread = new(loop.Run);
        thread.Start();
        int done = 0;

        bool isLost = false;
        for (int round = 1; round <= RoundCount && !isLost; round++)
        {
            loop.Post(() => Interlocked.Increment(ref done));
            for (int spin = round % 40; spin > 0; spin--) Thread.SpinWait(5); // the second post falls anywhere into the first's turn
            loop.Post(() => Interlocked.Increment(ref done));
            long startTicks = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref done) < 2 * round && !isLost) isLost = Stopwatch.GetElapsedTime(startTicks).TotalSeconds > 5;
        }

        loop.Post(loop.Stop);
        if (!thread.Join(TimeSpan.FromSeconds(5))) isLost = true;
        Assert.False(isLost, $"{done} callbacks ran");
    }
}
