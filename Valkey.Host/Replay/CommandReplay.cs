// Repeats commands of a log, by a client of the server's own that nobody sees.
//
// What a command was checked for when it came is not asked again, and it goes straight to its handler. A batch is collected
// first, so that the memory of all its keys is on its way when the first one runs.
// Holds always: replies go nowhere; the context of whoever was running is as before when Run returns. Arguments are used
// where they lie, and only commands of an open transaction are copied. Command thread only.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;
using Valkey.Host.Keyspace;
using Valkey.Host.Transactions;
using Valkey.Structures;

namespace Valkey.Host.Replay;

internal sealed unsafe class CommandReplay : ICommandReplay
{
    private const long ClientId = -1; // no real client has it
    private const int BatchMax = 32;
    private const int SlicesInitial = 1024;
    private const int SlicesKeptMax = 64 * 1024;
    private const int ShownErrorBytesMax = 4096;
    private const int PanicOnError = 1; // of propagation-error-behavior
    private const long WorthwhileKeyCount = 10_000;

    private readonly Server _server;
    private readonly Client _client = new(ClientId, connection: null);
    private readonly CollectedCommand[] _batch = new CollectedCommand[BatchMax];
    private readonly ulong[] _hashes = new ulong[BatchMax];
    private ArgumentSlice* _slices;
    private int _sliceCapacity;
    private int _sliceCount;
    private int _firstSlice;
    private int _count;
    private Command? _lastCommand;

    public CommandReplay(Server server)
    {
        _server = server;
        _client.Set(ClientFlags.Authenticated);
        _sliceCapacity = SlicesInitial;
        _slices = (ArgumentSlice*)NativeHeap.Allocate((nuint)(_sliceCapacity * sizeof(ArgumentSlice)));
    }

    /// <inheritdoc/>
    public int CommandsMax => BatchMax;

    /// <inheritdoc/>
    public bool IsInTransaction => _client.Transaction.IsOpen;

