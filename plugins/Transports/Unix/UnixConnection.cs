// UnixConnection: a stream socket whose both ends are known by the socket file's path.

using Valkey.Transports.Shared;

namespace Valkey.Transports.Unix;

/// <param name="descriptor">The connected socket.</param>
/// <param name="address"><c>path:0</c>: Valkey shows the path and port 0 for either end.</param>
internal sealed class UnixConnection(int descriptor, string address) : SocketConnection(descriptor)
{
    /// <inheritdoc/>
    public override string RemoteAddress => address;

    /// <inheritdoc/>
    public override string LocalAddress => address;

    /// <inheritdoc/>
    public override bool IsLocal => true;

    /// <inheritdoc/>
    public override bool IsUnixSocket => true;
}
