// Clients in WAITAOF: each waits until its last write is on the disk.
// Holds always: they stand in order of arrival; one is answered once. Command thread.

using Valkey.Abstractions;

namespace Valkey.Aof.Writing;

internal sealed class SyncWaits(AppendOnlyLog log)
{
    private readonly List<SyncWait> _waits = [];

    /// <summary>The client waits from now on.</summary>
    public void Add(SyncWait wait)
    {
        _waits.Add(wait);
        log.Provider.WantsWord = true;
    }

    /// <summary>The client does not wait any more.</summary>
    public void Remove(SyncWait wait)
    {
        _waits.Remove(wait);
        log.Provider.WantsWord = _waits.Count > 0;
    }

    /// <summary>Answers those whose writes are on the disk by now.</summary>
    public void Check()
    {
        if (_waits.Count == 0) return;
        foreach (SyncWait wait in _waits.ToArray())
        {
            if (wait.NeedsFile && log.State == LogState.Off) wait.Fail(SyncWait.NotEnabled);
            else if (wait.IsFulfilled(log.FsyncedOffset)) wait.Complete();
        }
    }
}

/// <summary>One client in WAITAOF.</summary>
internal sealed class SyncWait(SyncWaits waits, AppendOnlyLog log, long offset, long localCount, long replicaCount) : ClientWait
{
    public const string NotEnabled = "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";

    /// <summary>It waits for this server's file.</summary>
    public bool NeedsFile => localCount > 0;

    /// <summary>Whether everything it waits for has come. Nobody replicates from this server, so no replica ever acknowledges.</summary>
    public bool IsFulfilled(long fsyncedOffset) => replicaCount == 0 && (fsyncedOffset >= offset || localCount == 0);

    /// <inheritdoc/>
    public override void WriteReply(ReplyWriter reply)
    {
        reply.ArrayHeader(2);
        reply.Integer(log.FsyncedOffset >= offset ? 1 : 0);
        reply.Integer(0);
    }

    /// <inheritdoc/>
    public override void WriteTimeoutReply(ReplyWriter reply) => WriteReply(reply);

    /// <inheritdoc/>
    public override void OnEnded() => waits.Remove(this);
}