    /// <inheritdoc/>
    public long TransactionPosition { get; private set; }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> argument)
    {
        if (_sliceCount == _sliceCapacity) Grow();
        ref ArgumentSlice slice = ref _slices[_sliceCount++];
        slice.Start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(argument));
        slice.Length = argument.Length;
    }

    /// <inheritdoc/>
    public int EndCommand(long position)
    {
        if (_count == BatchMax) throw new InvalidOperationException("The batch is full.");
        if (_sliceCount == _firstSlice) throw new InvalidOperationException("A command has a name.");
        _batch[_count] = new CollectedCommand { FirstSlice = _firstSlice, ArgumentCount = _sliceCount - _firstSlice, Position = position };
        _firstSlice = _sliceCount;
        return ++_count;
    }

    /// <inheritdoc/>
    public void DropCommand() => _sliceCount = _firstSlice;

    /// <inheritdoc/>
    public string? Run()
    {
        HostContext context = _server.Context;
        OutputBuffer outerOutput = context.Writer.Output;
        int outerProtocolVersion = context.Writer.ProtocolVersion;
        Client? outerClient = context.CurrentClient;
        Command outerCommand = context.Command;
        ArgumentSlice* outerSlices = context.ArgumentSlices;
        int outerSliceCount = context.ArgumentSliceCount;

        context.Enter(_client);
        context.Writer.BindNowhere(_client.ProtocolVersion);
        string? error = RunBatch();

        // What commands said about their propagation is not for the next one that is propagated.
        _server.Propagation.CommandEnded(0, default, changed: false, isNested: true);
        context.Writer.Bind(outerOutput, outerProtocolVersion);
        context.SetArguments(outerSlices, outerSliceCount);
        context.Command = outerCommand;
        if (outerClient is not null) context.Enter(outerClient);
        return error;
    }

    /// <summary>Forgets a transaction that was not executed.</summary>
    public void Dispose()
    {
        TransactionCommands.End(_server, _client);
        _client.Output.Free();
        if (_slices != null) NativeHeap.Free((nint)_slices, (nuint)(_sliceCapacity * sizeof(ArgumentSlice)));
        _slices = null;
        _sliceCapacity = _sliceCount = _firstSlice = _count = 0;
    }

    private string? RunBatch()
    {
        string? error = null;
        if (_count > 1) Prefetch();
        for (int i = 0; i < _count && error is null; i++)
        {
            ref CollectedCommand collected = ref _batch[i];
            ArgumentSlice* slices = _slices + collected.FirstSlice;
            Command? command = Find(slices, collected.ArgumentCount, out error);
            if (command is not null) Run(command, slices, collected.ArgumentCount, collected.Position);
        }

        _count = _sliceCount = _firstSlice = 0;
        if (_sliceCapacity > SlicesKeptMax) Resize(SlicesInitial);
        return error;
    }

    private void Run(Command command, ArgumentSlice* slices, int count, long position)
    {
        TransactionState transaction = _client.Transaction;
        if (!transaction.IsOpen)
        {
            Execute(command, slices, count);
            if (transaction.IsOpen) TransactionPosition = position;
        }
        else if (command.IsExec)
        {
            ExecuteTransaction(transaction);
        }
        else
        {
            transaction.Enqueue(command, slices, count);
        }
    }

    private void ExecuteTransaction(TransactionState transaction)
    {
        _client.Set(ClientFlags.ExecutingTransaction);
        foreach (QueuedCommand queued in transaction.Queue) Execute(queued.Command, queued.Slices, queued.Count);
        _client.Clear(ClientFlags.ExecutingTransaction);
        TransactionCommands.End(_server, _client);
    }

    private void Execute(Command command, ArgumentSlice* slices, int count)
    {
        RespReplyWriter reply = _server.Context.Writer;
        long errorsBefore = reply.ErrorCount;
        _client.LastExecuted = command;
        _server.Dispatcher.Replay(command, slices, count);
        if (reply.ErrorCount != errorsBefore) TellError(command, reply.Output.ToArray());
        reply.ForgetDiscarded();
        if (_server.Options.KeyLoadDelay.Value != 0) Snapshots.LoadingReceiver.Delay(_server.Options.KeyLoadDelay.Value);
    }

    /// <summary>What succeeded once should do so again: somebody has to look at this.</summary>
    private void TellError(Command command, ReadOnlySpan<byte> reply)
    {
        int start = reply.IndexOf((byte)'-') + 1;
        ReadOnlySpan<byte> text = reply[start..];
        int end = text.IndexOf((byte)'\r');
        if (end >= 0) text = text[..end];
        _server.Statistics.UnexpectedErrorReplies++;
        _server.Log.Write(
            LogLevel.Warning,
            "== CRITICAL == This server is sending an error to its AOF-loading-client: "
            + $"'-{Encoding.Latin1.GetString(text[..Math.Min(text.Length, ShownErrorBytesMax)])}' after processing the command '{command.Name}'");
        if (_server.Options.PropagationErrorBehavior.Value != PanicOnError) return;
        Environment.FailFast($"This server panicked sending an error to its AOF-loading-client after processing the command '{command.Name}'");
    }

    private Command? Find(ArgumentSlice* slices, int count, out string? error)
    {
        ReadOnlySpan<byte> name = new(slices->Start, (int)slices->Length);
        Command? command = _lastCommand is { } last && CommandNameTable.EqualsIgnoringCase(name, last.ClientNameBytes)
            ? last
            : _server.Commands.Find(name);
        error = null;
        if (command is null)
        {
            error = Dispatcher.UnknownCommand(slices, count);
            return null;
        }

        if (command.Subcommands is not null && count >= 2)
        {
            ReadOnlySpan<byte> subcommandName = new(slices[1].Start, (int)slices[1].Length);
            Command? subcommand = command.Subcommands.Find(subcommandName);
            if (subcommand is null)
            {
                error = Dispatcher.UnknownSubcommand(command, subcommandName);
                return null;
            }

            command = subcommand;
        }
        else
        {
            _lastCommand = command;
        }

        if (command.AcceptsArgumentCount(count) && command.Handler is not null) return command;
        error = Dispatcher.WrongArgumentCount(command);
        return null;
    }

    /// <summary>Asks for the memory of the first key of each command.</summary>
    private void Prefetch()
    {
        Database database = _server.Databases[_client.DatabaseIndex];
        if (database.Keys.Count < WorthwhileKeyCount) return;
        EntryTable<EntryTraits> keys = database.Keys;
        for (int i = 0; i < _count; i++)
        {
            if (_batch[i].ArgumentCount < 2) continue;
            ArgumentSlice key = _slices[_batch[i].FirstSlice + 1];
            _hashes[i] = KeyHash.Of(new ReadOnlySpan<byte>(key.Start, (int)key.Length));
            keys.Prefetch(_hashes[i]);
        }

        for (int i = 0; i < _count; i++)
        {
            if (_batch[i].ArgumentCount >= 2) keys.PrefetchEntry(_hashes[i]);
        }
    }

    private void Grow() => Resize(checked(_sliceCapacity * 2));

    private void Resize(int capacity)
    {
        _slices = (ArgumentSlice*)NativeHeap.Reallocate(
            (nint)_slices, (nuint)_sliceCapacity * (nuint)sizeof(ArgumentSlice), (nuint)capacity * (nuint)sizeof(ArgumentSlice));
        _sliceCapacity = capacity;
    }

    private struct CollectedCommand
    {
        public int FirstSlice;
        public int ArgumentCount;
        public long Position;
    }
}
