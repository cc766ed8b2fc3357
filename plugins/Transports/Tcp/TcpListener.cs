// TcpListener: one listening address. The connections it makes are the transport's choice, so that TLS can share it.

using Valkey.Abstractions;
using Valkey.Transports.Shared;

namespace Valkey.Transports.Tcp;

internal sealed class TcpListener(
    int descriptor, InetAddress address, Func<int, InetAddress, TransportConnection> wrap) : SocketListener(descriptor)
{
    private string _description = "";

    /// <summary>Where it listens.</summary>
    public InetAddress Address => address;

    /// <inheritdoc/>
    public override string Description => _description;

    /// <summary>Sets the line that this listener shares with those opened together with it.</summary>
    public void Describe(string description) => _description = description;

    /// <inheritdoc/>
    protected override TransportConnection Wrap(int descriptor, ReadOnlySpan<byte> peerAddress) =>
        wrap(descriptor, new InetAddress(peerAddress));
}
