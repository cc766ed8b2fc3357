// All that a command handler is given. There is one context per server, refilled for each command, so nothing of it may
// be kept after the handler returned. Command thread only; nothing here allocates managed memory on the plain path.

using System.Runtime.CompilerServices;

namespace Valkey.Abstractions;

/// <summary>How a lookup behaves beside finding the key.</summary>
[Flags]
public enum LookupFlags
{
    /// <summary>Counts hit or miss, refreshes the access clock.</summary>
    None = 0,

    /// <summary>Leaves the access clock alone.</summary>
    NoTouch = 1,

    /// <summary>Leaves the hit and miss counters and the keymiss event alone.</summary>
    NoStats = 2,

    /// <summary>The key was put together by the handler, in memory that it uses again: nothing may be remembered by its address.</summary>
    BuiltKey = 4,

    /// <summary>
    /// Of a lookup for write: the caller deletes what it finds or puts another entry in its place, and changes nothing inside
    /// of it unless <see cref="CommandContext.CanChangeInPlace"/> allows it. So a snapshot that still needs the entry is not
    /// waited for: it takes over what is replaced.
    /// </summary>
    Replace = 8,
}

/// <summary>One command in execution.</summary>
public abstract unsafe class CommandContext
{
    internal ArgumentSlice* ArgumentSlices;
    internal int ArgumentSliceCount;

    /// <summary>Number of arguments, the command's name included.</summary>
    public int ArgumentCount => ArgumentSliceCount;

    /// <summary>All arguments.</summary>
    public CommandArguments Arguments => new(ArgumentSlices, ArgumentSliceCount);

    /// <summary>The bytes of an argument; valid until the handler returns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such argument.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Argument(int index) => Arguments[index];

    /// <summary>Writes the reply, in the client's protocol version, straight into its output buffer.</summary>
    public ReplyWriter Reply { get; internal set; } = null!;

    /// <summary>Who asked.</summary>
    public abstract IClient Client { get; }

    /// <summary>The database that the client selected.</summary>
    public abstract int DatabaseIndex { get; }

    /// <summary>Wall clock at the start of the command, milliseconds since 1970: one moment for the whole command or transaction.</summary>
    public abstract long NowUnixMs { get; }

    /// <summary>Finds a key for reading. An expired key is not found. The handle is valid until the key changes.</summary>
    public abstract KeyEntry LookupRead(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None);

    /// <summary>Finds a key for changing it. An expired key is deleted first and not found.</summary>
    public abstract KeyEntry LookupWrite(ReadOnlySpan<byte> key, LookupFlags flags = LookupFlags.None);

    /// <summary>
    /// Whether what was found with <see cref="LookupFlags.Replace"/> may be changed in place nevertheless. False while a snapshot
    /// still needs it.
    /// </summary>
    public virtual bool CanChangeInPlace(KeyEntry entry) => true;

    /// <summary>As <see cref="LookupRead"/>; false after replying WRONGTYPE when the key holds another type. A missing key is true with an empty handle.</summary>
    public abstract bool TryLookupRead(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry);

    /// <summary>As <see cref="LookupWrite"/>; false after replying WRONGTYPE when the key holds another type. A missing key is true with an empty handle.</summary>
    public abstract bool TryLookupWrite(ReadOnlySpan<byte> key, DataType type, out KeyEntry entry);

    /// <summary>The value behind a handle.</summary>
    public abstract StoredValue ValueOf(KeyEntry entry);

    /// <summary>The type of the value behind a handle.</summary>
    public abstract DataType TypeOf(KeyEntry entry);

    /// <summary>Creates the key or replaces its value, which is freed (lazily where configured). Clears the expiry unless told to keep it.</summary>
    public abstract KeyEntry SetValue(
        ReadOnlySpan<byte> key, DataType type, byte encoding, long payload, bool keepExpiry = false);

    /// <summary>Exchanges the payload word of a value whose native part has moved. Nothing is freed.</summary>
    public abstract void UpdatePayload(KeyEntry entry, byte encoding, long payload);

    /// <summary>Adds an entry that the caller built for a key that is known to be absent. The keyspace owns it from now on.</summary>
    /// <remarks>For data types built on Valkey.Structures that embed their value in the entry.</remarks>
    public abstract KeyEntry AddEntry(KeyEntry entry);

    /// <summary>Puts an entry that the caller built in the place of the one that holds the same key; the old value is freed.</summary>
    public abstract KeyEntry ReplaceEntry(KeyEntry existing, KeyEntry replacement);

    /// <summary>Puts an entry into the place of one whose value it took over: only the old shell was freed, by the caller.</summary>
    public abstract void EntryMoved(nint previousAddress, KeyEntry current);

    /// <summary>Deletes a key. True when it was there. Does not signal, notify or reply.</summary>
    public abstract bool Delete(ReadOnlySpan<byte> key);

    /// <summary>Sets when a key expires, milliseconds since 1970; -1 makes it permanent. The entry may move: go on with the result.</summary>
    public abstract KeyEntry SetExpiry(KeyEntry entry, long expireAtUnixMs);

    /// <summary>When the key expires, or -1.</summary>
    public abstract long ExpiryOf(KeyEntry entry);

    /// <summary>Sets what eviction goes by: seconds without use, or a frequency of 0 to 255, whichever the policy asks for; -1 for not given.</summary>
    public virtual void SetUsage(KeyEntry entry, long idleSeconds, int frequency) { }

    /// <summary>
    /// True when a key that expires at this moment has expired already and would be deleted rather than written: never while
    /// loading or for commands of the primary.
    /// </summary>
    public abstract bool IsExpiredAlready(long expireAtUnixMs);

