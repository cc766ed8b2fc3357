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
        const int RoundCount = 20_000;
        using EventLoop loop = new(new TimerQueue()); // without timers: only a wake-up ends its sleep
        Thread thread = new(loop.Run) { IsBackground = true };
        thread.Start();
        int done = 0;
        int posted = 0;
        Action callback = () => Interlocked.Increment(ref done);

        bool isLost = false;
        for (int round = 0; round < RoundCount && !isLost; round++)
        {
            int doneBefore = posted;
            do
            {
                loop.Post(callback); // until the loop has woken up: one of them falls into the moment in which it does
                posted++;
                Thread.SpinWait(round % 8);
            }
            while (Volatile.Read(ref done) == doneBefore && posted - doneBefore < 10_000);

            long startTicks = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref done) < posted && !isLost) isLost = Stopwatch.GetElapsedTime(startTicks).TotalSeconds > 5;
        }

        loop.Post(loop.Stop);
        if (!thread.Join(TimeSpan.FromSeconds(5))) isLost = true;
        Assert.False(isLost, $"{done} of {posted} callbacks ran");
    }
}
