// How long the commit thread waits for company, and when it gives up on it.

using Valkey.Aof.Offload;
using Xunit;

namespace Valkey.Aof.Tests;

public sealed class GroupCompanyTests
{
    [Theory]
    [InlineData(1, 5000, 0)] // a single writer
    [InlineData(2, 5000, 1250)]
    [InlineData(50, 100, 0)] // a fast disk: over before it has begun
    [InlineData(50, 200, 50)]
    [InlineData(50, 1_000_000, 2000)]
    public void It_waits_for_a_quarter_of_a_sync_at_most(int lastCount, long lastSyncUs, long expectedUs) =>
        Assert.Equal(expectedUs, new GroupCompany().WaitUs(lastCount, lastSyncUs));

    [Fact]
    public void It_gives_up_after_some_waits_in_vain_and_tries_again_later()
    {
        GroupCompany company = new();

        for (int i = 1; i < GroupCompany.VainMax; i++) company.Note(awaitedCount: 50, comeCount: 24);
        company.Note(awaitedCount: 50, comeCount: 25); // not in vain: counted anew
        for (int i = 1; i < GroupCompany.VainMax; i++)
        {
            Assert.Equal(1250, company.WaitUs(50, 5000));
            company.Note(awaitedCount: 50, comeCount: 24);
        }

        Assert.Equal(1250, company.WaitUs(50, 5000));
        company.Note(awaitedCount: 50, comeCount: 0);
        AssertRests(company);
        company.Note(awaitedCount: 50, comeCount: 24); // still so
        AssertRests(company);
        company.Note(awaitedCount: 50, comeCount: 50);
        company.Note(awaitedCount: 50, comeCount: 24);
        Assert.Equal(1250, company.WaitUs(50, 5000));
    }

    private static void AssertRests(GroupCompany company)
    {
        for (int i = 0; i < GroupCompany.RestGroups; i++) Assert.Equal(0, company.WaitUs(50, 5000));
        Assert.Equal(1250, company.WaitUs(50, 5000));
    }
}
