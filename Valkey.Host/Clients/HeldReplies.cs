// Replies that a plugin holds back from a notification: the command is done, its reply complete, and its client waits for the
// plugin to release it. The bytes are taken out of the output and come back when the last holder lets go; what is pushed to
// the client meanwhile stays behind them.
// Holds always: a client whose reply is parked is blocked, so its next requests wait; whoever ends first, client or holder,
// the other's end does nothing more. Command thread only.

using Valkey.Abstractions;

namespace Valkey.Host.Clients;

internal sealed class HeldReplies(Server server)
{
    /// <summary>Holds the reply of the request that runs; null when nobody waits for one.</summary>
    public HeldReply? Hold()
    {
        if (server.Dispatcher.RequestClient is not { Connection: not null } client || client.Has(ClientFlags.Primary)) return null;
        ParkedReply parked = client.ReplyToPark ??= new ParkedReply(server, client);
        parked.HolderCount++;
        return new HeldReply(parked);
    }

    /// <summary>The request has ended: parks its reply, which begins at the mark, unless all holders have let go already.</summary>
    public void Park(Client client, OutputBuffer output, DeferredPosition replyStart)
    {
        ParkedReply parked = client.ReplyToPark!;
        client.ReplyToPark = null;
        if (parked.HolderCount == 0 || client.IsClosed || client.Blocked is not null)
        {
            parked.IsOver = true;
            return;
        }

        parked.Take(output, replyStart);
        server.Blocked.Block(client, parked);
    }
}

/// <summary>One holder's part of a parked reply.</summary>
internal sealed class HeldReply(ParkedReply parked) : IHeldReply, IDisposable
{
    private bool _isReleased;

    public void Release()
    {
        if (_isReleased) return;
        _isReleased = true;
        parked.Release();
    }

    public void Dispose() => Release();
}

/// <summary>A reply that waits for its holders.</summary>
internal sealed class ParkedReply(Server server, Client client) : BlockedState
{
    private byte[] _reply = [];
    private bool _isTaken;

    public int HolderCount { get; set; }

    /// <summary>Nothing is parked any more.</summary>
    public bool IsOver { get; set; }

    public override long MemoryBytes => _reply.Length;

    public override bool CanBeUnblocked => false;

    /// <summary>Takes the reply out of the output.</summary>
    public void Take(OutputBuffer output, DeferredPosition replyStart)
    {
        _reply = output.CopyBehind(replyStart);
        output.RollBack(replyStart);
        _isTaken = true;
    }

    /// <summary>A holder lets go.</summary>
    public void Release()
    {
        HolderCount--;
        if (HolderCount > 0 || IsOver || !_isTaken) return;
        long position = client.Output.EndPosition;
        client.Output.Append(_reply);
        server.Dispatcher.Holding?.EndParked(client, position);
        server.Blocked.End(client);
        server.Clients.ReplyEnded(client);
    }

    public override void OnTimeout(ReplyWriter reply) { } // it has no deadline

    public override void OnEnded(Client client) => IsOver = true;
}