    /// <summary>
    /// The moment by which items with a time to live of their own are over: <see cref="NowUnixMs"/>, or the smallest number
    /// where nothing is, because somebody else decides: while loading, for commands of the primary or of an import's source.
    /// </summary>
    public virtual long ItemExpiryNowUnixMs => NowUnixMs;

    /// <summary>Says whether the value of a key has items that expire, so that active expiry finds them.</summary>
    public virtual void SetHasExpiringItems(KeyEntry entry, bool hasExpiringItems) { }

    /// <summary>Counts items that were found expired, for INFO.</summary>
    public virtual void CountExpiredItems(long count) { }

    /// <summary>Tells WATCH and client-side caching that the key changed, and counts the change for persistence and propagation.</summary>
    public abstract void SignalModified(ReadOnlySpan<byte> key, long dirtyCount = 1);

    /// <summary>Counts changes without signalling a key.</summary>
    public abstract void AddDirty(long dirtyCount);

    /// <summary>Publishes a key event: to plugins now, to subscribed clients once the write is durable.</summary>
    public abstract void Notify(KeyspaceEvent eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key);

    /// <summary>False when no sink wants what is propagated: the calls below then have nothing to do.</summary>
    public abstract bool PropagationWanted { get; }

    /// <summary>Propagates this command instead of the one that is running. Arguments are copied.</summary>
    public abstract void PropagateInstead(params ReadOnlySpan<PropagatedArgument> arguments);

    /// <summary>Propagates this command too: in the order of the calls, and before the running one.</summary>
    public abstract void PropagateAlso(int databaseIndex, params ReadOnlySpan<PropagatedArgument> arguments);

    /// <summary>The running command is not propagated.</summary>
    public abstract void DoNotPropagate();

    /// <summary>
    /// The command found nothing to do: its client waits until one of the keys comes into being (or is signalled) and the
    /// command is run again, with the same arguments, as if it had just arrived. The handler must have changed nothing and
    /// replied nothing, and returns after the call. Clients that wait for the same key are served in the order in which they
    /// came; one that is run again and still finds nothing calls this again and keeps its place and its deadline.
    /// </summary>
    /// <remarks>
    /// Where waiting is impossible (a transaction, a script) the null reply is written at once. When the command is run again
    /// because of a key that came into being with another type, <see cref="TryLookupRead"/> and <see cref="TryLookupWrite"/> of
    /// that key are false as ever and no error is replied: the handler returns, and the client goes on waiting.
    /// </remarks>
    public abstract void BlockOnKeys(BlockingWait wait);

    /// <summary>
    /// The client waits for something that is not a key. The handler must not have replied, and returns after the call. Not where
    /// <see cref="IClient.DeniesBlocking"/> says that waiting is impossible: reply at once there.
    /// </summary>
    public virtual void Block(ClientWait wait) => throw new InvalidOperationException("Clients cannot wait here.");

    /// <summary>Offset of the propagation stream behind the last write of this client; 0 when it has not written yet.</summary>
    public virtual long LastWriteOffset => 0;

    /// <summary>
    /// Who waits for this key should look again once the running command, or transaction, has ended. Not needed for keys that
    /// come into being: the keyspace does that by itself.
    /// </summary>
    public abstract void SignalKeyReady(ReadOnlySpan<byte> key);

    /// <summary>
    /// Reads an argument as a timeout in seconds with a fraction, 0 for ever; false after replying that it is not a float or out
    /// of range, or negative.
    /// </summary>
    public abstract bool TryTimeout(int index, out long timeoutMs);

    /// <summary>True while the command comes from the append-only file or the primary: its outcome was decided there.</summary>
    public abstract bool IsReplaying { get; }

    /// <summary>
    /// True when nobody will read the rest of the reply: the client's output went past its limit, or its replies are discarded.
    /// A handler whose reply may be as long as its client wants asks now and then, by <see cref="IsReplyFutileAfter"/>, and
    /// returns.
    /// </summary>
    public virtual bool IsReplyFutile => false;

    /// <summary>As <see cref="IsReplyFutile"/>, to be asked for every element: it looks after one in a thousand.</summary>
    public bool IsReplyFutileAfter(long elementCount) => (elementCount & 1023) == 1023 && IsReplyFutile;

    /// <summary>The longest string value allowed, <c>proto-max-bulk-len</c>, in bytes.</summary>
    public abstract long StringSizeMaxBytes { get; }

    /// <summary>Whether the argument is this token, whatever its case.</summary>
    /// <param name="index">The argument.</param>
    /// <param name="lowerCaseToken">ASCII, lower case.</param>
    public bool ArgumentIs(int index, ReadOnlySpan<byte> lowerCaseToken)
    {
        ReadOnlySpan<byte> argument = Argument(index);
        if (argument.Length != lowerCaseToken.Length) return false;
        for (int i = 0; i < argument.Length; i++)
        {
            int letter = argument[i];
            if ((uint)(letter - 'A') <= 'Z' - 'A') letter |= 0x20;
            if (letter != lowerCaseToken[i]) return false;
        }

        return true;
    }

    /// <summary>Reads an argument as a signed 64-bit integer; false after replying the given error, or that it is not an integer or out of range.</summary>
    public abstract bool TryInteger(int index, out long value, string? error = null);

    /// <summary>As <see cref="TryInteger"/> with a range; outside of it the reply is the error, or that the value is out of range.</summary>
    public abstract bool TryIntegerInRange(int index, long min, long max, out long value, string? error = null);

    /// <summary>Reads an argument as a double; false after replying that it is not a valid float.</summary>
    public abstract bool TryDouble(int index, out double value, string? error = null);
}
