// A client: its connection, what it asked for and has not been answered yet, and what it told about itself.
// Command thread only.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Loop;
using Valkey.Host.Transactions;

namespace Valkey.Host.Clients;

[Flags]
internal enum ClientFlags
{
    None = 0,
    Monitor = 1 << 0,
    CloseAfterReply = 1 << 1,
    Closed = 1 << 2,
    PendingWrite = 1 << 3,
    NoEvict = 1 << 4,
    NoTouch = 1 << 5,
    ReplyOff = 1 << 6,
    ReplySkip = 1 << 7,
    ReplySkipNext = 1 << 8,
    Replica = 1 << 9,
    Primary = 1 << 10,
    PubSub = 1 << 11,
    Executing = 1 << 12,
    ExecutingTransaction = 1 << 13,
    HeldByIteration = 1 << 14,
    Postponed = 1 << 15,
    ImportSource = 1 << 16,
    WriteWatched = 1 << 17,
    Script = 1 << 18,
    PendingPush = 1 << 19,
    ReadOnlyCluster = 1 << 20,
    ProtocolFailed = 1 << 21,
    Redirectable = 1 << 22,
    Authenticated = 1 << 23,
    CloseAsap = 1 << 24,
    ResumePending = 1 << 25,
    InMemoryBucket = 1 << 26,
    ReadingSuspended = 1 << 27,
    Tracking = 1 << 28,
}

internal sealed class Client : IClient
{
    public Client(long id, TransportConnection? connection)
    {
        Id = id;
        Connection = connection;
    }

    /// <inheritdoc/>
    public long Id { get; }

    /// <summary>Null for a client of the server's own.</summary>
    public TransportConnection? Connection { get; }

    public ClientFlags Flags;

    public QueryBuffer Query;
    public PartialRequest Partial;
    public readonly OutputBuffer Output = new();

    /// <inheritdoc/>
    public int ProtocolVersion { get; set; } = 2;

    public int DatabaseIndex;

    /// <summary>The command that ran last, and the bytes of its name: most clients repeat themselves.</summary>
    public Command? LastCommand;
    public byte[] LastCommandName = [];
    public int LastCommandVersion;

    /// <summary>What the loop calls.</summary>
    public IReadinessHandler? Handler;

    /// <summary>The container's subcommand or command in execution or last executed, for CLIENT LIST.</summary>
    public Command? LastExecuted;

    public readonly TransactionState Transaction = new();

    public byte[] NameBytes = [];
    public byte[] LibraryName = [];
    public byte[] LibraryVersion = [];

    public long CreatedAtUnixMs;
    public long LastInteractionUnixMs;
    public long NetInputBytes;
    public long NetOutputBytes;
    public long CommandCount;

    /// <summary>Bytes of the arguments that are being executed.</summary>
    public long ArgumentBytes;

    /// <summary>When the soft output limit was passed first, unix time; 0: it is not passed.</summary>
    public long SoftLimitSinceSeconds;

    /// <summary>Memory counted for this client when it was looked at last.</summary>
    public long CountedMemoryBytes;

    /// <summary>The kind under which that memory was counted.</summary>
    public ClientType CountedAs;

    /// <summary>Where eviction finds it: a bucket of <see cref="ClientMemory"/> and the place in it.</summary>
    public int MemoryBucket, MemoryBucketIndex;

    /// <summary>Bit i: argument i of the running command is not shown to anybody. Bit 0: nor are those past 31.</summary>
    public uint RedactedArguments;

    /// <summary>Pushes for this client that came up while its own command was writing its reply.</summary>
    public OutputBuffer? PendingPushes;

    /// <summary>What it is subscribed to.</summary>
    public ClientSubscriptions Subscriptions;

    /// <summary>How it follows the keys that it caches.</summary>
    public ClientTracking Tracking;

    /// <summary>What plugins keep about it, by their places (<see cref="ClientStates"/>); null before the first does.</summary>
    public object?[]? PluginStates;

    /// <summary>Who holds back the reply of the request that runs; see <see cref="HeldReplies"/>.</summary>
    public ParkedReply? ReplyToPark;

    /// <summary>Offset of the propagation stream behind its last write.</summary>
    public long LastWriteOffset;

    /// <summary>Index in the table's array.</summary>
    public int TableIndex = -1;

    /// <summary>Its place among those whose replies wait for durability; -1: nothing of it waits.</summary>
    public int HeldIndex = -1;

    /// <summary>Bytes of its output that wait for durability, as they were counted last.</summary>
    public long CountedHeldBytes;

    /// <summary>Tasks of its commands that wait for durability.</summary>
    public int PostCommitTaskCount;

    /// <summary>What the client waits for; null when it does not. Set by <see cref="BlockedClients"/> only.</summary>
    public BlockedState? Blocked;

    /// <inheritdoc/>
    public string Name => Encoding.UTF8.GetString(NameBytes);

    /// <inheritdoc/>
    public string UserName { get; set; } = "default";

    /// <inheritdoc/>
    public string Address => Connection?.RemoteAddress ?? "";

    /// <inheritdoc/>
    public bool IsLocal => Connection?.IsLocal ?? true;

    /// <inheritdoc/>
    public bool DeniesBlocking =>
        Has(ClientFlags.ExecutingTransaction | ClientFlags.Script | ClientFlags.Primary) || Connection is null;

    /// <inheritdoc/>
    public bool IsExecutingTransaction => Has(ClientFlags.ExecutingTransaction);

    /// <inheritdoc/>
    public bool IsSubscriber => Has(ClientFlags.PubSub);

    /// <inheritdoc/>
    public bool IsClosing => Has(ClientFlags.Closed | ClientFlags.CloseAsap | ClientFlags.CloseAfterReply);

    public bool IsClosed => Has(ClientFlags.Closed);

    /// <summary>What kind of client it is, for limits and filters. A monitor is an ordinary one.</summary>
    public ClientType Type
    {
        get
        {
            if (!Has(ClientFlags.Primary | ClientFlags.Replica | ClientFlags.PubSub)) return ClientType.Normal;
            if (Has(ClientFlags.Primary)) return ClientType.Primary;
            if (Has(ClientFlags.Replica) && !Has(ClientFlags.Monitor)) return ClientType.Replica;
            return Has(ClientFlags.PubSub) ? ClientType.PubSub : ClientType.Normal;
        }
    }

    /// <summary>Waits, for whatever reason.</summary>
    public bool IsWaiting => Blocked is not null || Has(ClientFlags.Postponed | ClientFlags.HeldByIteration);

    /// <summary>Hides an argument of the running command.</summary>
    public void Redact(int index) => RedactedArguments |= index is > 0 and < 32 ? 1u << index : 1u;

    /// <summary>Whether an argument of the running command is hidden.</summary>
    public bool IsRedacted(int index) => (RedactedArguments & (index < 32 ? 1u << index : 1u)) != 0 && index > 0;

    public bool Has(ClientFlags flags) => (Flags & flags) != 0;

    public void Set(ClientFlags flags) => Flags |= flags;

    public void Clear(ClientFlags flags) => Flags &= ~flags;

    public void Set(ClientFlags flags, bool on) => Flags = on ? Flags | flags : Flags & ~flags;
}

/// <summary>Kinds of clients.</summary>
internal enum ClientType
{
    Normal,
    Replica,
    PubSub,
    Primary,
}
