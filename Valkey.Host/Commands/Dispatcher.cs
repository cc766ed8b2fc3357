// The way of a command: found, checked in Valkey's order, executed, counted, propagated.
//
// Checks: known, arity, protected, authenticated, memory, disk, loading, paused, transaction. Each refusal writes its reply and,
// inside MULTI, makes the transaction faulty. Holds always: exactly one reply per command, also when a handler throws: then
// what it had written is dropped and an error takes its place. A command that begins to wait has no reply yet and is not
// counted; it is run again, or its wait ends otherwise, and then it is counted once with all the time that it took.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Transactions;

namespace Valkey.Host.Commands;

internal sealed unsafe class Dispatcher(Server server)
{
    private const string DiskError =
        "MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify "
        + "the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails "
        + "(stop-writes-on-bgsave-error option). Please check the Valkey logs for details about the RDB error.";

    private readonly HostContext _context = server.Context;
    private readonly RespReplyWriter _reply = server.Context.Writer;
    private int _depth;
    private Client? _requestClient; // kept after its request: storing a reference is dear, and most requests follow one of the same client
    private bool _isInRequest;
    private long _calledDirty; // changes by commands that plugins called: the command around them has not made them
    private bool _waitsConcerned; // somebody began to wait or may be served: the rare case, told by one test
    private KeyWait? _again; // whose command is run again
    private long _attributedErrors; // errors that a nested command answered for: EXEC has not failed because of them

    /// <summary>What writes have to pass while a background iteration runs; null when none does.</summary>
    public Iteration.WriteGate? Gate { get; set; }

    /// <summary>The client whose request is being executed; null outside of one.</summary>
    public Client? RequestClient => _isInRequest ? _requestClient : null;

    /// <summary>What holds replies back until they are durable; null while nothing does.</summary>
    public Durability.ReplyHolding? Holding { get; set; }

    /// <summary>A command is being executed.</summary>
    public bool IsExecuting => _depth > 0;

    /// <summary>Runs one request of a client. False when the client has to wait and the request is to be offered again.</summary>
    public bool Process(Client client, ArgumentSlice* slices, int count, long argumentBytes)
    {
        _context.Enter(client);
        _context.SetArguments(slices, count);
        client.ArgumentBytes = argumentBytes;
        BindReply(client);
        Command? command = Find(client, slices, count);
        bool taken = command is null || Admit(client, command, count);
        if (command is not null && taken) Run(client, command, slices, count);
        if (!taken) return false;
        FinishReply(client);
        return true;
    }

    /// <summary>Runs the command of a client that waited, with the arguments that were kept, as if it had just arrived.</summary>
    public void ProcessAgain(Client client, KeyWait wait)
    {
        _again = wait;
        _waitsConcerned = true;
        Process(client, wait.Request.Slices, wait.Request.Count, wait.Request.ArgumentBytes);
        _again = null; // it was refused before it ran
    }

    /// <summary>A client began to wait, or one that waits may be served now.</summary>
    public void NoteWait() => _waitsConcerned = true;

    /// <summary>A wait ended without its command being run again: counts the command. The reply was written.</summary>
    public void CountUnblocked(Client client, BlockedState wait, bool failed)
    {
        if (wait.Command is not { } command) return;
        Count(command, wait.DurationTicks, failed);
        client.CommandCount++;
        if (wait.Request is { } request) NoteInCommandLog(client, command, request.Slices, request.Count, wait.DurationTicks, 0);
    }

