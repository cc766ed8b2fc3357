// UnixListener: the listening end of a socket file, which goes away together with it.

using Valkey.Abstractions;
using Valkey.Transports.Shared;

namespace Valkey.Transports.Unix;

internal sealed class UnixListener(int descriptor, UnixSocketFile file, ILog log) : SocketListener(descriptor)
{
    private readonly string _address = file.Path + ":0";

    /// <inheritdoc/>
    public override string Description => "name=unix,bind=" + file.Path;

    /// <inheritdoc/>
    public override void Close()
    {
        if (!IsOpen) return;
        log.Write(LogLevel.Notice, "Removing the unix socket file.");
        file.RemoveOwn(); // first: nobody shall find the file and be refused
        base.Close();
    }

    /// <inheritdoc/>
    protected override TransportConnection Wrap(int descriptor, ReadOnlySpan<byte> peerAddress) =>
        new UnixConnection(descriptor, _address);
}
