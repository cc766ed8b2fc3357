// The context of the command that runs. One per server, refilled for each command; nested commands (EXEC, scripts, calls of
// modules) save and restore it.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Keyspace;
using Valkey.Host.Text;
using Valkey.Host.Transactions;
using Valkey.Structures;

namespace Valkey.Host.Commands;

internal sealed unsafe class HostContext : CommandContext
{
    private const string WrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";

    private readonly Server _server;
    private byte* _hashedKey;
    private int _hashedLength;
    private ulong _hash;

    public HostContext(Server server, RespReplyWriter writer)
    {
        _server = server;
        Writer = writer;
        Reply = writer;
    }

    public RespReplyWriter Writer { get; }

    public Server Server => _server;

    /// <summary>The client whose command runs.</summary>
    public Client CurrentClient { get; private set; } = null!;

    /// <summary>The database that it selected.</summary>
    public Database Database { get; private set; } = null!;

    /// <summary>The command that runs.</summary>
    public Command Command { get; set; } = null!;

    /// <inheritdoc/>
    public override IClient Client => CurrentClient;

    /// <inheritdoc/>
    public override int DatabaseIndex => Database.Index;

    /// <inheritdoc/>
    public override long NowUnixMs => _server.Clock.UnixMs;

    /// <inheritdoc/>
    public override bool PropagationWanted => _server.Propagation.IsWanted;

    /// <inheritdoc/>
    public override bool IsReplaying => _server.IsLoading || CurrentClient.Has(ClientFlags.Primary);

    /// <inheritdoc/>
    public override bool IsReplyFutile
    {
        get
        {
            if (CurrentClient.Output.ListLength > 0) _server.OutputLimits.Check(CurrentClient, asynchronously: true);
            return Writer.IsDiscarding || CurrentClient.Has(ClientFlags.CloseAsap);
        }
    }

    /// <inheritdoc/>
    public override long StringSizeMaxBytes => _server.StringSizeMaxBytes;

    /// <summary>The context as the host's own handlers see it.</summary>
    public static HostContext Of(CommandContext context) => Unsafe.As<HostContext>(context);

    /// <summary>What follows concerns this client and its database.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enter(Client client)
    {
        CurrentClient = client;
        Database = _server.Databases[client.DatabaseIndex];
    }

    /// <summary>The client selected another database.</summary>
    public void Select(int databaseIndex)
    {
        CurrentClient.DatabaseIndex = databaseIndex;
        Database = _server.Databases[databaseIndex];
    }

    /// <summary>The arguments of what runs next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetArguments(ArgumentSlice* slices, int count)
    {
        ArgumentSlices = slices;
        ArgumentSliceCount = count;
        _hashedKey = null;
    }

    /// <summary>Lets the reply writer write to a client until the scope is disposed.</summary>
    public ReplyScope WriteTo(Client client, bool isPush = false) => new(_server, client, isPush);

    /// <summary>An argument that nobody but the command may see: MONITOR and the command log show <c>(redacted)</c>.</summary>
    public void RedactArgument(int index) => CurrentClient.Redact(index);

    /// <summary>The arguments from one on, as a command of their own: of COMMAND GETKEYS.</summary>
    public CommandArguments ArgumentsFrom(int first) => new(ArgumentSlices + first, ArgumentSliceCount - first);

