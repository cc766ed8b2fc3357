// Key events: plugins hear of them inline. Clients' messages of the same events are sent by the pub/sub plugin, which
// subscribes here with the mask of notify-keyspace-events.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Keyspace;

internal sealed class EventHub(Action<string, Exception> handlerFailed)
{
    private sealed record Subscriber(KeyspaceEvent Mask, KeyspaceEventHandler Handler, string Owner);

    private Subscriber[] _subscribers = [];
    private KeyspaceEvent _mask;

    /// <summary>Whether somebody listens to a class.</summary>
    public bool IsWanted(KeyspaceEvent eventClass) => (_mask & eventClass) != 0;

    public IDisposable Subscribe(KeyspaceEvent mask, KeyspaceEventHandler handler, string owner)
    {
        Subscriber subscriber = new(mask, handler, owner);
        SetSubscribers([.. _subscribers, subscriber]);
        return new Registration(() => SetSubscribers(Array.FindAll(_subscribers, other => other != subscriber)));
    }

    public void Publish(KeyspaceEvent eventClass, ReadOnlySpan<byte> name, ReadOnlySpan<byte> key, int databaseIndex)
    {
        KeyspaceEventInfo info = new(eventClass, name, key, databaseIndex);
        foreach (Subscriber subscriber in _subscribers)
        {
            if ((subscriber.Mask & eventClass) == 0) continue;
            try
            {
                subscriber.Handler(in info);
            }
            catch (Exception exception)
            {
                handlerFailed(subscriber.Owner, exception); // the command's own result stands
            }
        }
    }

    private void SetSubscribers(Subscriber[] subscribers)
    {
        _subscribers = subscribers;
        _mask = KeyspaceEvent.None;
        foreach (Subscriber subscriber in subscribers) _mask |= subscriber.Mask;
    }
}
