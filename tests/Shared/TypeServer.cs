// A server as small as possible for a type plugin's handlers: a few keys over real entries, replies as RESP text. What the
// handlers signal, notify and propagate is kept for the tests to look at, unless the server is told to be quiet: then nothing
// but the handlers allocates. Each type's tests derive their own, which adds the type's commands and what only they ask for.

using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Strings.Tests;
using Valkey.Structures;

namespace Valkey.TypeTests;

internal abstract unsafe class TypeServer : CommandContext, IDisposable
{
    private const int KeysMax = 16;
    private const byte ForeignTypeId = 2;

    private readonly nint[] _entries = new nint[KeysMax];
    private readonly Dictionary<string, CommandHandler> _handlers = [];
    private readonly RespTextWriter _writer;
    private readonly DataType _type;

    protected TypeServer(DataType type, int protocolVersion, ReplyWriter? quietWriter)
    {
        _type = type;
        type.Id = 1;
        _writer = new RespTextWriter(protocolVersion);
        Reply = quietWriter ?? _writer;
        IsQuiet = quietWriter is not null;
        Commands = new FakeCommands(_handlers);
    }

    /// <summary>Where the derived server registers the type's commands.</summary>
    protected ICommandRegistry Commands { get; }

    public bool IsQuiet { get; }

    public long Dirty { get; private set; }

    public List<string> Events { get; } = [];

    /// <summary>What was propagated beside or instead of the command.</summary>
    public List<string> Propagated { get; } = [];

    /// <summary>Whether the command itself is propagated.</summary>
    public bool IsCommandPropagated { get; private set; }

    public override IClient Client => throw new NotSupportedException("No handler of a type asks who its client is.");

    public override int DatabaseIndex => 0;

    public override long NowUnixMs => 1_700_000_000_000;

    public override bool PropagationWanted => true;

    public override bool IsReplaying => false;

    public override long StringSizeMaxBytes => 512 * 1024 * 1024;

    /// <summary>Runs a command, its words as Latin-1, and returns the reply as it would be sent.</summary>
    public string Run(params string[] words)
    {
        using PreparedCommand command = new(this, words);
        _writer.Clear();
        Events.Clear();
        Propagated.Clear();
        Dirty = 0;
        IsCommandPropagated = true;
        Forget();
        command.Run();
        IsCommandPropagated &= Dirty > 0;
        return _writer.Text;
    }

    /// <summary>What the derived server keeps about the command before is forgotten.</summary>
    protected virtual void Forget() { }

    public string Encoding(string key) => _type.EncodingName(ValueOf(LookupRead(Bytes(key))));

    /// <summary>Puts a value of some other type under a key.</summary>
    public void AddForeign(string key) => AddEntry(new KeyEntry(Entry.CreateWithPayload(Bytes(key), ForeignTypeId, 0, 0).Address));

    public override KeyEntry LookupRead(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None)
    {
        int index = IndexOf(key);
        return index < 0 ? default : new KeyEntry(_entries[index]);
    }

    public override KeyEntry LookupWrite(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None) => LookupRead(key);

    public override bool TryLookupRead(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry)
    {
        entry = LookupRead(key);
        if (!entry.Exists || new Entry(entry.Address).TypeId == type.Id) return true;
        Reply.Error("WRONGTYPE Operation against a key holding the wrong kind of value");
        return false;
    }

    public override bool TryLookupWrite(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry) =>
        TryLookupRead(key, type, out entry);

    public override StoredValue ValueOf(KeyEntry entry)
    {
        Entry stored = new(entry.Address);
        return new StoredValue(stored.Encoding, stored.Payload, default, false);
    }

    public override DataType TypeOf(KeyEntry entry) => _type;

    public override KeyEntry SetValue(
        ReadOnlySpan<byte> key, DataType type, byte encoding, long payload, bool keepExpiry = false)
    {
        Delete(key);
        return AddEntry(new KeyEntry(Entry.CreateWithPayload(key, type.Id, encoding, payload).Address));
    }

    public override void UpdatePayload(KeyEntry entry, byte encoding, long payload)
    {
        Entry stored = new(entry.Address);
        stored.Encoding = encoding;
        stored.Payload = payload;
    }

    public override KeyEntry AddEntry(KeyEntry entry)
    {
        Assert(IndexOf(new Entry(entry.Address).Key) < 0, "the key is absent");
        _entries[Array.IndexOf(_entries, 0)] = entry.Address;
        return entry;
    }

    public override KeyEntry ReplaceEntry(KeyEntry existing, KeyEntry replacement) => throw new NotSupportedException();

    public override void EntryMoved(nint previousAddress, KeyEntry current) => throw new NotSupportedException();