    /// <summary>The hash of a key; of the same argument it is computed once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong HashOf(ReadOnlySpan<byte> key)
    {
        byte* start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(key));
        if (start == _hashedKey && key.Length == _hashedLength && start != null) return _hash;
        return Rehash(key);
    }

    /// <inheritdoc/>
    public override KeyEntry LookupRead(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None)
    {
        ulong hash = (flags & LookupFlags.BuiltKey) == 0 ? HashOf(key) : KeyHash.Of(key);
        Entry entry = _server.Lookup.FindAlive(Database, key, hash);
        if (entry.IsNull)
        {
            if ((flags & LookupFlags.NoStats) == 0) NoteMiss(key);
            return default;
        }

        if ((flags & LookupFlags.NoStats) == 0) _server.Statistics.KeyspaceHits++;
        if ((flags & LookupFlags.NoTouch) == 0 && !SuppressesTouch) _server.Lookup.Touch(entry);
        return new KeyEntry(entry.Address);
    }

    /// <inheritdoc/>
    public override KeyEntry LookupWrite(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None)
    {
        ulong hash = (flags & LookupFlags.BuiltKey) == 0 ? HashOf(key) : KeyHash.Of(key);
        Entry entry = (flags & LookupFlags.Replace) == 0
            ? _server.Lookup.FindForWrite(Database, key, hash)
            : _server.Lookup.FindToReplace(Database, key, hash);
        if (entry.IsNull) return default;
        if ((flags & LookupFlags.NoTouch) == 0 && !SuppressesTouch) _server.Lookup.Touch(entry);
        return new KeyEntry(entry.Address);
    }

    /// <inheritdoc/>
    public override bool TryLookupRead(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry)
    {
        entry = LookupRead(key);
        return !entry.Exists || IsOfType(entry, type);
    }

    /// <inheritdoc/>
    public override bool TryLookupWrite(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry)
    {
        entry = LookupWrite(key);
        return !entry.Exists || IsOfType(entry, type);
    }

    /// <inheritdoc/>
    public override StoredValue ValueOf(KeyEntry entry) => DataTypeRegistry.ValueOf(new Entry(entry.Address));

    /// <inheritdoc/>
    public override DataType TypeOf(KeyEntry entry) => _server.DataTypes.Of(new Entry(entry.Address));

    /// <inheritdoc/>
    public override KeyEntry SetValue(
        ReadOnlySpan<byte> key, DataType type, byte encoding, long payload, bool keepExpiry = false)
    {
        Entry existing = _server.Lookup.FindToReplace(Database, key, HashOf(key));
        long expireAtUnixMs = keepExpiry && !existing.IsNull ? existing.ExpireAtUnixMs : Entry.NoExpiry;
        Entry created = Entry.CreateWithPayload(key, type.Id, encoding, payload, expireAtUnixMs, _server.AccessClock.Initial);
        return existing.IsNull
            ? AddEntry(new KeyEntry(created.Address))
            : ReplaceEntry(new KeyEntry(existing.Address), new KeyEntry(created.Address));
    }

    /// <inheritdoc/>
    public override bool CanChangeInPlace(KeyEntry entry) =>
        Database.Iteration is not { } iteration || iteration.IsDone(new Entry(entry.Address));

    /// <inheritdoc/>
    public override void UpdatePayload(KeyEntry entry, byte encoding, long payload)
    {
        Entry target = new(entry.Address);
        target.Encoding = encoding;
        target.Payload = payload;
    }

    /// <inheritdoc/>
    public override KeyEntry AddEntry(KeyEntry entry)
    {
        Entry added = new(entry.Address);
        added.AccessClock = _server.AccessClock.Initial;
        Database.Add(added, KnownHashOf(added.Key));
        if (_server.Events.IsWanted(KeyspaceEvent.New)) Notify(KeyspaceEvent.New, "new"u8, added.Key);
        return entry;
    }

    /// <inheritdoc/>
    public override KeyEntry ReplaceEntry(KeyEntry existing, KeyEntry replacement)
    {
        Entry old = new(existing.Address);
        Entry added = new(replacement.Address);
        added.AccessClock = old.AccessClock;
        Database.Replace(old, added, KnownHashOf(added.Key));
        _server.Keyspace.Discard(Database, old, _server.Options.LazyFreeServerDel.Value);
        return replacement;
    }

    /// <inheritdoc/>
    public override void EntryMoved(nint previousAddress, KeyEntry current)
    {
        Entry moved = new(current.Address);
        Database.Moved(previousAddress, moved, KnownHashOf(moved.Key));
    }

    /// <inheritdoc/>
    public override bool Delete(ReadOnlySpan<byte> key) =>
        _server.Keyspace.Delete(Database, key, HashOf(key), _server.Options.LazyFreeServerDel.Value);

    /// <inheritdoc/>
    public override KeyEntry SetExpiry(KeyEntry entry, long expireAtUnixMs) =>
        new(Database.SetExpiry(new Entry(entry.Address), expireAtUnixMs).Address);

    /// <inheritdoc/>
    public override long ExpiryOf(KeyEntry entry) => new Entry(entry.Address).ExpireAtUnixMs;

    /// <inheritdoc/>
    public override void SetUsage(KeyEntry entry, long idleSeconds, int frequency) =>
        _server.AccessClock.SetUsage(new Entry(entry.Address), idleSeconds, frequency);

    /// <inheritdoc/>
    public override bool IsExpiredAlready(long expireAtUnixMs) =>
        expireAtUnixMs <= NowUnixMs && !IsReplaying && !_server.IsImporting;

    /// <inheritdoc/>
    public override long ItemExpiryNowUnixMs => _server.Lookup.IgnoresExpiry(CurrentClient) ? long.MinValue : NowUnixMs;

    /// <inheritdoc/>
    public override void SetHasExpiringItems(KeyEntry entry, bool hasExpiringItems) =>
        Database.SetHasExpiringItems(new Entry(entry.Address), hasExpiringItems);

    /// <inheritdoc/>
    public override void CountExpiredItems(long count) => _server.Statistics.ExpiredItems += count;

    /// <inheritdoc/>
    public override void SignalModified(ReadOnlySpan<byte> key, long dirtyCount = 1)
    {
        Database.Watches.Touch(key);
        if (Database.Uncommitted is { } keys) keys.Mark(Database.Index, KnownHashOf(key));
        if (_server.KeyAccess.IsWanted) _server.KeyAccess.Changed(Database.Index, key);
        _server.Dirty += dirtyCount;
    }

    /// <inheritdoc/>
    public override void AddDirty(long dirtyCount) => _server.Dirty += dirtyCount;

    /// <inheritdoc/>
    public override void Notify(KeyspaceEvent eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key)
    {
        if (_server.Events.IsWanted(eventClass)) _server.Events.Publish(eventClass, eventName, key, Database.Index);
    }

    /// <inheritdoc/>
    public override void PropagateInstead(params ReadOnlySpan<PropagatedArgument> arguments) =>
        _server.Propagation.Instead(Database.Index, arguments);

    /// <inheritdoc/>
    public override void PropagateAlso(int databaseIndex, params ReadOnlySpan<PropagatedArgument> arguments) =>
        _server.Propagation.Also(databaseIndex, arguments);

    /// <inheritdoc/>
    public override void DoNotPropagate() => _server.Propagation.Suppress();

    /// <inheritdoc/>
    public override bool TryInteger(int index, out long value, string? error = null)
    {
        if (IntegerText.TryParse(Argument(index), out value)) return true;
        Reply.Error(error is null ? "ERR value is not an integer or out of range" : WithCode(error));
        return false;
    }

    /// <inheritdoc/>
    public override bool TryIntegerInRange(int index, long min, long max, out long value, string? error = null)
    {
        if (!TryInteger(index, out value, error)) return false;
        if (value >= min && value <= max) return true;
        Reply.Error(error is not null
            ? WithCode(error)
            : min == 0 && max == long.MaxValue
                ? "ERR value is out of range, must be positive"
                : $"ERR value is out of range, value must between {min} and {max}");
        return false;
    }

    /// <inheritdoc/>
    public override bool TryDouble(int index, out double value, string? error = null)
    {
        if (DoubleText.TryParse(Argument(index), out value)) return true;
        Reply.Error(error is null ? "ERR value is not a valid float" : WithCode(error));
        return false;
    }

    /// <inheritdoc/>
    public override void BlockOnKeys(BlockingWait wait)
    {
        if (!CurrentClient.DeniesBlocking) _server.KeyWaits.Block(CurrentClient, Command, Arguments, ArgumentSlices, in wait);
        else if (wait.OnTimeout == TimeoutReply.Null) Reply.Null();
        else Reply.NullArray();
    }

    /// <inheritdoc/>
    public override void Block(ClientWait wait)
    {
        if (CurrentClient.DeniesBlocking) throw new InvalidOperationException("This client cannot wait.");
        QueuedCommand request = new(Command, ArgumentSlices, ArgumentCount);
        long deadlineUnixMs = wait.TimeoutMs > 0 ? NowUnixMs + wait.TimeoutMs : 0;
        _server.Blocked.Block(CurrentClient, new PluginWait(_server, CurrentClient, wait, request) { DeadlineUnixMs = deadlineUnixMs });
    }

    /// <inheritdoc/>
    public override long LastWriteOffset => CurrentClient.LastWriteOffset;

    /// <inheritdoc/>
    public override void SignalKeyReady(ReadOnlySpan<byte> key)
    {
        if (Database.Waits.KeyCount > 0) Database.Waits.Signal(key);
    }

    /// <inheritdoc/>
    public override bool TryTimeout(int index, out long timeoutMs)
    {
        string? error = TimeoutText.Read(Argument(index), NowUnixMs, out timeoutMs);
        if (error is not null) Reply.Error(error);
        return error is null;
    }

    private bool SuppressesTouch => CurrentClient.Has(ClientFlags.NoTouch) && !Command.Name.Equals("touch", StringComparison.Ordinal);

    private bool IsOfType(KeyEntry entry, DataType type)
    {
        Entry found = new(entry.Address);
        if (found.TypeId == type.Id) return true;
        if (!_server.KeyWaits.StaysWaiting(CurrentClient, found.Key)) Reply.Error(WrongType);
        return false;
    }

    private void NoteMiss(ReadOnlySpan<byte> key)
    {
        _server.Statistics.KeyspaceMisses++;
        Notify(KeyspaceEvent.KeyMiss, "keymiss"u8, key);
    }

    private ulong Rehash(ReadOnlySpan<byte> key)
    {
        _hashedKey = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(key));
        _hashedLength = key.Length;
        return _hash = KeyHash.Of(key);
    }

    /// <summary>The hash of an entry's key, which is nearly always the argument that was looked up last.</summary>
    private ulong KnownHashOf(ReadOnlySpan<byte> key) =>
        _hashedKey != null && key.SequenceEqual(new ReadOnlySpan<byte>(_hashedKey, _hashedLength)) ? _hash : KeyHash.Of(key);

    /// <summary>An error begins with its code: a word in capitals. One without gets the general code.</summary>
    private static string WithCode(string error)
    {
        int codeLength = error.IndexOf(' ', StringComparison.Ordinal);
        bool hasCode = codeLength > 0 && !error.AsSpan(0, codeLength).ContainsAnyExceptInRange('A', 'Z');
        return hasCode ? error : "ERR " + error;
    }
}
