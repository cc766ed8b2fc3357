// Commands that plugins run as the server. A client of the server's own runs them, one for each depth of nesting; the context
// of the command that goes on outside is put aside meanwhile.
//
// A command that has announced an event goes on with the entries that it found, so a handler of the event must not take them
// away under its feet: writes to the keys of any command that is under way are refused, and so are writes that name no keys.
// The same holds for scans: SCAN, KEYS and the expiry cycle walk a table while they announce expired keys.
// Holds always: a refused or failed call is an error reply and changes nothing. Command thread only.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Structures;

namespace Valkey.Host.Commands;

internal sealed unsafe class CommandCalls(Server server) : ICommandCalls
{
    private const int DepthMax = 64;

    private readonly List<Client> _clients = [];
    private readonly CommandKeys _outerKeys = new();
    private readonly CommandKeys _keys = new();
    private readonly Frame[] _outer = new Frame[DepthMax];
    private int _depth;
    private byte[] _reply = [];

    /// <inheritdoc/>
    public CommandResult Call(int databaseIndex, params ReadOnlySpan<PropagatedArgument> arguments)
    {
        if ((uint)databaseIndex >= (uint)server.Databases.Length) return Error("ERR DB index is out of range");
        if (arguments.IsEmpty) return Error("ERR a call needs a command");
        if (_depth == DepthMax) return Error("ERR calls of commands are nested too deeply");
        using CallArguments copy = new(arguments);
        Command? command = Find(copy.View, out string error);
        if (command is null) return Error(error);
        if (WhyRefused(databaseIndex, command, copy.View) is { } reason) return Error(reason);
        _reply = Run(databaseIndex, command, copy.Slices, copy.Count);
        return new CommandResult(_reply);
    }

    /// <inheritdoc/>
    public CommandResult Call(int databaseIndex, params ReadOnlySpan<string> arguments)
    {
        PropagatedArgument[] bytes = new PropagatedArgument[arguments.Length];
        byte[][] pinned = new byte[arguments.Length][]; // keeps them alive
        for (int i = 0; i < bytes.Length; i++)
        {
            pinned[i] = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(arguments[i]), pinned: true);
            Encoding.UTF8.GetBytes(arguments[i], pinned[i]);
            bytes[i] = PropagatedArgument.From(pinned[i]);
        }

