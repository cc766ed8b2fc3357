// UnixTransport: stream sockets in the file system. Listens on one path at most; connects to any.

using Valkey.Abstractions;
using Valkey.Transports.Shared;

namespace Valkey.Transports.Unix;

internal sealed class UnixTransport(UnixOptions options, IOptionRegistry allOptions, ILog log) : ITransport
{
    private const int DefaultBacklog = 511;

    /// <inheritdoc/>
    public string Name => "unix";

    // The option belongs to TCP and holds for both; without the TCP plugin its default does.
    private int Backlog => allOptions.Find("tcp-backlog") is IntegerOption option ? (int)option.Value : DefaultBacklog;

    /// <inheritdoc/>
    public IReadOnlyList<TransportListener> Listen()
    {
        if (options.Path.Value.Length == 0) return [];
        UnixSocketFile file = new(options.Path.Value);
        if (file.Check() is { } problem) throw Failed(problem, isAddressInUse: false);

        file.RemoveStale();
        int descriptor = Create();
        if (descriptor < 0) throw Failed("creating socket: " + Errno.LastText, isAddressInUse: false);
        if (!file.TryBind(descriptor)) throw Abandon(descriptor, file, "bind: " + Errno.LastText);

        file.SetPermissions((uint)options.Permissions.Value);
        if (file.SetGroup(options.Group.Value) is { } groupProblem) throw Abandon(descriptor, file, groupProblem);
        if (Libc.Listen(descriptor, Backlog) != 0) throw Abandon(descriptor, file, "listen: " + Errno.LastText);
        return [new UnixListener(descriptor, file, log)];
    }

    /// <inheritdoc/>
    public TransportConnection Connect(string host, int port, string? sourceAddress)
    {
        UnixSocketFile file = new(host);
        if (file.Check() is { } problem) throw new TransportException(problem);
        int descriptor = Create();
        if (descriptor < 0) throw new TransportException("creating socket: " + Errno.LastText);
        if (file.TryConnect(descriptor)) return new UnixConnection(descriptor, host + ":0");

        string reason = Errno.LastText;
        _ = Libc.Close(descriptor);
        throw new TransportException($"Could not connect to {host}: {reason}");
    }

    private static int Create() => Libc.Socket(
        Libc.FamilyUnix, Libc.SocketStream | Libc.SocketNonBlocking | Libc.SocketCloseOnExec, protocol: 0);

    private TransportException Abandon(int descriptor, UnixSocketFile file, string reason)
    {
        bool isAddressInUse = Errno.Last == Errno.AddressInUse;
        file.RemoveOwn();
        _ = Libc.Close(descriptor);
        return Failed(reason, isAddressInUse);
    }

    private TransportException Failed(string reason, bool isAddressInUse)
    {
        string message = "Failed opening Unix socket: " + reason;
        log.Write(LogLevel.Warning, message);
        return new TransportException(message) { IsAddressInUse = isAddressInUse };
    }
}
