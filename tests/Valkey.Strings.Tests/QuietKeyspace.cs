// A keyspace of a few keys that allocates nothing itself, and a writer that throws replies away, so that what is allocated
// while a command runs is the command's.

using System.Runtime.InteropServices;
using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings.Tests;

internal sealed unsafe class QuietKeyspace : CommandContext, IDisposable
{
    private const int KeysMax = 8;

    private readonly nint[] _entries = new nint[KeysMax];
    private readonly FakeKeyspace _commands = new();
    private readonly QuietWriter _writer = new();

    public QuietKeyspace() => Reply = _writer;

    public int ErrorCount => _writer.ErrorCount;

    public override IClient Client => throw new NotSupportedException("No handler of strings asks who its client is.");

    public override int DatabaseIndex => 0;

    public override long NowUnixMs => FakeKeyspace.Now;

    public override bool PropagationWanted => true;

    public override void BlockOnKeys(BlockingWait wait) => throw new NotSupportedException();

    public override void SignalKeyReady(ReadOnlySpan<byte> key) => throw new NotSupportedException();

    public override bool TryTimeout(int index, out long timeoutMs) => throw new NotSupportedException();

    public override bool IsReplaying => false;

    public override long StringSizeMaxBytes => 512 * 1024 * 1024;

    public void Seed(string key, string value) => AddEntry(new KeyEntry(StringValue.Create(
        Encoding.ASCII.GetBytes(key), StringType.Descriptor.Id, Encoding.ASCII.GetBytes(value)).Address));

    /// <summary>A command whose arguments lie ready, to be run often.</summary>
    public Prepared Prepare(string[] words) => new(this, words);

    public override KeyEntry LookupRead(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None) =>
        new(_entries[IndexOf(key)]);

    public override KeyEntry LookupWrite(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None) => LookupRead(key);

    public override bool TryLookupRead(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry)
    {
        entry = LookupRead(key);
        return true;
    }

    public override bool TryLookupWrite(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry) =>
        TryLookupRead(key, type, out entry);

    public override StoredValue ValueOf(KeyEntry entry) => throw new NotSupportedException("Strings read entries themselves.");

    public override DataType TypeOf(KeyEntry entry) => StringType.Descriptor;

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
        _entries[Array.IndexOf(_entries, 0)] = entry.Address;
        return entry;
    }

    public override KeyEntry ReplaceEntry(KeyEntry existing, KeyEntry replacement)
    {
        EntryMoved(existing.Address, replacement);
        StringValue.Free(new Entry(existing.Address));
        return replacement;
    }

    public override void EntryMoved(nint previousAddress, KeyEntry current) =>
        _entries[Array.IndexOf(_entries, previousAddress)] = current.Address;

    public override bool Delete(ReadOnlySpan<byte> key) => throw new NotSupportedException("Nothing is deleted here.");

    public override KeyEntry SetExpiry(KeyEntry entry, long expireAtUnixMs)
    {
        KeyEntry moved = new(new Entry(entry.Address).WithExpiry(expireAtUnixMs).Address);
        if (moved.Address != entry.Address) EntryMoved(entry.Address, moved);
        return moved;
    }

    public override long ExpiryOf(KeyEntry entry) => new Entry(entry.Address).ExpireAtUnixMs;

    public override bool IsExpiredAlready(long expireAtUnixMs) => false;

    public override void SignalModified(ReadOnlySpan<byte> key, long dirtyCount = 1) { }

    public override void AddDirty(long dirtyCount) { }

    public override void Notify(KeyspaceEvent eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key) { }

    public override void PropagateInstead(params ReadOnlySpan<PropagatedArgument> arguments) { }

    public override void PropagateAlso(int databaseIndex, params ReadOnlySpan<PropagatedArgument> arguments) { }

    public override void DoNotPropagate() { }

    public override bool TryInteger(int index, out long value, string? error = null) =>
        IntegerText.TryParse(Argument(index), out value) || Refuse();

    public override bool TryIntegerInRange(int index, long min, long max, out long value, string? error = null) =>
        TryInteger(index, out value);

    public override bool TryDouble(int index, out double value, string? error = null) =>
        throw new NotSupportedException("Strings read fractions themselves.");

    public void Dispose()
    {
        foreach (nint address in _entries)
        {
            if (address != 0) StringValue.Free(new Entry(address));
        }

        _commands.Dispose();
    }

    private int IndexOf(ReadOnlySpan<byte> key)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            if (_entries[i] != 0 && new Entry(_entries[i]).Key.SequenceEqual(key)) return i;
        }

        throw new InvalidOperationException("The test did not seed this key.");
    }

    private bool Refuse()
    {
        Reply.SyntaxError();
        return false;
    }

    internal sealed class Prepared : IDisposable
    {
        private readonly QuietKeyspace _server;
        private readonly CommandHandler _handler;
        private readonly ArgumentSlice* _slices;
        private readonly int _count;

        public Prepared(QuietKeyspace server, string[] words)
        {
            _server = server;
            _handler = server._commands.HandlerOf(words[0]);
            _count = words.Length;
            _slices = (ArgumentSlice*)NativeMemory.Alloc((nuint)(words.Length * sizeof(ArgumentSlice)));
            for (int i = 0; i < words.Length; i++)
            {
                byte* bytes = (byte*)NativeMemory.Alloc((nuint)words[i].Length);
                Encoding.ASCII.GetBytes(words[i], new Span<byte>(bytes, words[i].Length));
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

    private sealed class QuietWriter : ReplyWriter
    {
        public int ErrorCount { get; private set; }

        public override int ProtocolVersion => 2;

        public override void Ok() { }

        public override void SimpleString(ReadOnlySpan<byte> text) { }

        public override void Error(string codeAndText) => ErrorCount++;

        public override void Error(ReadOnlySpan<byte> codeAndText) => ErrorCount++;

        public override void Integer(long value) { }

        public override void Bulk(ReadOnlySpan<byte> bytes) { }

        public override void Bulk(string text) { }

        public override void BulkInteger(long value) { }

        public override void BulkShared(ReadOnlySpan<byte> bytes, nint owner, ReleaseSharedBytes release) => release(owner);

        public override void Null() { }

        public override void NullArray() { }

        public override void Double(double value) { }

        public override void DoubleText(ReadOnlySpan<byte> text) { }

        public override void Boolean(bool value) { }

        public override void BigNumber(ReadOnlySpan<byte> digits) { }

        public override void Verbatim(ReadOnlySpan<byte> format, ReadOnlySpan<byte> text) { }

        public override void ArrayHeader(long count) { }

        public override void MapHeader(long pairCount) { }

        public override void SetHeader(long count) { }

        public override void AttributeHeader(long pairCount) { }

        public override void PushHeader(long count) { }

        public override DeferredLength BeginDeferred() => default;

        public override void EndArray(DeferredLength deferred, long count) { }

        public override void EndMap(DeferredLength deferred, long pairCount) { }

        public override void EndSet(DeferredLength deferred, long count) { }

        public override void Raw(ReadOnlySpan<byte> resp) { }
    }
}
