using Valkey.Aof.Rewriting;
using Xunit;

namespace Valkey.Aof.Tests;

public sealed class RewriteLimitTests
{
    [Fact]
    public void After_three_failures_the_next_rewrite_waits_twice_as_long_each_time_up_to_an_hour()
    {
        ListLog log = new();
        RewriteLimit limit = new(log);
        long nowMs = 1000;
        Assert.False(limit.Holds(2, nowMs));

        foreach (int minutes in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            Assert.True(limit.Holds(3, nowMs));
            Assert.EndsWith($"triggered the limit, will retry in {minutes} minutes", log.Lines[^1], StringComparison.Ordinal);
            Assert.True(limit.Holds(3, nowMs + (minutes * 60_000L) - 1));
            nowMs += minutes * 60_000L;
            Assert.False(limit.Holds(3, nowMs));
        }

        Assert.False(limit.Holds(0, nowMs));
        Assert.True(limit.Holds(3, nowMs));
        Assert.EndsWith("will retry in 1 minutes", log.Lines[^1], StringComparison.Ordinal);
    }
}
