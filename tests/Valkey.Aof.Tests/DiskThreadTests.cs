// The disk thread's sleep in the midst of work, which ends with a word from another thread.

using Valkey.Aof.Writing;
using Xunit;

namespace Valkey.Aof.Tests;

public sealed class DiskThreadTests
{
    [Fact]
    public void A_nap_ends_with_a_signal_also_with_one_that_came_before_it()
    {
        Napper napper = new();

        napper.Tell();
        napper.Wake();
        Assert.True(napper.NapEnded.WaitOne(Napper.NapMaxMs / 2), "the signal that came first ends it");
        napper.Ask();
        napper.Wake();
        Assert.True(napper.NapBegins.WaitOne(Napper.NapMaxMs / 2));
        Assert.False(napper.NapEnded.WaitOne(0));
        napper.Tell();
        Assert.True(napper.NapEnded.WaitOne(Napper.NapMaxMs / 2), "the signal ends it");
        napper.Stop();
    }

    private sealed class Napper() : DiskThread(new OpenGates(), "napper")
    {
        public const int NapMaxMs = 120_000;

        private volatile bool _isAsked = true;

        public AutoResetEvent NapBegins { get; } = new(false);

        public AutoResetEvent NapEnded { get; } = new(false);

        protected override bool HasWork => _isAsked;

        public void Ask()
        {
            NapBegins.Reset();
            _isAsked = true;
        }

        public void Tell() => Signal();

        protected override void Work()
        {
            _isAsked = false;
            NapBegins.Set();
            Nap(NapMaxMs * 1000L);
            NapEnded.Set();
        }
    }
}
