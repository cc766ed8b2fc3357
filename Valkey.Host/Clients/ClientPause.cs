// CLIENT PAUSE: for a time, writes or everything wait. A client that has to wait keeps its request unread and is offered
// again when the pause ends.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Clients;

internal enum PauseScope
{
    None = 0,
    Writes = 1,
    All = 2,
}

internal sealed class ClientPause(Server server)
{
    private readonly HashSet<Client> _postponed = [];
    private long _endUnixMs;

    /// <summary>What is paused.</summary>
    public PauseScope Scope { get; private set; }

    public bool IsActive => Scope != PauseScope.None;

    /// <summary>Number of clients that wait.</summary>
    public int PostponedCount => _postponed.Count;

    /// <summary>Milliseconds until it ends.</summary>
    public long RemainingMs => IsActive ? Math.Max(0, _endUnixMs - server.Clock.UnixMs) : 0;

    /// <summary>Starts or extends: the wider scope and the later end win.</summary>
    public void Start(PauseScope scope, long endUnixMs)
    {
        Scope = (PauseScope)Math.Max((int)Scope, (int)scope);
        _endUnixMs = Math.Max(_endUnixMs, endUnixMs);
    }

    /// <summary>Ends it; those who waited go on.</summary>
    public void End()
    {
        Scope = PauseScope.None;
        _endUnixMs = 0;
        foreach (Client client in _postponed)
        {
            client.Clear(ClientFlags.Postponed);
            server.Clients.Resume(client);
        }

        _postponed.Clear();
    }

    /// <summary>Ends it when its time is over.</summary>
    public void CheckEnd()
    {
        if (IsActive && server.Clock.UnixMs >= _endUnixMs) End();
    }

    /// <summary>Whether a command has to wait; the client is remembered then.</summary>
    public bool Delays(Client client, Command command)
    {
        CheckEnd();
        if (!IsActive || client.Has(ClientFlags.Replica | ClientFlags.Primary)) return false;
        if (Scope == PauseScope.Writes && !MayWrite(client, command)) return false;
        client.Set(ClientFlags.Postponed);
        _postponed.Add(client);
        return true;
    }

    public void Forget(Client client) => _postponed.Remove(client);

    private static bool MayWrite(Client client, Command command)
    {
        const CommandFlags Writing = CommandFlags.Write | CommandFlags.MayReplicate;
        return command.Has(Writing)
            || (command.Name.Equals("exec", StringComparison.Ordinal) && (client.Transaction.QueuedFlags & Writing) != 0);
    }
}
