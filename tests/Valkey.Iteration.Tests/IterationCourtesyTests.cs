// The iteration's thread moves only when the commands lack a processor.

using Valkey.Host.Background;
using Valkey.Host.Iteration;
using Valkey.Host.Process;
using Xunit;

namespace Valkey.Iteration.Tests;

public sealed class IterationCourtesyTests
{
    [Theory]
    [InlineData(0, 5_000_000, false)]
    [InlineData(1_000_000, 5_000_000, false)]
    [InlineData(1_500_000, 5_000_000, true)]
    [InlineData(5_000_000, 5_000_000, true)]
    public void More_than_a_quarter_of_the_time_is_too_long_to_wait(long waitedNs, double elapsedNs, bool expected) =>
        Assert.Equal(expected, IterationCourtesy.IsShort(waitedNs, elapsedNs));

    [Fact]
    public void Giving_way_again_and_again_goes_on_whether_or_not_the_thread_may_move()
    {
        HelperThreads helpers = new();
        helpers.NoteCommandThread();
        foreach (bool stays in (bool[])[false, true])
        {
            using ThreadSchedule schedule = ThreadSchedule.OfThisThread();
            IterationCourtesy courtesy = new(helpers, schedule) { StaysWhereItIs = stays };
            for (int i = 0; i < 100_000; i++) courtesy.GiveWay();
        }
    }
}
