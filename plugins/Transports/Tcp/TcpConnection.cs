// TcpConnection: what a TCP socket adds to a socket is its addresses, as texts made when somebody asks.

using Valkey.Transports.Shared;

namespace Valkey.Transports.Tcp;

internal sealed class TcpConnection(int descriptor, InetAddress remote) : SocketConnection(descriptor)
{
    private string? _remoteText;
    private string? _localText;

    /// <inheritdoc/>
    public override string RemoteAddress => _remoteText ??= remote.ToString();

    /// <inheritdoc/>
    public override string LocalAddress => _localText ??= InetAddress.LocalOf(Descriptor).ToString();

    /// <inheritdoc/>
    public override bool IsLocal => remote.IsLoopback;
}
