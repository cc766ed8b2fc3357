// What the kernel counts of a thread: read as it is written, nothing when it is something else.

using System.Diagnostics;
using Valkey.Host.Process;
using Xunit;

namespace Valkey.UnitTests.Process;

public sealed class ThreadScheduleTests
{
    [Theory]
    [InlineData("123 45 6\n", 123, 45)]
    [InlineData("0 0 0\n", 0, 0)]
    [InlineData("9223372036854775807 1 1\n", long.MaxValue, 1)]
    [InlineData("", 0, 0)]
    [InlineData("12", 0, 0)]
    [InlineData("12 ", 0, 0)]
    [InlineData("12 x 3", 0, 0)]
    [InlineData("no number", 0, 0)]
    public void Its_text_is_two_numbers_and_more(string text, long runNs, long waitedNs) =>
        Assert.Equal(new ThreadTimes(runNs, waitedNs), ThreadSchedule.Parse(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void A_thread_that_works_has_run_longer_whoever_asks()
    {
        using ManualResetEventSlim worked = new(), asked = new();
        ThreadSchedule? schedule = null;
        ThreadTimes before = default;
        Thread worker = new(() =>
        {
            schedule = ThreadSchedule.OfThisThread();
            before = schedule.Read();
            Stopwatch watch = Stopwatch.StartNew();
            while (watch.ElapsedMilliseconds < 50) Thread.SpinWait(100);
            worked.Set();
            asked.Wait(); // what is asked for is told of a thread that lives
        });
        worker.Start();
        worked.Wait();
        ThreadTimes after = schedule!.Read();
        asked.Set();
        worker.Join();
        schedule.Dispose();

        Assert.True(after.RunNs > before.RunNs);
    }
}
