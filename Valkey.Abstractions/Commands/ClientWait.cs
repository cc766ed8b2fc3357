// How a command waits for something else than a key: an acknowledgement, a job, a moment.

namespace Valkey.Abstractions;

/// <summary>One wait of one client. Derive from it, hand it to <see cref="CommandContext.Block"/> and keep it.</summary>
/// <remarks>
/// The handler returns without a reply. The client is answered once: by <see cref="Complete"/>, by <see cref="Fail"/>, or when the
/// time is over. Command thread only.
/// </remarks>
public abstract class ClientWait
{
    /// <summary>How long it waits at most, milliseconds; 0 for ever.</summary>
    public long TimeoutMs { get; init; }

    /// <summary>Set by the server: ends the wait, with the error or without.</summary>
    internal Action<string?>? End { get; set; }

    /// <summary>The client waits still.</summary>
    public bool IsWaiting => End is not null;

    /// <summary>What it waited for has come: it is answered by <see cref="WriteReply"/> and goes on.</summary>
    public void Complete() => End?.Invoke(null);

    /// <summary>It is answered with an error and goes on.</summary>
    public void Fail(string error) => End?.Invoke(error);

    /// <summary>Writes the answer: what was waited for has come.</summary>
    public abstract void WriteReply(ReplyWriter reply);

    /// <summary>Writes the answer: the time is over, or CLIENT UNBLOCK ended the wait.</summary>
    public abstract void WriteTimeoutReply(ReplyWriter reply);

    /// <summary>The wait is over, however it ended, also because the client is gone. Called once.</summary>
    public virtual void OnEnded() { }
}
