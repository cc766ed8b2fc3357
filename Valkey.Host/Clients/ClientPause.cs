// CLIENT PAUSE, and the pauses that failover and shutdown need: for a time, writes or everything wait. A client that has to
// wait keeps its request unread and is offered again when the pause ends or becomes milder.
// Expiry and eviction ask IsActive: while something is paused the dataset does not change by itself either.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Clients;

internal enum PauseScope
{
    None = 0,
    Writes = 1,
    All = 2,
}

/// <summary>Who asked for a pause. Each may have one; what holds is the sum of them.</summary>
internal enum PausePurpose
{
    ClientCommand,
    Shutdown,
    Failover,
}

internal sealed class ClientPause(Server server)
{
    private static readonly string[] s_reasons = ["client_pause", "shutdown_in_progress", "failover_in_progress"];

    private readonly HashSet<Client> _postponed = [];
    private readonly (PauseScope Scope, long EndUnixMs)[] _pauses = new (PauseScope, long)[s_reasons.Length];

    /// <summary>What is paused.</summary>
    public PauseScope Scope { get; private set; }

    public bool IsActive => Scope != PauseScope.None;

    /// <summary>Number of clients that wait.</summary>
    public int PostponedCount => _postponed.Count;

    /// <summary>INFO's paused_actions.</summary>
    public string ActionsText => Scope switch { PauseScope.All => "all", PauseScope.Writes => "write", _ => "none" };

    /// <summary>INFO's paused_reason: of the pauses with the present scope the one that lasts longest.</summary>
    public string ReasonText => IsActive ? s_reasons[LongestIndex()] : "none";

    /// <summary>Milliseconds until it ends.</summary>
    public long RemainingMs => IsActive ? Math.Max(0, _pauses[LongestIndex()].EndUnixMs - server.Clock.UnixMs) : 0;

    /// <summary>CLIENT PAUSE: the wider scope and the later end win over what the command asked for before.</summary>
    public void Start(PauseScope scope, long endUnixMs) =>
        Start(PausePurpose.ClientCommand, (PauseScope)Math.Max((int)_pauses[0].Scope, (int)scope), endUnixMs);

    /// <summary>Starts, changes or extends a pause: the new scope and the later end hold.</summary>
    public void Start(PausePurpose purpose, PauseScope scope, long endUnixMs)
    {
        ref (PauseScope Scope, long EndUnixMs) pause = ref _pauses[(int)purpose];
        pause = (scope, Math.Max(pause.EndUnixMs, endUnixMs));
        Update();
    }

    /// <summary>Ends a pause; those who waited for it alone go on.</summary>
    public void End(PausePurpose purpose = PausePurpose.ClientCommand)
    {
        _pauses[(int)purpose] = default;
        Update();
    }

    /// <summary>Ends what is over.</summary>
    public void CheckEnd()
    {
        if (IsActive) Update();
    }

    /// <summary>Whether a command has to wait; the client is remembered then.</summary>
    public bool Delays(Client client, Command command)
    {
        CheckEnd();
        if (!WouldDelay(client, command)) return false;
        client.Set(ClientFlags.Postponed);
        _postponed.Add(client);
        return true;
    }

    /// <summary>As <see cref="Delays"/>, and nothing is remembered.</summary>
    public bool WouldDelay(Client client, Command command)
    {
        if (!IsActive || client.Has(ClientFlags.Replica | ClientFlags.Primary)) return false;
        return Scope == PauseScope.All || Contains(client, command, CommandFlags.Write | CommandFlags.MayReplicate);
    }

    /// <summary>Whether a command, or one that EXEC would run, has to do with the dataset.</summary>
    public static bool TouchesKeys(Client client, Command command) =>
        Contains(client, command, CommandFlags.Write | CommandFlags.ReadOnly | CommandFlags.MayReplicate);

    public void Forget(Client client)
    {
        if (client.Has(ClientFlags.Postponed)) _postponed.Remove(client);
    }

    private static bool Contains(Client client, Command command, CommandFlags flags) =>
        command.Has(flags) || (command.IsExec && (client.Transaction.QueuedFlags & flags) != 0);

    private void Update()
    {
        PauseScope before = Scope;
        Scope = PauseScope.None;
        for (int i = 0; i < _pauses.Length; i++)
        {
            if (_pauses[i].EndUnixMs <= server.Clock.UnixMs) _pauses[i] = default;
            else if (_pauses[i].Scope > Scope) Scope = _pauses[i].Scope;
        }

        if (Scope < before) ResumeAll();
    }

    private void ResumeAll()
    {
        foreach (Client client in _postponed)
        {
            client.Clear(ClientFlags.Postponed);
            server.Clients.Resume(client);
        }

        _postponed.Clear();
        server.KeyWaits.Retry();
    }

    private int LongestIndex()
    {
        int longest = -1;
        for (int i = 0; i < _pauses.Length; i++)
        {
            if (_pauses[i].Scope == Scope && (longest < 0 || _pauses[i].EndUnixMs > _pauses[longest].EndUnixMs)) longest = i;
        }

        return longest;
    }
}
