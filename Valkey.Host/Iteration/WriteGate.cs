// The write gate: before a command that writes runs, its keys are made free of the background iteration.
//
// Small entries are cloned and the command goes on. For large ones the client waits, as in ClientPause: its request stays
// unread and is offered again when the entries are back. EXEC is looked at as a whole, with all that it has queued.
// Keys that are only deleted or overwritten need no gate: what is unlinked is taken over by the iteration. Keys that no
// specification shows are found by KeyspaceLookup.FindForWrite, which waits on the spot; so do clients that cannot be held:
// the primary's, those of the server's own, and those that are served after a wait for keys.
// Holds always: a client is in the list exactly while it is flagged as held. Command thread only.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;
using Valkey.Host.Keyspace;
using Valkey.Host.Transactions;
using Valkey.Structures;

namespace Valkey.Host.Iteration;

/// <summary>What a client has to wait for.</summary>
internal struct IterationWait
{
    private long _expressEnd;
    private long _ordinaryEnd;
    private bool _isForMemory;

    /// <summary>Waits until a position of a lane is completed; always false, for the caller to pass on.</summary>
    public bool For(bool isExpress, long position)
    {
        ref long end = ref isExpress ? ref _expressEnd : ref _ordinaryEnd;
        end = Math.Max(end, position + 1);
        return false;
    }

    /// <summary>Waits until less memory is taken beside the dataset; always false.</summary>
    public bool ForMemory()
    {
        _isForMemory = true;
        return false;
    }

    /// <summary>Whether the wait is over.</summary>
    public readonly bool IsOver(BackgroundIteration iteration) =>
        iteration.AreCompleted(_expressEnd, _ordinaryEnd) && (!_isForMemory || iteration.HasMemory);
}

internal sealed class WriteGate(Server server)
{
    private const KeySpecFlags ChangesInPlace = KeySpecFlags.ReadWrite;
    private const KeySpecFlags Replaces = KeySpecFlags.Overwrite;

    private readonly CommandKeys _keys = new();
    private readonly List<(Client Client, IterationWait Wait)> _held = [];

    /// <summary>Clients that wait.</summary>
    public int HeldCount => _held.Count;

    /// <summary>Whether the command may run now; else the client is held, and its request is to be offered again.</summary>
    public bool Admits(Client client, Command command)
    {
        if (client.Connection is null || client.Has(ClientFlags.Primary)) return true;
        IterationWait wait = default;
        if (command.IsExec ? PrepareQueue(client, ref wait) : PrepareCommand(command, server.Context.Arguments, server.Context.Database, ref wait))
            return true;
        client.Set(ClientFlags.HeldByIteration);
        _held.Add((client, wait));
        if (server.Iterations.Current is { } iteration) iteration.IsWatched = true;
        return false;
    }

    /// <summary>The client goes away.</summary>
    public void Forget(Client client)
    {
        if (client.Has(ClientFlags.HeldByIteration)) _held.RemoveAll(held => held.Client == client);
    }

    /// <summary>Lets those go on whose entries are back.</summary>
    public void ResumeReady(BackgroundIteration iteration)
    {
        if (_held.Count == 0) return;
        for (int i = 0; i < _held.Count; i++)
        {
            if (!_held[i].Wait.IsOver(iteration)) continue;
            Resume(_held[i].Client);
            _held[i] = default;
        }

        _held.RemoveAll(static held => held.Client is null);
        if (_held.Count == 0) iteration.IsWatched = false;
    }

    /// <summary>The iteration is over, or has nothing more that anybody could wait for.</summary>
    public void Close(BackgroundIteration iteration)
    {
        if (server.Iterations.Current != iteration) return;
        server.Dispatcher.Gate = null;
        foreach ((Client client, IterationWait _) in _held) Resume(client);
        _held.Clear();
    }

    private void Resume(Client client)
    {
        client.Clear(ClientFlags.HeldByIteration);
        server.Clients.Resume(client);
    }

    private unsafe bool PrepareQueue(Client client, ref IterationWait wait)
    {
        TransactionState transaction = client.Transaction;
        if (!transaction.IsOpen || transaction.IsFaulty || transaction.IsStale) return true;
        Database database = server.Context.Database;
        bool goesOn = true;
        foreach (QueuedCommand queued in transaction.Queue)
        {
            CommandArguments arguments = new(queued.Slices, queued.Count);
            if (queued.Command.IsSelect) database = SelectedBy(arguments) ?? database;
            goesOn &= PrepareCommand(queued.Command, arguments, database, ref wait);
        }

        return goesOn;
    }

    private Database? SelectedBy(CommandArguments arguments)
    {
        bool isNumber = IntegerText.TryParse(arguments[1], out long index);
        return isNumber && index >= 0 && index < server.Databases.Length ? server.Databases[index] : null;
    }

    private bool PrepareCommand(Command command, CommandArguments arguments, Database database, ref IterationWait wait)
    {
        if (!command.Has(CommandFlags.Write) || !_keys.Find(command.Definition, arguments)) return true;
        bool goesOn = true;
        foreach (KeyPosition key in _keys.All)
        {
            if ((key.Flags & (ChangesInPlace | Replaces)) != 0) goesOn &= PrepareKey(database, arguments[key.Index], key.Flags, ref wait);
        }

        return goesOn;
    }

    private bool PrepareKey(Database database, ReadOnlySpan<byte> key, KeySpecFlags flags, ref IterationWait wait)
    {
        if (database.Iteration is not { } iteration) return true;
        bool changesInPlace = (flags & ChangesInPlace) != 0;
        if (!changesInPlace && !iteration.IsOverMemory) return true;
        Entry entry = database.Find(key, server.Context.HashOf(key));
        if (entry.IsNull) return true;
        return changesInPlace ? iteration.PrepareForWrite(database, entry, ref wait) : iteration.IsDone(entry) || wait.ForMemory();
    }
}