    /// <summary>Executes a command whose checks are behind it: of a transaction, or called by the server itself.</summary>
    public void Call(Client client, Command command, ArgumentSlice* slices, int count)
    {
        _context.SetArguments(slices, count);
        _context.Command = command;
        client.RedactedArguments = 0;
        DeferredPosition mark = _reply.Output.Mark();
        long dirtyBefore = server.Dirty - _calledDirty;
        long errorsBefore = _reply.ErrorCount;
        long attributedBefore = _attributedErrors;
        long startTicks = _depth == 0 ? server.Clock.Ticks : Stopwatch.GetTimestamp();
        Durability.ReplyHolding? holding = Holding;
        if (holding is not null) BeginHolding(holding, client, command);
        _depth++;
        try
        {
            command.Handler!(_context);
        }
        catch (Exception exception)
        {
            Recover(command, mark, exception);
        }

        _depth--;
        long endTicks = Stopwatch.GetTimestamp();
        if (_depth == 0) server.Clock.Advance(endTicks);
        long ticks = endTicks - startTicks;
        bool isOver = true, isFirstRun = true;
        if (_waitsConcerned && _depth == 0) isOver = NoteWaiting(client, command, ref ticks, out isFirstRun);
        long errorCount = _reply.ErrorCount - errorsBefore;
        if (isOver)
        {
            Count(command, ticks, errorCount != _attributedErrors - attributedBefore);
            NoteInCommandLog(client, command, slices, count, ticks, _reply.Output.BytesSince(mark));
        }

        _attributedErrors = attributedBefore + errorCount;
        if (server.Monitors.Count > 0 && isFirstRun) FeedMonitors(client, command, slices, count);
        CommandArguments arguments = new(slices, count);
        if (server.KeyAccess.IsWanted) server.KeyAccess.CommandEnded(RequestClient, command, arguments);
        bool jobsFollow = _depth == 0 && server.Jobs.HasAny;
        if (server.Propagation.IsWanted || jobsFollow) FollowUp(client, command, arguments, server.Dirty - _calledDirty > dirtyBefore, jobsFollow);
        if (holding is not null && _depth == 0 && Holding == holding) holding.End(client, command, failed: errorCount > 0 && !command.IsExec);
        if (client.ReplyToPark is not null && _depth == 0) server.HeldReplies.Park(client, _reply.Output, mark);
    }

    /// <summary>What a command has changed is propagated, together with what jobs do that it has caused.</summary>
    private void FollowUp(Client client, Command command, CommandArguments arguments, bool changed, bool jobsFollow)
    {
        Propagation.Propagator propagation = server.Propagation;
        long offsetBefore = propagation.Offset;
        changed &= !command.IsExec; // its changes are those of what it ran
        if (propagation.IsWanted) propagation.CommandEnded(_context.Database.Index, arguments, changed, isNested: _depth > 0 || jobsFollow);
        if (jobsFollow) RunAsUnit(server.Jobs.RunAll);
        if (propagation.Offset != offsetBefore) client.LastWriteOffset = propagation.Offset;
    }

    /// <summary>A plugin's call of a command, whose checks are behind it.</summary>
    public void CallByServer(Client client, Command command, ArgumentSlice* slices, int count)
    {
        long dirtyBefore = server.Dirty, calledBefore = _calledDirty;
        Propagation.PropagationIntent intent = server.Propagation.PutAside();
        _depth++;
        Call(client, command, slices, count);
        _depth--;
        server.Propagation.TakeUp(intent);
        _calledDirty = calledBefore + (server.Dirty - dirtyBefore);
        // In a handler of an event that comes from no command nothing may follow at once: whoever announced it is not done.
        if (_depth == 0 && !server.Events.IsPublishing) RunAsUnit(server.Jobs.RunAll);
    }

    /// <summary>Does something as if a command did it: what it writes is propagated together, with what was collected before.</summary>
    public void RunAsUnit(Action action)
    {
        _depth++;
        action();
        _depth--;
        if (_depth == 0) server.Propagation.Emit();
    }

    private void BeginHolding(Durability.ReplyHolding holding, Client client, Command command)
    {
        if (_depth == 0) holding.Begin(client);
        if (command.TellsOfAllKeys) holding.Keys.NoteDatabaseSeen(_context.Database.Index);
    }

    /// <summary>
    /// Executes a command that was executed once and is repeated now: nothing is checked, counted, shown or propagated. Its reply
    /// is still in the writer.
    /// </summary>
    public void Replay(Command command, ArgumentSlice* slices, int count)
    {
        _context.SetArguments(slices, count);
        _context.Command = command;
        DeferredPosition mark = _reply.Output.Mark();
        _depth++;
        try
        {
            command.Handler!(_context);
        }
        catch (Exception exception)
        {
            Recover(command, mark, exception);
        }

        _depth--;
    }

