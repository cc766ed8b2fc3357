// A command in execution over a dataset of one dictionary. Keys never expire here.

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Valkey.Abstractions;

namespace Valkey.PluginTests.Fakes;

internal sealed unsafe class FakeCommandContext : CommandContext, IEntryFactory, IDisposable
{
    private readonly List<Entry?> _entries = [null];
    private readonly List<nint> _allocated = [];

    /// <summary>What was signalled, notified and propagated otherwise than by the command itself.</summary>
    public List<string> Effects { get; } = [];

    public override IClient Client { get; } = new FakeClient();

    public override int DatabaseIndex => 0;

    public override long NowUnixMs => 1_700_000_000_000;

    public override bool PropagationWanted => true;

    public override void BlockOnKeys(BlockingWait wait) => throw new NotSupportedException();

    public override void SignalKeyReady(ReadOnlySpan<byte> key) => throw new NotSupportedException();

    public override bool TryTimeout(int index, out long timeoutMs) => throw new NotSupportedException();

    public override bool IsReplaying => false;

    public override long StringSizeMaxBytes => 512 * 1024 * 1024;

    /// <summary>Number of keys.</summary>
    public int KeyCount => _entries.Count(entry => entry is { IsStored: true });

    /// <summary>Runs a command and returns its reply as text.</summary>
    public string Run(CommandHandler handler, int protocolVersion, params string[] arguments)
    {
        ArgumentSlices = (ArgumentSlice*)Allocate(sizeof(ArgumentSlice) * arguments.Length);
        ArgumentSliceCount = arguments.Length;
        for (int i = 0; i < arguments.Length; i++)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(arguments[i]);
            byte* start = (byte*)Allocate(bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(start, bytes.Length));
            ArgumentSlices[i] = new ArgumentSlice { Start = start, Length = bytes.Length };
        }

        RespText reply = new(protocolVersion);
        Reply = reply;
        handler(this);
        return reply.Text;
    }

    public KeyEntry Create(ReadOnlySpan<byte> key, DataType type, byte encoding, long payload)
    {
        _entries.Add(new Entry { Key = Encoding.Latin1.GetString(key), Type = type, Encoding = encoding, Payload = payload });
        return new KeyEntry(_entries.Count - 1);
    }

    public KeyEntry CreateEmbedded(ReadOnlySpan<byte> key, DataType type, byte encoding, ReadOnlySpan<byte> value) =>
        throw new NotSupportedException("No sample embeds its value.");

    public override KeyEntry LookupRead(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None)
    {
        string name = Encoding.Latin1.GetString(key);
        int index = _entries.FindIndex(entry => entry is { IsStored: true } && entry.Key == name);
        return new KeyEntry(Math.Max(index, 0));
    }

    public override KeyEntry LookupWrite(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None) => LookupRead(key, flags);

    public override bool TryLookupRead(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry)
    {
        entry = LookupRead(key);
        if (!entry.Exists || TypeOf(entry) == type) return true;
        Reply.Error("WRONGTYPE Operation against a key holding the wrong kind of value");
        return false;
    }

    public override bool TryLookupWrite(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry) =>
        TryLookupRead(key, type, out entry);

    public override StoredValue ValueOf(KeyEntry entry) =>
        new(_entries[(int)entry.Address]!.Encoding, _entries[(int)entry.Address]!.Payload, default, false);

    public override DataType TypeOf(KeyEntry entry) => _entries[(int)entry.Address]!.Type;

    public override KeyEntry SetValue(
        ReadOnlySpan<byte> key, DataType type, byte encoding, long payload, bool keepExpiry = false)
    {
        Delete(key);
        return AddEntry(Create(key, type, encoding, payload));
    }

    public override void UpdatePayload(KeyEntry entry, byte encoding, long payload)
    {
        _entries[(int)entry.Address]!.Encoding = encoding;
        _entries[(int)entry.Address]!.Payload = payload;
    }

    public override KeyEntry AddEntry(KeyEntry entry)
    {
        _entries[(int)entry.Address]!.IsStored = true;
        return entry;
    }

    public override KeyEntry ReplaceEntry(KeyEntry existing, KeyEntry replacement) =>
        throw new NotSupportedException("No sample replaces entries.");

    public override void EntryMoved(nint previousAddress, KeyEntry current) =>
        throw new NotSupportedException("No sample moves entries.");

    public override bool Delete(ReadOnlySpan<byte> key)
    {
        KeyEntry entry = LookupRead(key);
        if (!entry.Exists) return false;
        TypeOf(entry).Free(ValueOf(entry));
        _entries[(int)entry.Address]!.IsStored = false;
        return true;
    }

    public override KeyEntry SetExpiry(KeyEntry entry, long expireAtUnixMs) => entry;

    public override long ExpiryOf(KeyEntry entry) => -1;

    public override bool IsExpiredAlready(long expireAtUnixMs) => false;

    public override void SignalModified(ReadOnlySpan<byte> key, long dirtyCount = 1) =>
        Effects.Add($"modified {Encoding.Latin1.GetString(key)} {dirtyCount}");

    public override void AddDirty(long dirtyCount) => Effects.Add($"dirty {dirtyCount}");

    public override void Notify(KeyspaceEvent eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key) =>
        Effects.Add($"{eventClass} {Encoding.Latin1.GetString(eventName)} {Encoding.Latin1.GetString(key)}");

    public override void PropagateInstead(params ReadOnlySpan<PropagatedArgument> arguments) => Effects.Add("propagate instead");

    public override void PropagateAlso(int databaseIndex, params ReadOnlySpan<PropagatedArgument> arguments) =>
        Effects.Add("propagate also");

    public override void DoNotPropagate() => Effects.Add("do not propagate");

    public override bool TryInteger(int index, out long value, string? error = null)
    {
        string text = Encoding.Latin1.GetString(Argument(index));
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)) return true;
        Reply.Error(error ?? "ERR value is not an integer or out of range");
        return false;
    }

    public override bool TryIntegerInRange(int index, long min, long max, out long value, string? error = null)
    {
        if (!TryInteger(index, out value, error)) return false;
        if (value >= min && value <= max) return true;
        Reply.Error(error ?? "ERR value is out of range");
        return false;
    }

    public override bool TryDouble(int index, out double value, string? error = null)
    {
        string text = Encoding.Latin1.GetString(Argument(index));
        if (double.TryParse(text, CultureInfo.InvariantCulture, out value)) return true;
        Reply.Error(error ?? "ERR value is not a valid float");
        return false;
    }

    /// <summary>Frees the values that are still stored, and the arguments.</summary>
    public void Dispose()
    {
        foreach (Entry? entry in _entries)
        {
            if (entry is { IsStored: true }) entry.Type.Free(new StoredValue(entry.Encoding, entry.Payload, default, false));
        }

        foreach (nint block in _allocated) NativeMemory.Free((void*)block);
    }

    private nint Allocate(int sizeBytes)
    {
        nint block = (nint)NativeMemory.Alloc((nuint)sizeBytes);
        _allocated.Add(block);
        return block;
    }

    private sealed class Entry
    {
        public required string Key { get; init; }

        public required DataType Type { get; init; }

        public byte Encoding { get; set; }

        public long Payload { get; set; }

        public bool IsStored { get; set; }
    }

    private sealed class FakeClient : IClient
    {
        public long Id => 1;

        public string Name => "";

        public int ProtocolVersion => 3;

        public string UserName => "default";

        public string Address => "127.0.0.1:5000";

        public bool IsLocal => true;

        public bool DeniesBlocking => false;
    }
}
