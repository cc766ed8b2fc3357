// What the server listens on. Transports come from plugins; each may have several sockets, and may exchange them while the
// server runs.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Loop;

namespace Valkey.Host.Lifecycle;

internal sealed class ListenerTable(Server server)
{
    private readonly Server _server = server;

    private sealed class Entry(ITransport transport)
    {
        public ITransport Transport { get; } = transport;

        public IReadOnlyList<TransportListener> Listeners { get; set; } = [];
    }

    private readonly List<Entry> _entries = [];
    private bool _isListening;

    /// <summary>The transports' names and what they listen on.</summary>
    public IEnumerable<(string Name, string Description)> Descriptions
    {
        get
        {
            foreach (Entry entry in _entries)
            {
                if (entry.Listeners.Count > 0) yield return (entry.Transport.Name, entry.Listeners[0].Description);
            }
        }
    }

    /// <summary>Number of listening sockets.</summary>
    public int SocketCount
    {
        get
        {
            int count = 0;
            foreach (Entry entry in _entries) count += entry.Listeners.Count;
            return count;
        }
    }

    public IDisposable Add(ITransport transport)
    {
        Entry entry = new(transport);
        _entries.Add(entry);
        if (_isListening) Open(entry);
        return new Registration(() =>
        {
            Close(entry.Listeners);
            _entries.Remove(entry);
        });
    }

    public ITransport? Find(string name) => _entries.Find(entry => entry.Transport.Name == name)?.Transport;

    /// <summary>Opens all listeners.</summary>
    /// <exception cref="TransportException">One cannot be opened.</exception>
    public void Open()
    {
        _isListening = true;
        foreach (Entry entry in _entries) Open(entry);
    }

    /// <summary>Closes all listeners.</summary>
    public void Close()
    {
        foreach (Entry entry in _entries)
        {
            Close(entry.Listeners);
            entry.Listeners = [];
        }
    }

    /// <summary>Exchanges the listeners of a transport; null or why the old ones stay.</summary>
    public string? Relisten(ITransport transport)
    {
        Entry? entry = _entries.Find(other => other.Transport == transport);
        if (entry is null || !_isListening) return null;
        IReadOnlyList<TransportListener> previous = entry.Listeners;
        try
        {
            Open(entry);
        }
        catch (TransportException exception)
        {
            return exception.Message;
        }

        Close(previous);
        return null;
    }

    private void Open(Entry entry)
    {
        IReadOnlyList<TransportListener> listeners = entry.Transport.Listen();
        foreach (TransportListener listener in listeners)
            _server.Loop.Add(listener.Descriptor, new Acceptor(this, listener), readable: true, writable: false);
        entry.Listeners = listeners;
    }

    private void Close(IReadOnlyList<TransportListener> listeners)
    {
        foreach (TransportListener listener in listeners)
        {
            _server.Loop.Remove(listener.Descriptor);
            listener.Close();
        }
    }

    private bool IsOpen(TransportListener listener)
    {
        foreach (Entry entry in _entries)
        {
            foreach (TransportListener other in entry.Listeners)
            {
                if (other == listener) return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Takes what waits, a bounded number per turn so that clients that are served already do not starve. What cannot be
    /// accepted (no descriptor is left, say) keeps waiting and would be reported again at once, for ever: the listener rests.
    /// </summary>
    private sealed class Acceptor(ListenerTable table, TransportListener listener) : IReadinessHandler
    {
        private const int RestMs = 100;
        private const int LogPauseSeconds = 10;

        private readonly Server _server = table._server;
        private long _lastLogUnixSeconds;

        public void OnReady(bool readable, bool writable)
        {
            for (long i = _server.Options.MaxNewConnectionsPerCycle.Value; i > 0; i--)
            {
                TransportConnection? connection = listener.TryAccept(out string? error);
                if (error is not null) Rest(error);
                if (connection is null) return;
                _server.Clients.Accept(connection);
            }
        }

        private void Rest(string error)
        {
            if (_server.Clock.UnixSeconds - _lastLogUnixSeconds >= LogPauseSeconds)
            {
                _lastLogUnixSeconds = _server.Clock.UnixSeconds;
                _server.Log.Write(LogLevel.Warning, $"Accepting client connection: {error}");
            }

            _server.Loop.Modify(listener.Descriptor, readable: false, writable: false);
            _server.Loop.Timers.Start(RestMs, 0, GoOn);
        }

        private void GoOn()
        {
            if (table.IsOpen(listener)) _server.Loop.Modify(listener.Descriptor, readable: true, writable: false);
        }
    }
}