    /// <summary>Saves the context around nested calls.</summary>
    public void CallNested(Client client, QueuedCommand queued)
    {
        ArgumentSlice* slices = _context.ArgumentSlices;
        int count = _context.ArgumentSliceCount;
        Command outer = _context.Command;
        Call(client, queued.Command, queued.Slices, queued.Count);
        _context.SetArguments(slices, count);
        _context.Command = outer;
    }

    /// <summary>Refuses the running request: an error, counted, and fatal for a transaction.</summary>
    public void Reject(Client client, Command? command, string error)
    {
        if (command is not null) command.RejectedCalls++;
        if (client.Transaction.IsOpen && TransactionCommands.Refused(server, client, command, error) is { } abort) error = abort;
        _reply.Error(error);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BindReply(Client client)
    {
        if (client.Has(ClientFlags.ReplyOff | ClientFlags.ReplySkip)) _reply.BindNowhere(client.ProtocolVersion);
        else _reply.Bind(client.Output, client.ProtocolVersion);
    }

    private void FinishReply(Client client)
    {
        _reply.ForgetDiscarded();
        if (client.Has(ClientFlags.Tracking)) server.KeyAccess.RequestEnded(client);
        if (client.Has(ClientFlags.ReplySkip | ClientFlags.ReplySkipNext) && client.Blocked is null or ParkedReply)
        {
            client.Set(ClientFlags.ReplySkip, client.Has(ClientFlags.ReplySkipNext));
            client.Clear(ClientFlags.ReplySkipNext);
        }

        if (!client.IsClosed) server.Clients.ReplyEnded(client);
    }

    private Command? Find(Client client, ArgumentSlice* slices, int count)
    {
        ReadOnlySpan<byte> name = _context.Argument(0);
        Command? command = client.LastCommand is { } last && last.Subcommands is null && client.LastCommandVersion == server.Commands.Version
            && CommandNameTable.EqualsIgnoringCase(name, client.LastCommandName)
            ? last
            : server.Commands.Find(name);
        if (command is null)
        {
            client.LastExecuted = null;
            if (!server.Clients.RefuseHttp(client, name)) Reject(client, null, "ERR " + UnknownCommand(slices, count));
            return null;
        }

        if (command.Subcommands is not null && count >= 2)
        {
            Command? subcommand = command.Subcommands.Find(_context.Argument(1));
            if (subcommand is null)
            {
                Reject(client, command, "ERR " + UnknownSubcommand(command, _context.Argument(1)));
                return null;
            }

            command = subcommand;
        }
        else if (command != client.LastCommand)
        {
            client.LastCommand = command;
            client.LastCommandName = command.ClientNameBytes;
            client.LastCommandVersion = server.Commands.Version;
        }

        if (command.AcceptsArgumentCount(count) && command.Handler is not null) return command;
        client.LastExecuted = command;
        Reject(client, command, "ERR " + WrongArgumentCount(command));
        return null;
    }

    /// <summary>All checks that depend on the server's and the client's state. False: wait. When it refused, the command is gone too.</summary>
    private bool Admit(Client client, Command command, int count)
    {
        _admitted = false;
        client.LastExecuted = command;
        if (command.Has(CommandFlags.Protected) && !IsAllowedHere(client, command)) return Refuse(client, command, NotAllowed(command));
        if (!client.Has(ClientFlags.Authenticated) && !command.Has(CommandFlags.NoAuth) && server.IsAuthenticationRequired(client))
            return Refuse(client, command, "NOAUTH Authentication required.");
        if (client.Transaction.IsOpen && command.Has(CommandFlags.NoMulti))
            return Refuse(client, command, "ERR Command not allowed inside a transaction");
        if (server.ClientMemory.IsLimited && server.ClientMemory.EvictsOwn(client)) return true;
        if (server.MaxMemoryBytes > 0 && !HasMemoryFor(client, command))
            return client.IsClosed || Refuse(client, command, "OOM command not allowed when used memory > 'maxmemory'.");
        if (server.Snapshots.DeniesWrites && IsDeniedByDiskError(client, command)) return Refuse(client, command, DiskError);
        if (server.WriteRefusals.Error is { } refusal && IsDeniedByDiskError(client, command)) return Refuse(client, command, refusal);
        if (client.Has(ClientFlags.PubSub) && client.ProtocolVersion == 2 && !command.IsForSubscribers)
            return Refuse(client, command, NotForSubscribers(command));
        if (server.IsLoading && !command.Has(CommandFlags.Loading))
            return Refuse(client, command, "LOADING Valkey is loading the dataset in memory");
        if (client.Has(ClientFlags.Replica) && ClientPause.TouchesKeys(client, command))
            return Refuse(client, command, "ERR Replica can't interact with the keyspace");
        if (server.Pause.IsActive && server.Pause.Delays(client, command)) return false;
        if (client.Transaction.IsOpen && !command.IsTransactionControl)
        {
            client.Transaction.Enqueue(command, _context.ArgumentSlices, count);
            _reply.SimpleString("QUEUED"u8);
            return true;
        }

        // Who is served after a wait for keys is answered now or waits again: its lookups wait for the iteration themselves.
        if (Gate is not null && _again is null && !Gate.Admits(client, command)) return false;
        _admitted = true;
        return true;
    }

    private bool _admitted;

    private void Run(Client client, Command command, ArgumentSlice* slices, int count)
    {
        if (!_admitted) return;
        if (command.RepliesByPush) _reply.Bind(client.Output, client.ProtocolVersion);
        client.Set(ClientFlags.Executing);
        Client? outer = _requestClient;
        bool isNested = _isInRequest;
        if (outer != client) _requestClient = client;
        _isInRequest = true;
        try
        {
            Call(client, command, slices, count);
        }
        finally
        {
            if (isNested) _requestClient = outer;
            _isInRequest = isNested;
            if (_waitsConcerned) ServeWaiting(client);
            client.Clear(ClientFlags.Executing); // whatever failed around the handler: a client that executes is never freed
        }

        if (client.Blocked is null) client.CommandCount++;
    }

    /// <summary>The outermost command has ended: whoever waited for what it made is served, before its client is read on.</summary>
    private void ServeWaiting(Client client)
    {
        _waitsConcerned = false;
        if (!server.KeyWaits.HasReady) return;
        server.KeyWaits.Serve();
        _context.Enter(client);
        BindReply(client);
    }

    /// <summary>A command has begun to wait (false: it is not over), or one that waited has ended.</summary>
    private bool NoteWaiting(Client client, Command command, ref long ticks, out bool isFirstRun)
    {
        isFirstRun = _again is null;
        if (_again is not null) ticks += _again.DurationTicks;
        _again = null;
        if (client.Blocked is not { } wait) return true;
        wait.Command = command;
        wait.DurationTicks = ticks;
        return false;
    }

    private static string NotForSubscribers(Command command) =>
        $"ERR Can't execute '{command.Name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context";

    private void FeedMonitors(Client client, Command command, ArgumentSlice* slices, int count)
    {
        if (!command.Has(CommandFlags.SkipMonitor | CommandFlags.Admin)) server.Monitors.Feed(client, new CommandArguments(slices, count));
    }

    private bool Refuse(Client client, Command command, string error)
    {
        Reject(client, command, error);
        return true;
    }

    private bool HasMemoryFor(Client client, Command command)
    {
        bool madeRoom = server.Eviction.TryMakeRoom();
        server.Jobs.RunOutside(); // of the keys that went: before the command
        if (client.IsClosed) return false;
        if (madeRoom) return true;
        bool denied = command.Has(CommandFlags.DenyOom)
            || (command.Name.Equals("exec", StringComparison.Ordinal) && (client.Transaction.QueuedFlags & CommandFlags.DenyOom) != 0)
            || (client.Transaction.IsOpen && !command.IsTransactionControl && command.Has(CommandFlags.DenyOom));
        return !denied;
    }

    /// <summary>What changes data is refused while the data cannot be saved; PING too, so that somebody notices.</summary>
    private static bool IsDeniedByDiskError(Client client, Command command) =>
        (command.Has(CommandFlags.Write) || command.IsPing || (command.IsExec && (client.Transaction.QueuedFlags & CommandFlags.Write) != 0))
        && !client.Has(ClientFlags.Primary);

    private bool IsAllowedHere(Client client, Command command) => ClientPermission.Allows(
        command.Name.StartsWith("debug", StringComparison.Ordinal) ? server.Options.EnableDebugCommand : server.Options.EnableModuleCommand,
        client);

    private static string NotAllowed(Command command)
    {
        string name = (command.Parent ?? command).Name;
        return $"ERR {name.ToUpperInvariant()} command not allowed. If the enable-{name}-command option is set to \"local\", "
            + "you can run it from a local connection, otherwise you need to set this option in the configuration file, "
            + "and then restart the server.";
    }

    private void Count(Command command, long ticks, bool failed)
    {
        command.Calls++;
        command.DurationTicks += ticks;
        if (failed) command.FailedCalls++;
        server.Statistics.CommandsProcessed++;
        server.Statistics.EventLoopCommandTicks += _depth == 0 ? ticks : 0;
        if (server.Options.LatencyTracking.Value) (command.Latency ??= new Observability.LatencyHistogram()).Record(ticks);
        if (server.Latency.IsEnabled && _depth == 0) server.Latency.Add(command.Has(CommandFlags.Fast) ? "fast-command" : "command", Clock.MicrosecondsOf(ticks) / 1000);
    }

    private void NoteInCommandLog(Client client, Command command, ArgumentSlice* slices, int count, long ticks, long replyBytes)
    {
        Observability.CommandLog log = server.CommandLog;
        bool isTopLevel = _depth == 0 && !client.Has(ClientFlags.ExecutingTransaction | ClientFlags.Script);
        long requestMaxBytes = isTopLevel
            ? client.ArgumentBytes + (Observability.CommandLog.HeaderMaxBytes * (count + 1L))
            : Observability.CommandLog.RequestBytes(slices, count);
        if (ticks >= log.ThresholdTicks || replyBytes >= log.ReplyThresholdBytes || requestMaxBytes >= log.RequestThresholdBytes)
            log.Note(client, command, slices, count, ticks, replyBytes);
    }

    private void Recover(Command command, DeferredPosition mark, Exception exception)
    {
        _reply.Output.RollBack(mark);
        _reply.Error($"ERR the command '{command.Name}' failed: {exception.Message}");
        server.Log.Write(LogLevel.Warning, $"The command '{command.Name}' of {command.Owner} threw: {exception}");
    }

    /// <summary>There is no such command: the error without its code.</summary>
    public static string UnknownCommand(ArgumentSlice* slices, int count)
    {
        StringBuilder arguments = new();
        CommandArguments all = new(slices, count);
        for (int i = 1; i < count && arguments.Length < 128; i++)
            arguments.Append('\'').Append(Printable(all[i], 128 - arguments.Length)).Append("' ");
        return $"unknown command '{Printable(all[0], 128)}', with args beginning with: {arguments}";
    }

    /// <summary>There is no such subcommand: the error without its code.</summary>
    public static string UnknownSubcommand(Command container, ReadOnlySpan<byte> name) =>
        $"unknown subcommand '{Printable(name, 128)}'. Try {container.Name.ToUpperInvariant()} HELP.";

    /// <summary>A command has too many or too few arguments: the error without its code.</summary>
    public static string WrongArgumentCount(Command command) => $"wrong number of arguments for '{command.Name}' command";

    /// <summary>The start of what a client sent, up to a zero byte, as error texts repeat it.</summary>
    private static string Printable(ReadOnlySpan<byte> bytes, int max)
    {
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, Math.Max(max, 0))];
        int zero = start.IndexOf((byte)0);
        return Encoding.Latin1.GetString(zero < 0 ? start : start[..zero]);
    }
}
