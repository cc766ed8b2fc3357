// Writing to another client than the one whose command runs: messages, invalidations, answers to those who waited.

using Valkey.Abstractions;

namespace Valkey.Host.Clients;

/// <summary>
/// While it lives, the reply writer writes to one client in that client's version of RESP; disposing gives the writer back
/// and sends what was written. Scopes may be nested.
/// </summary>
internal readonly ref struct ReplyScope
{
    private readonly Server _server;
    private readonly Client _client;
    private readonly OutputBuffer _previous;
    private readonly int _previousProtocolVersion;

    /// <param name="server">The server.</param>
    /// <param name="client">Who is to receive it.</param>
    /// <param name="isPush">It is no answer to a request: CLIENT REPLY does not hold it back, and when the client is in the
    /// middle of a command of its own it follows that command's reply.</param>
    public ReplyScope(Server server, Client client, bool isPush)
    {
        _server = server;
        _client = client;
        RespReplyWriter writer = server.Context.Writer;
        _previous = writer.Output;
        _previousProtocolVersion = writer.ProtocolVersion;
        if (client.IsClosed || (!isPush && client.Has(ClientFlags.ReplyOff | ClientFlags.ReplySkip)))
            writer.BindNowhere(client.ProtocolVersion);
        else if (isPush && client.Has(ClientFlags.Executing))
            writer.Bind(client.PendingPushes ??= new OutputBuffer(), client.ProtocolVersion);
        else
            writer.Bind(client.Output, client.ProtocolVersion);
    }

    /// <summary>Where to write.</summary>
    public ReplyWriter Reply => _server.Context.Reply;

    public void Dispose()
    {
        _server.Context.Writer.Bind(_previous, _previousProtocolVersion);
        if (!_client.IsClosed) _server.Sender.NoteOutput(_client);
    }
}
