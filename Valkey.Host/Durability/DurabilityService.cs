// Up to where the propagation stream is durable: the minimum over the enabled providers, and who waits for it to advance.
//
// Holds always: the committed offset never decreases while the set of enabled providers stays the same; callbacks and tasks
// come on the command thread, in the order of their offsets.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Durability;

internal sealed class DurabilityService(Server server) : IDurabilityRegistry
{
    private readonly List<IDurabilityProvider> _providers = [];
    private readonly List<Action<long>> _observers = [];
    private readonly PriorityQueue<Action, (long Offset, long Order)> _waiting = new();
    private long _order;
    private long _announcedOffset;
    private int _lookPosted;

    /// <inheritdoc/>
    public bool HoldsBack { get; private set; }

    /// <inheritdoc/>
    public long CommittedOffset
    {
        get
        {
            long offset = server.Propagation.Offset;
            foreach (IDurabilityProvider provider in _providers)
            {
                if (provider.IsEnabled) offset = Math.Min(offset, provider.DurableOffset);
            }

            return offset;
        }
    }

    /// <inheritdoc/>
    public IDisposable Add(IDurabilityProvider provider)
    {
        _providers.Add(provider);
        Changed();
        return new Registration(() =>
        {
            _providers.Remove(provider);
            Changed();
        });
    }

    /// <inheritdoc/>
    public void Advanced()
    {
        if (Interlocked.Exchange(ref _lookPosted, 1) == 0) server.Loop.Post(Look);
    }

    /// <inheritdoc/>
    public void Changed()
    {
        HoldsBack = _providers.Exists(static provider => provider.IsEnabled);
        Announce();
    }

    /// <inheritdoc/>
    public void Failed(string reason) => server.Log.Write(LogLevel.Warning, $"Writes cannot be made durable: {reason}");

    /// <inheritdoc/>
    public void Defer(PostCommitTask task)
    {
        if (HoldsBack) WhenCommitted(server.Propagation.Offset, task.Run);
        else task.Run();
    }

    /// <inheritdoc/>
    public IDisposable Observe(Action<long> advanced)
    {
        _observers.Add(advanced);
        return new Registration(() => _observers.Remove(advanced));
    }

    /// <inheritdoc/>
    public void WhenCommitted(long offset, Action callback)
    {
        if (offset <= CommittedOffset) callback();
        else _waiting.Enqueue(callback, (offset, _order++));
    }

    private void Look()
    {
        Volatile.Write(ref _lookPosted, 0);
        Announce();
    }

    private void Announce()
    {
        long offset = CommittedOffset;
        if (offset == _announcedOffset) return;
        _announcedOffset = offset;
        while (_waiting.TryPeek(out Action? callback, out (long Offset, long Order) due) && due.Offset <= offset)
        {
            _waiting.Dequeue();
            callback();
        }

        foreach (Action<long> observer in _observers.ToArray()) observer(offset);
    }
}
