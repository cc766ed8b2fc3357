// Key events as messages: notify-keyspace-events says which. The server delivers them when the change is durable, behind what
// plugins do inline. Source: https://valkey.io/topics/notifications/
// Holds always: there is a subscription to the server's events exactly when some event would become a message.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.PubSub;

internal sealed class KeyspaceMessages
{
    private const int StackBytes = 256;
    private const KeyspaceEvent Channels = KeyspaceEvent.Keyspace | KeyspaceEvent.Keyevent;

    private readonly IKeyspaceEvents _events;
    private readonly Publisher _publisher;
    private KeyspaceEvent _classes;
    private IDisposable? _subscription;

    public KeyspaceMessages(IKeyspaceEvents events, Publisher publisher)
    {
        _events = events;
        _publisher = publisher;
        Option = new CustomOption("notify-keyspace-events", () => KeyspaceEventLetters.Print(_classes), "", Store);
    }

    /// <summary>notify-keyspace-events.</summary>
    public CustomOption Option { get; }

    private static ReadOnlySpan<byte> KeyspacePrefix => "__keyspace@"u8;

    private static ReadOnlySpan<byte> KeyeventPrefix => "__keyevent@"u8;

    private string? Store(IReadOnlyList<string> arguments)
    {
        if (!KeyspaceEventLetters.TryParse(arguments[0], out KeyspaceEvent classes))
            return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
        _classes = classes;
        _subscription?.Dispose();
        _subscription = null;
        bool hasMessages = (classes & Channels) != 0 && (classes & ~Channels) != 0;
        if (hasMessages) _subscription = _events.Subscribe(classes & ~Channels, Publish, KeyEventDelivery.OnceDurable);
        return null;
    }

    private void Publish(in KeyspaceEventInfo info)
    {
        if (_publisher.IsIdle) return;
        if ((_classes & KeyspaceEvent.Keyspace) != 0) Publish(KeyspacePrefix, info.DatabaseIndex, info.Key, info.Name);
        if ((_classes & KeyspaceEvent.Keyevent) != 0) Publish(KeyeventPrefix, info.DatabaseIndex, info.Name, info.Key);
    }

    private void Publish(ReadOnlySpan<byte> prefix, int databaseIndex, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> message)
    {
        int sizeMax = checked(prefix.Length + RespText.HeaderSizeMax + subject.Length);
        NativeBuffer large = default;
        try
        {
            Span<byte> buffer = sizeMax <= StackBytes ? stackalloc byte[StackBytes] : large.Take(sizeMax);
            RespText channel = new(buffer);
            channel.Raw(prefix);
            channel.Number(databaseIndex);
            channel.Raw("__:"u8);
            channel.Raw(subject);
            _publisher.Publish(channel.Written, message);
        }
        finally
        {
            large.Dispose();
        }
    }
}