    public override bool Delete(ReadOnlySpan<byte> key)
    {
        int index = IndexOf(key);
        if (index < 0) return false;
        Free(_entries[index]);
        _entries[index] = 0;
        return true;
    }

    public override KeyEntry SetExpiry(KeyEntry entry, long expireAtUnixMs) => throw new NotSupportedException();

    public override long ExpiryOf(KeyEntry entry) => Entry.NoExpiry;

    public override bool IsExpiredAlready(long expireAtUnixMs) => false;

    public override void SignalModified(ReadOnlySpan<byte> key, long dirtyCount = 1) => Dirty += dirtyCount;

    public override void AddDirty(long dirtyCount) => Dirty += dirtyCount;

    public override void Notify(KeyspaceEvent eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key)
    {
        if (!IsQuiet) Events.Add($"{eventClass}:{Name(eventName)}:{Name(key)}");
    }

    public override void PropagateInstead(params ReadOnlySpan<PropagatedArgument> arguments)
    {
        IsCommandPropagated = false;
        PropagateAlso(0, arguments);
    }

    public override void PropagateAlso(int databaseIndex, params ReadOnlySpan<PropagatedArgument> arguments)
    {
        if (IsQuiet) return;
        List<string> words = [];
        foreach (PropagatedArgument argument in arguments)
        {
            words.Add(argument.IsNumber ? argument.Number.ToString() : Name(argument.Bytes));
        }

        Propagated.Add(string.Join(' ', words));
    }

    public override void DoNotPropagate() => IsCommandPropagated = false;

    public override void BlockOnKeys(BlockingWait wait) => throw new NotSupportedException();

    public override void SignalKeyReady(ReadOnlySpan<byte> key) => throw new NotSupportedException();

    public override bool TryTimeout(int index, out long timeoutMs) => throw new NotSupportedException();

    public override bool TryInteger(int index, out long value, string? error = null)
    {
        if (IntegerText.TryParse(Argument(index), out value)) return true;
        Reply.Error(error ?? "ERR value is not an integer or out of range");
        return false;
    }

    public override bool TryIntegerInRange(int index, long min, long max, out long value, string? error = null)
    {
        if (!TryInteger(index, out value, error)) return false;
        if (value >= min && value <= max) return true;
        Reply.Error(error ?? $"ERR value is out of range, value must between {min} and {max}");
        return false;
    }

    public override bool TryDouble(int index, out double value, string? error = null) => throw new NotSupportedException();

    public void Dispose()
    {
        _writer.Clear();
        foreach (nint address in _entries)
        {
            if (address != 0) Free(address);
        }
    }

    private static void Assert(bool condition, string what)
    {
        if (!condition) throw new InvalidOperationException($"Not so: {what}.");
    }

    protected static byte[] Bytes(string text) => System.Text.Encoding.Latin1.GetBytes(text);

    protected static string Name(ReadOnlySpan<byte> bytes) => System.Text.Encoding.Latin1.GetString(bytes);

    private void Free(nint address)
    {
        Entry entry = new(address);
        if (entry.TypeId == _type.Id) _type.Free(ValueOf(new KeyEntry(address)));
        entry.FreeShell();
    }

    private int IndexOf(ReadOnlySpan<byte> key)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            if (_entries[i] != 0 && new Entry(_entries[i]).Key.SequenceEqual(key)) return i;
        }

        return -1;
    }

    /// <summary>A command whose arguments lie ready, where the parser would have them, to be run as often as wanted.</summary>
    internal sealed class PreparedCommand : IDisposable
    {
        private readonly TypeServer _server;
        private readonly CommandHandler _handler;
        private readonly ArgumentSlice* _slices;
        private readonly int _count;

        public PreparedCommand(TypeServer server, string[] words)
        {
            _server = server;
            _handler = server._handlers[words[0].ToLowerInvariant()];
            _count = words.Length;
            _slices = (ArgumentSlice*)NativeMemory.Alloc((nuint)(words.Length * sizeof(ArgumentSlice)));
            for (int i = 0; i < words.Length; i++)
            {
                byte* bytes = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, words[i].Length));
                System.Text.Encoding.Latin1.GetBytes(words[i], new Span<byte>(bytes, words[i].Length));
                _slices[i] = new ArgumentSlice { Start = bytes, Length = words[i].Length };
            }
        }

        public void Run()
        {
            _server.ArgumentSlices = _slices;
            _server.ArgumentSliceCount = _count;
            _handler(_server);
        }

        public void Dispose()
        {
            for (int i = 0; i < _count; i++) NativeMemory.Free(_slices[i].Start);
            NativeMemory.Free(_slices);
        }
    }

    private sealed class FakeCommands(Dictionary<string, CommandHandler> handlers) : ICommandRegistry
    {
        public void Add(CommandDefinition definition) => handlers.Add(definition.Name, definition.Handler!);
    }
}
