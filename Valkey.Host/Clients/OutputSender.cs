// What clients are sent, and when: at the end of a turn, so that a pipeline's replies leave together.
//
// Three kinds of output wait in three lists:
//   replies     to the requests of this turn: all are sent in the same turn.
//   pushes      messages that nobody asked for: they may wait a moment for more (PushQueue).
//   released    replies that had waited for durability: beside others they go out one by one (ReleasedQueue).
// Holds always: a client that has a flag of waiting output is in a list of that flag. Command thread only.

using System.Diagnostics;
using Valkey.Abstractions;

namespace Valkey.Host.Clients;

internal sealed class OutputSender(Server server)
{
    private const int MaxBytesPerTurn = 1024 * 1024;

    private readonly PushQueue _pushes = new();
    private readonly ReleasedQueue _released = new();
    private List<Client> _replies = [];
    private List<Client> _sending = [];

    /// <summary>Messages are to be sent in a later turn.</summary>
    public bool HasPushes => _pushes.HasAny;

    /// <summary>Released replies are to be sent when it is time.</summary>
    public bool HasReleased => _released.Count > 0;

    /// <summary>The client's output grew: it is sent before the loop sleeps.</summary>
    public void NoteOutput(Client client)
    {
        if (client.Output.IsEmpty) return;
        if (!client.Has(ClientFlags.PendingWrite) && client.Output.HasSendable && client.Connection is not null)
        {
            client.Set(ClientFlags.PendingWrite);
            _replies.Add(client);
        }

        if (client.Output.ListLength > 0) server.OutputLimits.Check(client, asynchronously: true);
    }

    /// <summary>The client's output grew by a message that nobody waits for: it may be sent together with the next ones.</summary>
    public void NotePush(Client client, int sizeBytes)
    {
        if (sizeBytes > PushQueue.SizeMaxBytes)
        {
            NoteOutput(client);
            return;
        }

        if (!client.Has(ClientFlags.PendingWrite | ClientFlags.PendingPush) && client.Output.HasSendable)
            _pushes.Add(client, server.Clock.Ticks);
        if (client.Output.ListLength > 0) server.OutputLimits.Check(client, asynchronously: true);
    }

    /// <summary>Something that waited for durability may be sent.</summary>
    public void NoteReleased(Client client)
    {
        if (client.Has(ClientFlags.Closed | ClientFlags.CloseAsap | ClientFlags.PendingWrite)) return;
        client.Set(ClientFlags.PendingWrite);
        _released.Add(client);
    }

    /// <summary>Sends what is due at the end of a turn.</summary>
    public void SendDue()
    {
        if (_replies.Count > 0) _released.NoteOthers(_replies.Count, server.Clock.Ticks);
        SendReplies();
        if (_released.Count > 0) SendReleased(_released.CountDue(Stopwatch.GetTimestamp(), server.Statistics.LoopTicksEver));
        if (_pushes.IsDue(server.Loop.WasIdle, server.Clock.Ticks)) SendPushes();
    }

    /// <summary>Sends everything that may be sent: there is no later turn.</summary>
    public void SendAll()
    {
        SendReplies();
        SendReleased(_released.Count);
        SendPushes();
    }

    /// <summary>The client takes more: sends what waits, and watches on for the rest.</summary>
    public void OnWritable(Client client)
    {
        // In the middle of a turn: what commands of this turn have written goes out before their replies do.
        server.Propagation.Flush();
        if (!Send(client) || client.IsClosed) return;
        client.Clear(ClientFlags.WriteWatched);
        server.Clients.UpdateInterest(client);
    }

    private void SendReplies()
    {
        if (_replies.Count == 0) return;
        (_replies, _sending) = (_sending, _replies);
        // The last first: who published to many gets its answer, and prepares its next request, while the many are sent to.
        for (int i = _sending.Count - 1; i >= 0; i--)
        {
            if (!_sending[i].IsClosed) SendOrWatch(_sending[i]);
        }

        _sending.Clear();
    }

    private void SendReleased(int count)
    {
        for (; count > 0; count--)
        {
            Client client = _released.Take();
            if (!client.IsClosed) SendOrWatch(client);
        }
    }

    private void SendPushes()
    {
        long startTicks = Stopwatch.GetTimestamp();
        foreach (Client client in _pushes.Take())
        {
            if (client.Has(ClientFlags.PendingPush) && !client.IsClosed) SendOrWatch(client);
        }

        _pushes.Sent(Stopwatch.GetTimestamp() - startTicks);
    }

    private void SendOrWatch(Client client)
    {
        client.Clear(ClientFlags.PendingWrite | ClientFlags.PendingPush);
        if (Send(client) || client.IsClosed) return;
        client.Set(ClientFlags.WriteWatched);
        server.Clients.UpdateInterest(client);
    }

    /// <summary>Sends; true when all that may be sent is (or the client is gone).</summary>
    private bool Send(Client client)
    {
        long sent = client.Output.Send(client.Connection!, MaxBytesPerTurn);
        server.Statistics.WritesProcessed++;
        if (sent == TransportResult.Failed)
        {
            if (server.Log.IsEnabled(LogLevel.Verbose))
                server.Log.Write(LogLevel.Verbose, $"Error writing to client: {client.Connection!.LastError}");
            server.Clients.Free(client);
            return true;
        }

        client.NetOutputBytes += sent;
        server.Statistics.NetOutputBytes += sent;
        // What goes to the primary are our own reports, not a sign that it lives.
        if (sent > 0 && !client.Has(ClientFlags.Primary)) client.LastInteractionUnixMs = server.Clock.UnixMs;
        if (server.ClientMemory.IsLimited) server.ClientMemory.Update(client);
        if (!client.Output.IsEmpty) return !client.Output.HasSendable; // what is held is sent when it is released
        if (client.Has(ClientFlags.CloseAfterReply)) server.Clients.Free(client);
        return true;
    }
}
