// Key events. Inline subscribers hear of them at the moment of the change; the others once it is durable, which is at once
// while nothing is held back: so the pub/sub plugin sends clients their messages behind everything that modules do, and never
// tells of what a crash could still take back.
// Holds always: a subscriber is not told of what its own handler causes. Command thread only.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Keyspace;

internal sealed class EventHub(Server server)
{
    private Subscriber[] _inline = [];
    private Subscriber[] _durable = [];
    private KeyspaceEvent _inlineMask;
    private KeyspaceEvent _durableMask;
    private KeyspaceEvent _mask;
    private int _publishingDepth;

    /// <summary>Whether somebody listens to a class.</summary>
    public bool IsWanted(KeyspaceEvent eventClass) => (_mask & eventClass) != 0;

    /// <summary>An inline subscriber is being called.</summary>
    public bool IsPublishing => _publishingDepth > 0;

    public IDisposable Subscribe(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner)
    {
        Subscriber subscriber = new(mask, handler, owner);
        SetSubscribers([.. _inline, subscriber], _durable);
        return new Registration(() => SetSubscribers(Array.FindAll(_inline, other => other != subscriber), _durable));
    }

    public IDisposable SubscribeDurable(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner)
    {
        Subscriber subscriber = new(mask, handler, owner);
        SetSubscribers(_inline, [.. _durable, subscriber]);
        return new Registration(() =>
        {
            subscriber.IsGone = true; // events that wait for durability know it by its object
            SetSubscribers(_inline, Array.FindAll(_durable, other => other != subscriber));
        });
    }

    public void Publish(KeyspaceEvent eventClass, ReadOnlySpan<byte> name, ReadOnlySpan<byte> key, int databaseIndex)
    {
        KeyspaceEventInfo info = new(eventClass, name, key, databaseIndex);
        if ((_inlineMask & eventClass) != 0) PublishInline(in info);
        if ((_durableMask & eventClass) != 0) PublishDurable(in info);
    }

    private void PublishInline(in KeyspaceEventInfo info)
    {
        _publishingDepth++;
        foreach (Subscriber subscriber in _inline)
        {
            if ((subscriber.Mask & info.EventClass) == 0 || subscriber.IsActive) continue;
            subscriber.IsActive = true;
            Tell(subscriber, in info);
            subscriber.IsActive = false;
        }

        _publishingDepth--;
    }

    private void PublishDurable(in KeyspaceEventInfo info)
    {
        foreach (Subscriber subscriber in _durable)
        {
            if ((subscriber.Mask & info.EventClass) == 0) continue;
            if (server.Durability.HoldsBack) server.Durability.Defer(new DeferredEvent(this, subscriber, in info));
            else Tell(subscriber, in info);
        }
    }

    private void Tell(Subscriber subscriber, in KeyspaceEventInfo info)
    {
        try
        {
            subscriber.Handler(in info);
        }
        catch (Exception exception)
        {
            // The command's own result stands.
            server.Log.Write(LogLevel.Warning, $"A key event handler of {subscriber.Owner} threw: {exception}");
        }
    }

    private void SetSubscribers(Subscriber[] inline, Subscriber[] durable)
    {
        _inline = inline;
        _durable = durable;
        _inlineMask = MaskOf(inline);
        _durableMask = MaskOf(durable);
        _mask = _inlineMask | _durableMask;
    }

    private static KeyspaceEvent MaskOf(Subscriber[] subscribers)
    {
        KeyspaceEvent mask = KeyspaceEvent.None;
        foreach (Subscriber subscriber in subscribers) mask |= subscriber.Mask;
        return mask;
    }

    private sealed class Subscriber(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner)
    {
        public KeyspaceEvent Mask { get; } = mask;

        public KeyspaceEventHandler Handler { get; } = handler;

        public string Owner { get; } = owner;

        /// <summary>Its handler runs.</summary>
        public bool IsActive { get; set; }

        public bool IsGone { get; set; }
    }

    /// <summary>An event that waits until its change is durable.</summary>
    private sealed class DeferredEvent(EventHub hub, Subscriber subscriber, in KeyspaceEventInfo info) : PostCommitTask
    {
        private readonly KeyspaceEvent _eventClass = info.EventClass;
        private readonly byte[] _name = info.Name.ToArray();
        private readonly byte[] _key = info.Key.ToArray();
        private readonly int _databaseIndex = info.DatabaseIndex;

        /// <summary>The change happened, whoever asked for it.</summary>
        public override bool OutlivesClient => true;

        public override void Run()
        {
            if (!subscriber.IsGone) hub.Tell(subscriber, new KeyspaceEventInfo(_eventClass, _name, _key, _databaseIndex));
        }
    }
}
