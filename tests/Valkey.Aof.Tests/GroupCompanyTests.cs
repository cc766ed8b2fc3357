// How long the commit thread waits for company, and when it gives up on it.

using Valkey.Aof.Offload;
using Xunit;

namespace Valkey.Aof.Tests;

public sealed class GroupCompanyTests
{
    private const int SyncUs = 5000;
    private const long MomentUs = 1250, PatientUs = 5500;

    [Theory]
    [InlineData(1, SyncUs, 0)] // a single writer
    [InlineData(2, SyncUs, MomentUs)]
    [InlineData(50, 100, 0)] // a fast disk: over before it has begun
    [InlineData(50, 200, 50)]
    [InlineData(50, 1_000_000, 2000)]
    public void It_waits_for_a_quarter_of_a_sync(int lastCount, long lastSyncUs, long expectedUs) =>
        Assert.Equal(expectedUs, new GroupCompany().WaitUs(lastCount, lastSyncUs));

    [Theory]
    [InlineData(1, SyncUs, 0)]
    [InlineData(50, 100, 0)]
    [InlineData(50, GroupCompany.PatientSyncMinUs - 4, (GroupCompany.PatientSyncMinUs / 4) - 1)] // too short for that
    [InlineData(50, GroupCompany.PatientSyncMinUs, GroupCompany.PatientSyncMinUs * 11 / 10)]
    [InlineData(50, SyncUs, PatientUs)]
    [InlineData(50, 1_000_000, 10_000)]
    public void Where_a_moment_brings_nobody_it_waits_for_about_a_sync(int lastCount, long lastSyncUs, long expectedUs) =>
        Assert.Equal(expectedUs, Patient().WaitUs(lastCount, lastSyncUs));

    [Fact]
    public void Single_waits_in_vain_change_nothing()
    {
        GroupCompany company = new();
        for (int i = 0; i < 10; i++)
        {
            for (int vain = 1; vain < GroupCompany.VainMax; vain++) company.Note(awaitedCount: 50, comeCount: 24);
            company.Note(awaitedCount: 50, comeCount: 25); // half of them: not in vain, and counted anew
            Assert.Equal(MomentUs, company.WaitUs(50, SyncUs));
        }

        company = Patient();
        for (int i = 0; i < 10; i++)
        {
            for (int vain = 1; vain < GroupCompany.VainMax; vain++) company.Note(awaitedCount: 50, comeCount: 44);
            company.Note(awaitedCount: 50, comeCount: 45);
            Assert.Equal(PatientUs, company.WaitUs(50, SyncUs));
        }
    }

    [Fact]
    public void It_gives_up_where_patience_brings_too_few_and_tries_again_later()
    {
        GroupCompany company = Patient();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < GroupCompany.VainMax; i++)
            {
                Assert.Equal(PatientUs, company.WaitUs(50, SyncUs));
                company.Note(awaitedCount: 50, comeCount: 44);
            }

            for (int i = 0; i < GroupCompany.RestGroups; i++) Assert.Equal(0, company.WaitUs(50, SyncUs));
            Assert.Equal(MomentUs, company.WaitUs(50, SyncUs));
            company.Note(awaitedCount: 50, comeCount: 0); // after the rest one is enough
        }

        Assert.Equal(PatientUs, company.WaitUs(50, SyncUs));
    }

    [Fact]
    public void Where_syncs_are_short_it_gives_up_without_patience()
    {
        const int ShortUs = 1000;
        GroupCompany company = new();
        for (int i = 0; i < GroupCompany.VainMax; i++)
        {
            Assert.Equal(ShortUs / 4, company.WaitUs(50, ShortUs));
            company.Note(awaitedCount: 50, comeCount: 24);
        }

        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < GroupCompany.RestGroups; i++) Assert.Equal(0, company.WaitUs(50, ShortUs));
            Assert.Equal(ShortUs / 4, company.WaitUs(50, ShortUs));
            company.Note(awaitedCount: 50, comeCount: 24);
        }
    }

    [Fact]
    public void After_a_rest_a_moment_that_brings_them_is_enough_again()
    {
        GroupCompany company = Patient();
        for (int i = 0; i < GroupCompany.VainMax; i++) company.Note(awaitedCount: 50, comeCount: 0);
        for (int i = 0; i < GroupCompany.RestGroups; i++) _ = company.WaitUs(50, SyncUs);

        company.Note(awaitedCount: 50, comeCount: 50);
        company.Note(awaitedCount: 50, comeCount: 0); // one by chance

        Assert.Equal(MomentUs, company.WaitUs(50, SyncUs));
    }

    private static GroupCompany Patient()
    {
        GroupCompany company = new();
        for (int i = 0; i < GroupCompany.VainMax; i++)
        {
            _ = company.WaitUs(50, SyncUs);
            company.Note(awaitedCount: 50, comeCount: 24);
        }

        return company;
    }
}
