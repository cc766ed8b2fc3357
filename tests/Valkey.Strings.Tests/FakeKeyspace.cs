// A server as small as possible for the plugin's handlers: one database over real entries, a clock that stands still,
// replies as RESP text. What the handlers signal, notify and propagate is kept for the tests to look at.

using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings.Tests;

internal sealed unsafe class FakeKeyspace : CommandContext, IDisposable
{
    public const long Now = 1_700_000_000_000;

    private readonly Dictionary<string, nint> _keys = [];
    private readonly FakeCommands _commands = new();
    private readonly RespTextWriter _writer;

    public FakeKeyspace(int protocolVersion = 2)
    {
        StringType.Descriptor.Id = 1;
        _writer = new RespTextWriter(protocolVersion);
        Reply = _writer;
        SetCommand.Register(_commands);
        GetCommands.Register(_commands);
        CounterCommands.Register(_commands);
        RangeCommands.Register(_commands);
        MultiKeyCommands.Register(_commands);
        LcsCommand.Register(_commands);
        BitCommands.Register(_commands);
        BitRangeCommands.Register(_commands);
        BitOpCommand.Register(_commands);
        BitFieldCommands.Register(_commands);
    }

    public long Dirty { get; private set; }

    public List<string> Events { get; } = [];

    public string? Propagated { get; private set; }

    public override IClient Client => throw new NotSupportedException("No handler of strings asks who its client is.");

    public override int DatabaseIndex => 0;

    public override long NowUnixMs => Now;

    public override bool PropagationWanted => true;

    public override void BlockOnKeys(BlockingWait wait) => throw new NotSupportedException();

    public override void SignalKeyReady(ReadOnlySpan<byte> key) => throw new NotSupportedException();

    public override bool TryTimeout(int index, out long timeoutMs) => throw new NotSupportedException();

    public override bool IsReplaying => false;

    public override long StringSizeMaxBytes => 512 * 1024 * 1024;

    /// <summary>Runs a command, its words as Latin-1, and returns the reply as it would be sent.</summary>
    public string Run(params string[] words)
    {
        _writer.Clear();
        Execute(words);
        return _writer.Text;
    }

    /// <summary>Runs commands whose replies are all still to be sent when the last one has run.</summary>
    public string RunKeepingReply(params string[][] commands)
    {
        _writer.Clear();
        foreach (string[] words in commands) Execute(words);
        return _writer.Text;
    }

    private void Execute(string[] words)
    {
        CommandDefinition command = _commands.ByName[words[0].ToLowerInvariant()];
        Propagated = null;
        Events.Clear();
        Dirty = 0;
        using NativeArguments arguments = new(words);
        ArgumentSlices = arguments.Slices;
        ArgumentSliceCount = words.Length;
        command.Handler!(this);
        if (Propagated is null && Dirty > 0) Propagated = string.Join(' ', words);
    }

    public CommandHandler HandlerOf(string name) => _commands.ByName[name.ToLowerInvariant()].Handler!;

    public string Encoding(string key) => StringType.Descriptor.EncodingName(ValueOf(LookupRead(Bytes(key))));

    public long ExpiryOf(string key) => ExpiryOf(LookupRead(Bytes(key)));

    /// <summary>Puts a value of some other type under a key.</summary>
    public void AddForeign(string key) =>
        AddEntry(new KeyEntry(Entry.CreateWithPayload(Bytes(key), typeId: 2, encoding: 0, payload: 0).Address));

    public override KeyEntry LookupRead(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None)
    {
        if (!_keys.TryGetValue(Name(key), out nint address)) return default;
        long expireAt = new Entry(address).ExpireAtUnixMs;
        if (expireAt < 0 || expireAt > Now) return new KeyEntry(address);
        Delete(key);
        return default;
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
        return stored.IsEmbedded
            ? new StoredValue(stored.Encoding, 0, stored.EmbeddedValue, true)
            : new StoredValue(stored.Encoding, stored.Payload, default, false);
    }

    public override DataType TypeOf(KeyEntry entry) =>
        new Entry(entry.Address).TypeId == StringType.Descriptor.Id ? StringType.Descriptor : null!;

    public override KeyEntry SetValue(
        ReadOnlySpan<byte> key, DataType type, byte encoding, long payload, bool keepExpiry = false) =>
        throw new NotSupportedException("Strings build their entries themselves.");

