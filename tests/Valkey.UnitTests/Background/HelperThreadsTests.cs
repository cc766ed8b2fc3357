// The gate before a fork: nobody passes it while it is shut, and nobody is kept behind it afterwards.

using Valkey.Abstractions;
using Valkey.Host.Background;
using Xunit;

namespace Valkey.UnitTests.Background;

public sealed class HelperThreadsTests
{
    private const int LongMs = 20_000;

    [Fact]
    public void Helpers_that_wait_for_work_are_parked_at_once()
    {
        HelperThreads helpers = new();
        using HelperQueue<Action> queue = new();
        using Worker worker = new(helpers, queue);
        worker.Do(() => { });

        using IDisposable parked = helpers.Park(LongMs, out string missing);

        Assert.Equal("", missing);
    }

    [Fact]
    public void Work_that_comes_while_the_gate_is_shut_is_done_when_it_opens()
    {
        HelperThreads helpers = new();
        using HelperQueue<Action> queue = new();
        using Worker worker = new(helpers, queue);
        using ManualResetEventSlim done = new();

        using (helpers.Park(LongMs, out string missing))
        {
            Assert.Equal("", missing);
            queue.Add(done.Set);
            Assert.False(done.Wait(50));
        }

        Assert.True(done.Wait(LongMs));
    }

    [Fact]
    public void A_helper_that_does_not_come_in_time_is_named_and_the_others_are_kept()
    {
        HelperThreads helpers = new();
        using HelperQueue<Action> queue = new(), otherQueue = new();
        using Worker busy = new(helpers, queue, "busy");
        using Worker idle = new(helpers, otherQueue);
        using ManualResetEventSlim begun = new(), mayEnd = new(), done = new();
        queue.Add(() =>
        {
            begun.Set();
            mayEnd.Wait();
        });
        begun.Wait(LongMs);

        using (helpers.Park(500, out string missing))
        {
            Assert.Equal("busy", missing);
            otherQueue.Add(done.Set);
            Assert.False(done.Wait(50));
        }

        Assert.True(done.Wait(LongMs));
        mayEnd.Set();
        busy.Do(() => { }); // it was not stopped in the middle, and is not now
        using IDisposable parked = helpers.Park(LongMs, out string missingAgain);
        Assert.Equal("", missingAgain);
    }

    [Fact]
    public void A_helper_that_ends_is_not_waited_for()
    {
        HelperThreads helpers = new();
        IHelperGate gate = helpers.Register("short");

        gate.Dispose();

        using IDisposable parked = helpers.Park(10, out string missing);
        Assert.Equal("", missing);
    }

    [Fact]
    public void While_the_gate_is_shut_nobody_works_however_often_it_shuts()
    {
        const int Rounds = 200;
        HelperThreads helpers = new();
        long steps = 0;
        bool isEnding = false;
        List<Thread> threads = [];
        for (int i = 0; i < 3; i++)
        {
            IHelperGate gate = helpers.Register("restless");
            Thread thread = new(() =>
            {
                while (!Volatile.Read(ref isEnding))
                {
                    Interlocked.Increment(ref steps);
                    gate.Enter();
                    gate.Leave();
                }

                gate.Dispose();
            });
            threads.Add(thread);
            thread.Start();
        }

        for (int round = 0; round < Rounds; round++)
        {
            using IDisposable parked = helpers.Park(LongMs, out string missing);
            Assert.Equal("", missing);
            long before = Interlocked.Read(ref steps);
            Thread.SpinWait(200);
            Assert.Equal(before, Interlocked.Read(ref steps));
        }

        Volatile.Write(ref isEnding, true);
        threads.ForEach(thread => Assert.True(thread.Join(LongMs)));
    }

    [Fact]
    public void A_queue_that_ends_lets_all_its_threads_go()
    {
        HelperThreads helpers = new();
        HelperQueue<Action> queue = new();
        using Worker first = new(helpers, queue);
        using Worker second = new(helpers, queue);

        queue.Dispose();

        Assert.True(first.HasEnded());
        Assert.True(second.HasEnded());
    }

    [Fact]
    public void A_helper_is_bound_to_the_processors_of_the_option_if_there_are_any()
    {
        Assert.False(new HelperThreads().BindThread());
        int processor = -1;
        bool isBound = false;
        Thread helper = new(() =>
        {
            isBound = new HelperThreads("0").BindThread();
            processor = Thread.GetCurrentProcessorId();
        });
        helper.Start();
        helper.Join();
        Assert.True(isBound);
        Assert.Equal(0, processor);
    }

    /// <summary>A thread that does what is in the queue.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly HelperQueue<Action> _queue;
        private readonly Thread _thread;

        public Worker(HelperThreads helpers, HelperQueue<Action> queue, string name = "test")
        {
            _queue = queue;
            IHelperGate gate = helpers.Register(name);
            _thread = new Thread(() =>
            {
                while (queue.TryTake(gate, out Action work)) work();
                gate.Dispose();
            });
            _thread.Start();
        }

        public void Do(Action work)
        {
            using ManualResetEventSlim done = new();
            _queue.Add(() =>
            {
                work();
                done.Set();
            });
            Assert.True(done.Wait(LongMs));
        }

        public bool HasEnded() => _thread.Join(LongMs);

        public void Dispose()
        {
            _queue.Dispose();
            _thread.Join(LongMs);
        }
    }
}
