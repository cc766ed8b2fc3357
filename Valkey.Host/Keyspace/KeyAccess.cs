// Who follows which keys are read and which change. Without an observer every question is one test of a field.
// Command thread only.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;

namespace Valkey.Host.Keyspace;

internal sealed class KeyAccess(Action<string, Exception> observerFailed)
{
    private readonly CommandKeys _keys = new();
    private (KeyAccessObserver Observer, string Owner)[] _observers = [];

    /// <summary>Somebody observes.</summary>
    public bool IsWanted { get; private set; }

    public IDisposable Add(KeyAccessObserver observer, string owner)
    {
        Set([.. _observers, (observer, owner)]);
        return new Registration(() => Set(Array.FindAll(_observers, other => other.Observer != observer)));
    }

    /// <summary>A key changed.</summary>
    public void Changed(int databaseIndex, ReadOnlySpan<byte> key)
    {
        foreach ((KeyAccessObserver observer, string owner) in _observers)
        {
            try
            {
                observer.KeyChanged(databaseIndex, key);
            }
            catch (Exception exception)
            {
                observerFailed(owner, exception);
            }
        }
    }

    /// <summary>A database was emptied.</summary>
    public void AllChanged()
    {
        foreach ((KeyAccessObserver observer, string owner) in _observers) Guard(observer, owner, static o => o.AllKeysChanged());
    }

    /// <summary>A command has ended: what it read is reported when the client whose request it belongs to wants that.</summary>
    public void CommandEnded(Client? client, Command command, CommandArguments arguments)
    {
        if (client is null || (client.Tracking.Marks & TrackingMarks.ReportsReads) == 0) return;
        // Shard channels are keys by their specification only.
        if (!command.Has(CommandFlags.ReadOnly) || command.Has(CommandFlags.PubSub)) return;
        if (!_keys.Find(command.Definition, arguments)) return;
        foreach (KeyPosition key in _keys.All)
        {
            foreach ((KeyAccessObserver observer, string owner) in _observers)
            {
                try
                {
                    observer.KeyRead(client, arguments[key.Index]);
                }
                catch (Exception exception)
                {
                    observerFailed(owner, exception);
                }
            }
        }
    }

    /// <summary>A request of a client that tracks keys is over.</summary>
    public void RequestEnded(Client client)
    {
        if (client.Transaction.IsOpen) return;
        bool isClientCommand = client.LastExecuted?.Parent is { Name: "client" };
        foreach ((KeyAccessObserver observer, string owner) in _observers)
        {
            try
            {
                observer.RequestEnded(client, isClientCommand);
            }
            catch (Exception exception)
            {
                observerFailed(owner, exception);
            }
        }
    }

    /// <summary>Before what was answered is sent.</summary>
    public void TurnEnding()
    {
        foreach ((KeyAccessObserver observer, string owner) in _observers) Guard(observer, owner, static o => o.TurnEnding());
    }

    private void Guard(KeyAccessObserver observer, string owner, Action<KeyAccessObserver> call)
    {
        try
        {
            call(observer);
        }
        catch (Exception exception)
        {
            observerFailed(owner, exception);
        }
    }

    private void Set((KeyAccessObserver Observer, string Owner)[] observers)
    {
        _observers = observers;
        IsWanted = observers.Length > 0;
    }
}
