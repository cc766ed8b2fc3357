// Durability of a server that only remembers.

using Valkey.Abstractions;

namespace Valkey.PluginTests.Fakes;

internal sealed class FakeDurability(Func<IDurabilityProvider, IDisposable> add) : IDurabilityRegistry
{
    public bool HoldsBack => false;

    public long CommittedOffset => 17;

    public IDisposable Add(IDurabilityProvider provider) => add(provider);

    public void Advanced() => throw new NotSupportedException();

    public void Changed() => throw new NotSupportedException();

    public void Failed(string reason) => throw new NotSupportedException(reason);

    public void Defer(PostCommitTask task) => task.Run();

    public IDisposable Observe(Action<long> advanced) => throw new NotSupportedException();

    public void WhenCommitted(long offset, Action callback) => throw new NotSupportedException();
}
