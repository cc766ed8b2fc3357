// Clients that wait: who they are, when they give up, how they go on.
//
// A waiting client's next requests stay unread in its query buffer. The arguments of the one that waits are gone by then, so
// whoever blocks it keeps what it needs in its own BlockedState. Deadlines are kept in order, and one timer of the loop is set
// to the earliest.
// Holds always: a wait ends exactly once, by an answer, by its time, by CLIENT UNBLOCK, or with the client; whichever it is,
// OnEnded is called once. A command that waited is counted once, when it was answered. Command thread only.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Loop;
using Valkey.Host.Transactions;

namespace Valkey.Host.Clients;

/// <summary>Why a client waits and how the wait ends.</summary>
internal abstract class BlockedState
{
    /// <summary>When it ends by itself, milliseconds of the unix clock; 0: never.</summary>
    public long DeadlineUnixMs { get; init; }

    /// <summary>The command that waits; set when it has begun to.</summary>
    public Command? Command { get; set; }

    /// <summary>How long the command has run until now, ticks of the monotonic clock, the waiting left out.</summary>
    public long DurationTicks { get; set; }

    /// <summary>The command's arguments, for those who keep them.</summary>
    public virtual QueuedCommand? Request => null;

    /// <summary>Memory that the wait takes beside the arguments.</summary>
    public virtual long MemoryBytes => 0;

    /// <summary>CLIENT UNBLOCK may end it.</summary>
    public virtual bool CanBeUnblocked => true;

    /// <summary>The highest offset of what the client waited for: that nothing came is not told before that is durable.</summary>
    public virtual long SeenOffset(Durability.UncommittedKeys keys) => 0;

    /// <summary>The time is over: write the reply.</summary>
    public abstract void OnTimeout(ReplyWriter reply);

    /// <summary>The wait is over, or the client goes away: forget it.</summary>
    public abstract void OnEnded(Client client);
}

internal sealed class BlockedClients(Server server)
{
    private const long TimerMaxMs = 3_600_000; // a deadline beyond is looked at again then

    private readonly SortedSet<(long DeadlineUnixMs, long ClientId)> _deadlines = [];
    private LoopTimer? _timer;
    private long _timerUnixMs;

    /// <summary>Clients that wait for something that happens in the dataset or elsewhere; those of a pause are not among them.</summary>
    public int Count { get; private set; }

    /// <summary>Those whose wait ends by itself.</summary>
    public int DeadlineCount => _deadlines.Count;

    /// <summary>The client waits from now on: its next requests are not executed before <see cref="End"/>.</summary>
    public void Block(Client client, BlockedState state)
    {
        if (client.Blocked is not null) throw new InvalidOperationException("The client waits already.");
        client.Blocked = state;
        Count++;
        server.Dispatcher.NoteWait();
        if (state.DeadlineUnixMs == 0) return;
        _deadlines.Add((state.DeadlineUnixMs, client.Id));
        SetTimer();
    }

    /// <summary>The client was answered: it goes on with its next request.</summary>
    public void End(Client client)
    {
        if (client.Blocked is not { } state) return;
        client.Blocked = null;
        Release(client, state);
    }

    /// <summary>As <see cref="End"/>, for a wait that was taken off the client already to run its command again.</summary>
    public void Release(Client client, BlockedState state)
    {
        Count--;
        if (state.DeadlineUnixMs > 0) _deadlines.Remove((state.DeadlineUnixMs, client.Id));
        state.OnEnded(client);
        server.Clients.Resume(client);
    }

    /// <summary>Answers as if the time were over.</summary>
    public void TimeOut(Client client)
    {
        if (client.Blocked is not { } state) return;
        long position = client.Output.EndPosition;
        using (ReplyScope scope = server.Context.WriteTo(client))
        {
            state.OnTimeout(scope.Reply);
            server.Dispatcher.CountUnblocked(client, state, failed: false);
            server.Dispatcher.Holding?.EndWait(client, position, state);
        }

        End(client);
    }

    /// <summary>Answers with what was waited for.</summary>
    public void Answer(Client client, Action<ReplyWriter> write)
    {
        if (client.Blocked is not { } state) return;
        using (ReplyScope scope = server.Context.WriteTo(client))
        {
            write(scope.Reply);
            server.Dispatcher.CountUnblocked(client, state, failed: false);
        }

        End(client);
    }

    /// <summary>Answers with an error.</summary>
    public void Fail(Client client, string error)
    {
        if (client.Blocked is not { } state) return;
        using (ReplyScope scope = server.Context.WriteTo(client))
        {
            scope.Reply.Error(error);
            server.Dispatcher.CountUnblocked(client, state, failed: true);
        }

        End(client);
    }

    private void SetTimer()
    {
        if (_deadlines.Count == 0) return;
        long earliest = _deadlines.Min.DeadlineUnixMs;
        if (_timer is not null && _timerUnixMs <= earliest) return;
        _timer?.Dispose();
        long delayMs = Math.Clamp(earliest - server.Clock.UnixMs, 0, TimerMaxMs);
        _timerUnixMs = server.Clock.UnixMs + delayMs;
        _timer = server.Loop.Timers.Start(delayMs, 0, EndOverdue);
    }

    private void EndOverdue()
    {
        _timer = null;
        server.Clock.Synchronize();
        while (_deadlines.Count > 0 && _deadlines.Min is var (deadlineUnixMs, clientId) && deadlineUnixMs <= server.Clock.UnixMs)
        {
            if (server.Clients.Find(clientId) is { Blocked: not null } client) TimeOut(client);
            else _deadlines.Remove((deadlineUnixMs, clientId));
        }

        SetTimer();
    }
}
