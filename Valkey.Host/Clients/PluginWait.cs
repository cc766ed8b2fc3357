// A client that waits for something that a plugin knows of.

using Valkey.Abstractions;
using Valkey.Host.Transactions;

namespace Valkey.Host.Clients;

internal sealed class PluginWait : BlockedState
{
    private const int ObjectBytes = 160;

    private readonly Server _server;
    private readonly Client _client;
    private readonly ClientWait _wait;
    private readonly QueuedCommand _request;

    public PluginWait(Server server, Client client, ClientWait wait, QueuedCommand request)
    {
        _server = server;
        _client = client;
        _wait = wait;
        _request = request;
        wait.End = Answer;
    }

    /// <inheritdoc/>
    public override QueuedCommand Request => _request;

    /// <inheritdoc/>
    public override long MemoryBytes => ObjectBytes;

    /// <inheritdoc/>
    public override void OnTimeout(ReplyWriter reply) => _wait.WriteTimeoutReply(reply);

    /// <inheritdoc/>
    public override void OnEnded(Client client)
    {
        _wait.End = null;
        _request.Free();
        _wait.OnEnded();
    }

    private void Answer(string? error)
    {
        if (_client.Blocked != this) return;
        if (error is null) _server.Blocked.Answer(_client, _wait.WriteReply);
        else _server.Blocked.Fail(_client, error);
    }
}
