// Counters of INFO stats that the host keeps. CONFIG RESETSTAT puts them back to 0.

namespace Valkey.Host.Observability;

internal sealed class Statistics
{
    public long ConnectionsReceived;
    public long ConnectionsRejected;
    public long CommandsProcessed;
    public long NetInputBytes;
    public long NetOutputBytes;
    public long ReadsProcessed;
    public long WritesProcessed;
    public long ExpiredKeys;
    public long ExpiredItems;
    public double ExpiredStalePercent;
    public double ExpiredItemsStalePercent;
    public long ExpiredTimeCapReached;
    public long ExpireCycleTicks;
    public long EvictedKeys;
    public long EvictedClients;
    public long EvictionExceededTicks;
    public long KeyspaceHits;
    public long KeyspaceMisses;
    public long ErrorReplies;
    public long UnexpectedErrorReplies;
    public long QueryBufferLimitDisconnections;
    public long OutputBufferLimitDisconnections;
    public long ReplyBufferShrinks;
    public long ReplyBufferExpands;
    public long EventLoopCycles;
    public long EventLoopTicks;
    public long EventLoopCommandTicks;
    public long EventLoopTicksMax;
    public long CommandsPerCycleMax;
    public long CronTicks;
    public long AofTicks;
    public long AuthDenied;
    public long ForkCount;
    public long LatestForkUs;
    public long PeakMemoryBytes;
    public long PeakMemoryUnixSeconds;
    public readonly Dictionary<string, long> ErrorsByCode = new(StringComparer.Ordinal);

    /// <summary>As <see cref="EventLoopTicks"/>, but since the start: processor accounting is never reset.</summary>
    public long LoopTicksEver;

    /// <summary>Forgets all counts.</summary>
    public void Reset()
    {
        ConnectionsReceived = ConnectionsRejected = CommandsProcessed = NetInputBytes = NetOutputBytes = 0;
        ReadsProcessed = WritesProcessed = ExpiredKeys = ExpiredTimeCapReached = ExpireCycleTicks = 0;
        ExpiredItems = 0;
        ExpiredStalePercent = ExpiredItemsStalePercent = 0;
        EvictedKeys = EvictedClients = EvictionExceededTicks = KeyspaceHits = KeyspaceMisses = 0;
        ErrorReplies = UnexpectedErrorReplies = ForkCount = LatestForkUs = 0;
        QueryBufferLimitDisconnections = OutputBufferLimitDisconnections = ReplyBufferShrinks = ReplyBufferExpands = 0;
        EventLoopCycles = EventLoopTicks = EventLoopCommandTicks = AuthDenied = 0;
        EventLoopTicksMax = CommandsPerCycleMax = CronTicks = AofTicks = 0;
        ErrorsByCode.Clear();
    }
}
