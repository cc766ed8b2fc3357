// Key events: what happened to which key (https://valkey.io/topics/notifications/).

namespace Valkey.Abstractions;

/// <summary>Classes of key events; the letters are those of <c>notify-keyspace-events</c>.</summary>
[Flags]
public enum KeyspaceEvent
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>K: publish to <c>__keyspace@db__:key</c>.</summary>
    Keyspace = 1 << 0,

    /// <summary>E: publish to <c>__keyevent@db__:event</c>.</summary>
    Keyevent = 1 << 1,

    /// <summary>g: commands of no special type, DEL, EXPIRE, RENAME.</summary>
    Generic = 1 << 2,

    /// <summary>$: strings.</summary>
    String = 1 << 3,

    /// <summary>l: lists.</summary>
    List = 1 << 4,

    /// <summary>s: sets.</summary>
    Set = 1 << 5,

    /// <summary>h: hashes.</summary>
    Hash = 1 << 6,

    /// <summary>z: sorted sets.</summary>
    SortedSet = 1 << 7,

    /// <summary>x: a key expired.</summary>
    Expired = 1 << 8,

    /// <summary>e: a key was evicted for maxmemory.</summary>
    Evicted = 1 << 9,

    /// <summary>t: streams.</summary>
    Stream = 1 << 10,

    /// <summary>m: a key was looked up and not found. Not part of A.</summary>
    KeyMiss = 1 << 11,

    /// <summary>d: module types.</summary>
    Module = 1 << 13,

    /// <summary>n: a key came into being. Not part of A.</summary>
    New = 1 << 14,

    /// <summary>A: all but KeyMiss and New.</summary>
    All = Generic | String | List | Set | Hash | SortedSet | Expired | Evicted | Stream | Module,
}

/// <summary>What a subscriber is told. Valid during the call only.</summary>
public readonly ref struct KeyspaceEventInfo(
    KeyspaceEvent eventClass, ReadOnlySpan<byte> name, ReadOnlySpan<byte> key, int databaseIndex)
{
    /// <summary>The class.</summary>
    public KeyspaceEvent EventClass { get; } = eventClass;

    /// <summary>The event, for example <c>set</c>, <c>expired</c>.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; } = key;

    /// <summary>The database.</summary>
    public int DatabaseIndex { get; } = databaseIndex;
}

/// <summary>Hears of a key event, on the command thread.</summary>
public delegate void KeyspaceEventHandler(in KeyspaceEventInfo info);

/// <summary>When a subscriber is told.</summary>
public enum KeyEventDelivery
{
    /// <summary>At the moment of the change, in the middle of the command.</summary>
    Inline,

    /// <summary>
    /// When the change is durable, in the order of the changes; at the moment of the change while nothing is held back, behind
    /// those who are told inline. What the keyspace holds may have changed again by then. An event whose change never becomes durable is not delivered.
    /// </summary>
    OnceDurable,
}

/// <summary>Key events for plugins, whatever <c>notify-keyspace-events</c> says.</summary>
public interface IKeyspaceEvents
{
    /// <summary>Subscribes to the classes of the mask, inline: called inside of the command, at the moment of the change.</summary>
    /// <remarks>
    /// Subscribers are called in the order in which they came; one is not told of what its own handler causes. An exception in
    /// the handler is logged and changes nothing for the command. The handler may run commands (<see cref="ICommandCalls"/>,
    /// with the limits named there), hold the reply back (<see cref="IClients.HoldReply"/>) and add jobs (<see cref="AddJob"/>).
    /// Keys whose time is over are hidden from what it runs, not deleted. Disposing the result ends the subscription.
    /// </remarks>
    IDisposable Subscribe(KeyspaceEvent mask, KeyspaceEventHandler handler) => Subscribe(mask, handler, KeyEventDelivery.Inline);

    /// <summary>Subscribes to the classes of the mask, to be told inline or once the change is durable.</summary>
    /// <remarks>As the other; told later, the handler runs between commands and may do with the key as it likes.</remarks>
    IDisposable Subscribe(KeyspaceEvent mask, KeyspaceEventHandler handler, KeyEventDelivery delivery);

    /// <summary>
    /// Does something right after the running command (or transaction, or deletion of an expired key), before its reply is
    /// final and before any other client's command, where every write is allowed. What it writes is propagated together with
    /// the command, behind it, as one transaction. Jobs run in the order in which they were added; one may add more.
    /// </summary>
    /// <returns>False while the dataset is loaded: who wrote it has done the job already.</returns>
    bool AddJob(Action job);

    /// <summary>Tells an observer which keys are read and which change. Disposing the result ends it.</summary>
    IDisposable Observe(KeyAccessObserver observer);
}

/// <summary>The dataset for code outside of a command. Command thread only.</summary>
public interface IKeyspace
{
    /// <summary>Number of databases.</summary>
    int DatabaseCount { get; }

    /// <summary>Number of keys of a database.</summary>
    long KeyCount(int databaseIndex);

    /// <summary>Finds a key without touching its access clock or the statistics; an expired key is not found.</summary>
    KeyEntry Find(int databaseIndex, ReadOnlySpan<byte> key);

    /// <summary>The value behind a handle.</summary>
    StoredValue ValueOf(KeyEntry entry);

    /// <summary>The type behind a handle.</summary>
    DataType TypeOf(KeyEntry entry);

    /// <summary>Deletes a key, with its event and its propagation.</summary>
    bool Delete(int databaseIndex, ReadOnlySpan<byte> key);
}