        CommandResult result = Call(databaseIndex, bytes);
        GC.KeepAlive(pinned);
        return result;
    }

    private static CommandResult Error(string text) => new(Encoding.UTF8.GetBytes("-" + text + "\r\n"));

    private Command? Find(CommandArguments arguments, out string error)
    {
        error = "ERR unknown command";
        Command? command = server.Commands.Find(arguments[0]);
        if (command?.Subcommands is { } subcommands && arguments.Count >= 2) command = subcommands.Find(arguments[1]);
        if (command is null) return null;
        error = $"ERR wrong number of arguments for '{command.Name}' command";
        if (!command.AcceptsArgumentCount(arguments.Count) || command.Handler is null) return null;
        error = $"ERR the command '{command.Name}' cannot be called by a plugin";
        return command.Has(CommandFlags.NoScript) || command.IsTransactionControl ? null : command;
    }

    /// <summary>Why a write from a handler of key events is refused; null when it is not.</summary>
    private string? WhyRefused(int databaseIndex, Command command, CommandArguments arguments)
    {
        if (!server.Events.IsPublishing || !command.Has(CommandFlags.Write)) return null;
        if (!server.Dispatcher.IsExecuting)
            return "ERR this event comes from no command: writes have to be made by a post-notification job";
        if (!_keys.Find(command.Definition, arguments))
            return "ERR a handler of key events cannot write without naming keys: add a post-notification job";
        _outer[_depth] = Frame.Of(server.Context);
        for (int i = 0; i <= _depth; i++)
        {
            if (_outer[i].Command is not { } outer) continue;
            if (outer.Has(CommandFlags.TouchesArbitraryKeys))
                return $"ERR the command '{outer.Name}' is walking the keys: writes have to be made by a post-notification job";
            if (SharesKey(_outer[i], arguments))
                return $"ERR the command '{outer.Name}' is working on that key: writes have to be made by a post-notification job";
        }

        return null;
    }

    /// <summary>Compares names whatever the database: MOVE and COPY have keys in two.</summary>
    private bool SharesKey(in Frame outer, CommandArguments arguments)
    {
        CommandArguments outerArguments = new(outer.Slices, outer.Count);
        if (!_outerKeys.Find(outer.Command!.Definition, outerArguments)) return false;
        foreach (KeyPosition theirs in _outerKeys.All)
        {
            foreach (KeyPosition ours in _keys.All)
            {
                if (outerArguments[theirs.Index].SequenceEqual(arguments[ours.Index])) return true;
            }
        }

        return false;
    }

    private byte[] Run(int databaseIndex, Command command, ArgumentSlice* slices, int count)
    {
        HostContext context = server.Context;
        RespReplyWriter writer = context.Writer;
        (OutputBuffer outerOutput, int outerVersion) = (writer.Output, writer.ProtocolVersion);
        Client client = ClientAt(_depth);
        client.DatabaseIndex = databaseIndex;
        _outer[_depth++] = Frame.Of(context);
        try
        {
            context.Enter(client);
            writer.Bind(client.Output, client.ProtocolVersion);
            server.Dispatcher.CallByServer(client, command, slices, count);
            return client.Output.ToArray();
        }
        finally
        {
            client.Output.Clear();
            _outer[--_depth].Restore(context);
            _outer[_depth] = default;
            writer.Bind(outerOutput, outerVersion);
        }
    }

    private Client ClientAt(int depth)
    {
        if (depth == _clients.Count)
        {
            Client created = server.Clients.CreateInternal();
            created.ProtocolVersion = 3;
            created.Set(ClientFlags.Authenticated);
            _clients.Add(created);
        }

        return _clients[depth];
    }

    /// <summary>The command that goes on outside of a call, and whose it is.</summary>
    private readonly struct Frame
    {
        private readonly Client? _client;

        private Frame(HostContext context)
        {
            _client = context.CurrentClient;
            Command = context.Command;
            Slices = context.ArgumentSlices;
            Count = context.ArgumentSliceCount;
        }

        public Command? Command { get; }

        public ArgumentSlice* Slices { get; }

        public int Count { get; }

        /// <summary>What runs now; nothing between commands, where the context still holds what ran last.</summary>
        public static Frame Of(HostContext context) => context.Server.Dispatcher.IsExecuting ? new Frame(context) : default;

        public void Restore(HostContext context)
        {
            if (_client is null) return;
            context.Enter(_client);
            context.SetArguments(Slices, Count);
            context.Command = Command!;
        }
    }
}

/// <summary>The arguments of a call in one native block: slices first, then the bytes.</summary>
internal readonly unsafe struct CallArguments : IDisposable
{
    private readonly nuint _sizeBytes;

    public CallArguments(ReadOnlySpan<PropagatedArgument> arguments)
    {
        Count = arguments.Length;
        nuint size = (nuint)(Count * sizeof(ArgumentSlice));
        foreach (PropagatedArgument argument in arguments)
            size += argument.IsNumber ? IntegerText.LengthMax + 1 : (nuint)argument.Bytes.Length;
        _sizeBytes = size;
        Slices = (ArgumentSlice*)NativeHeap.Allocate(size);
        byte* bytes = (byte*)(Slices + Count);
        Span<byte> digits = stackalloc byte[24];
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<byte> source = arguments[i].IsNumber
                ? digits[..IntegerText.Format(arguments[i].Number, digits)]
                : arguments[i].Bytes;
            Slices[i] = new ArgumentSlice { Start = bytes, Length = source.Length };
            source.CopyTo(new Span<byte>(bytes, source.Length));
            bytes += source.Length;
        }
    }

    public ArgumentSlice* Slices { get; }

    public int Count { get; }

    public CommandArguments View => new(Slices, Count);

    public void Dispose() => NativeHeap.Free((nint)Slices, _sizeBytes);
}