    public override void UpdatePayload(KeyEntry entry, byte encoding, long payload)
    {
        Entry stored = new(entry.Address);
        stored.Encoding = encoding;
        stored.Payload = payload;
    }

    public override KeyEntry AddEntry(KeyEntry entry)
    {
        _keys.Add(Name(new Entry(entry.Address).Key), entry.Address);
        return entry;
    }

    public override KeyEntry ReplaceEntry(KeyEntry existing, KeyEntry replacement)
    {
        _keys[Name(new Entry(replacement.Address).Key)] = replacement.Address;
        Free(existing.Address);
        return replacement;
    }

    public override void EntryMoved(nint previousAddress, KeyEntry current) =>
        _keys[Name(new Entry(current.Address).Key)] = current.Address;

    public override bool Delete(ReadOnlySpan<byte> key)
    {
        if (!_keys.Remove(Name(key), out nint address)) return false;
        Free(address);
        return true;
    }

    public override KeyEntry SetExpiry(KeyEntry entry, long expireAtUnixMs)
    {
        KeyEntry moved = new(new Entry(entry.Address).WithExpiry(expireAtUnixMs).Address);
        EntryMoved(entry.Address, moved);
        return moved;
    }

    public override long ExpiryOf(KeyEntry entry) => new Entry(entry.Address).ExpireAtUnixMs;

    public override bool IsExpiredAlready(long expireAtUnixMs) => expireAtUnixMs <= Now;

    public override void SignalModified(ReadOnlySpan<byte> key, long dirtyCount = 1) => Dirty += dirtyCount;

    public override void AddDirty(long dirtyCount) => Dirty += dirtyCount;

    public override void Notify(KeyspaceEvent eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key) =>
        Events.Add($"{eventClass}:{Name(eventName)}:{Name(key)}");

    public override void PropagateInstead(params ReadOnlySpan<PropagatedArgument> arguments)
    {
        List<string> words = [];
        foreach (PropagatedArgument argument in arguments)
        {
            words.Add(argument.IsNumber ? argument.Number.ToString() : Name(argument.Bytes));
        }

        Propagated = string.Join(' ', words);
    }

    public override void PropagateAlso(int databaseIndex, params ReadOnlySpan<PropagatedArgument> arguments) =>
        throw new NotSupportedException("Strings never propagate more than one command.");

    public override void DoNotPropagate() => Propagated = "";

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

    public override bool TryDouble(int index, out double value, string? error = null) =>
        throw new NotSupportedException("Strings read fractions themselves.");

    public void Dispose()
    {
        _writer.Clear();
        foreach (nint address in _keys.Values) Free(address);
        _keys.Clear();
    }

    private static void Free(nint address)
    {
        Entry entry = new(address);
        if (entry.TypeId == StringType.Descriptor.Id) StringValue.Free(entry);
        else entry.FreeShell();
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.Latin1.GetBytes(text);

    private static string Name(ReadOnlySpan<byte> bytes) => System.Text.Encoding.Latin1.GetString(bytes);

    private sealed class FakeCommands : ICommandRegistry
    {
        public Dictionary<string, CommandDefinition> ByName { get; } = [];

        public void Add(CommandDefinition definition) => ByName.Add(definition.Name, definition);
    }

    /// <summary>Arguments where the parser would have them: in native memory.</summary>
    private sealed class NativeArguments : IDisposable
    {
        public NativeArguments(string[] words)
        {
            Slices = (ArgumentSlice*)NativeMemory.Alloc((nuint)(words.Length * sizeof(ArgumentSlice)));
            int total = 0;
            foreach (string word in words) total += word.Length;
            byte* bytes = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, total));
            _bytes = bytes;
            for (int i = 0; i < words.Length; i++)
            {
                Slices[i] = new ArgumentSlice { Start = bytes, Length = words[i].Length };
                System.Text.Encoding.Latin1.GetBytes(words[i], new Span<byte>(bytes, words[i].Length));
                bytes += words[i].Length;
            }
        }

        private readonly byte* _bytes;

        public ArgumentSlice* Slices { get; }

        public void Dispose()
        {
            NativeMemory.Free(_bytes);
            NativeMemory.Free(Slices);
        }
    }
}
