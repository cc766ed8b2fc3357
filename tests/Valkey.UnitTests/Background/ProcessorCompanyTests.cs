// A thread comes to the command thread's processor, and stays free to leave it.

using Valkey.Host.Background;
using Valkey.Host.Process;
using Xunit;

namespace Valkey.UnitTests.Background;

public sealed unsafe class ProcessorCompanyTests
{
    private const int MaskBytes = 128;

    [Fact]
    public void A_thread_joins_the_processor_that_was_noted_and_may_use_all_it_could_before() => OnThreadOfItsOwn(static () =>
    {
        byte[] allowed = Allowed();
        foreach (int processor in ProcessorsOf(allowed))
        {
            ProcessorCompany company = new();
            Assert.True(Allow(MaskOf(processor)));
            company.Note();
            Assert.True(Allow(allowed));

            // The system may move it again between two lines of this test: not every time.
            bool hasJoined = false;
            for (int attempt = 1; attempt <= 1000 && !hasJoined; attempt++)
            {
                company.Join();
                hasJoined = Libc.CurrentProcessor() == processor;
            }

            Assert.True(hasJoined);
            Assert.Equal(allowed, Allowed());
        }
    });

    [Fact]
    public void A_processor_that_the_thread_may_not_use_is_left_alone() => OnThreadOfItsOwn(static () =>
    {
        byte[] allowed = Allowed();
        List<int> processors = ProcessorsOf(allowed);
        ProcessorCompany company = new();
        Assert.True(Allow(MaskOf(processors[^1])));
        company.Note();
        byte[] first = MaskOf(processors[0]);
        Assert.True(Allow(first));

        company.Join();

        Assert.Equal(first, Allowed());
    });

    [Fact]
    public void Nobody_is_joined_before_somebody_was_noted()
    {
        byte[] allowed = Allowed();

        new ProcessorCompany().Join();

        Assert.Equal(allowed, Allowed());
    }

    private static void OnThreadOfItsOwn(Action test)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                test();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
    }

    private static byte[] Allowed()
    {
        byte[] mask = new byte[MaskBytes];
        fixed (byte* bytes = mask) Assert.True(Libc.GetAffinity(0, MaskBytes, bytes) >= 0);
        return mask;
    }

    private static bool Allow(byte[] mask)
    {
        fixed (byte* bytes = mask) return Libc.SetAffinity(0, MaskBytes, bytes) == 0;
    }

    private static byte[] MaskOf(int processor)
    {
        byte[] mask = new byte[MaskBytes];
        mask[processor / 8] = (byte)(1 << (processor % 8));
        return mask;
    }

    private static List<int> ProcessorsOf(byte[] mask)
    {
        List<int> processors = [];
        for (int i = 0; i < MaskBytes * 8; i++)
        {
            if ((mask[i / 8] & (1 << (i % 8))) != 0) processors.Add(i);
        }

        return processors;
    }
}
