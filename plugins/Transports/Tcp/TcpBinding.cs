// TcpBinding: from the words of the bind option to listening sockets, all or none.
// New sockets are opened while the old ones still listen, so that nobody is refused when addresses change. Two cases
// would collide on the port, and both end with no moment without a listener:
//   the same address again    the new listener is another descriptor of the old socket, with its queue;
//   an overlapping one (* and 127.0.0.1)    both sides allow the sharing of the port while the new one is bound.
// Outside of that moment no sharing is allowed: a second server on the port fails, as it should. Command thread only.

using Valkey.Abstractions;
using Valkey.Transports.Shared;

namespace Valkey.Transports.Tcp;

internal sealed class TcpBinding(
    string transportName, ILog log, Func<int, InetAddress, TransportConnection> wrap)
{
    private List<TcpListener> _open = [];

    /// <summary>Listens on all of these addresses; those marked by a dash may be missing on this machine.</summary>
    /// <exception cref="TransportException">One of them cannot be used; none was kept.</exception>
    public IReadOnlyList<TransportListener> Open(IReadOnlyList<string> addresses, int port, in TcpSettings settings)
    {
        List<TcpListener> previous = _open.FindAll(listener => listener.IsOpen);
        List<TcpListener> opened = [];
        string description = "name=" + transportName;
        try
        {
            foreach (string address in addresses)
            {
                if (TryOpen(address, port, settings, previous) is not { } listener) continue;
                opened.Add(listener);
                description += ",bind=" + address;
            }
        }
        catch (TransportException)
        {
            foreach (TcpListener listener in opened) listener.Close();
            throw;
        }

        foreach (TcpListener listener in opened) listener.Describe($"{description},port={port}");
        _open = [.. previous, .. opened];
        return opened;
    }

    private TcpListener? TryOpen(string word, int port, in TcpSettings settings, List<TcpListener> previous)
    {
        bool isOptional = word.StartsWith('-');
        string name = isOptional ? word[1..] : word;
        int family = name.Contains(':') ? Libc.FamilyInet6 : Libc.FamilyInet;
        string? host = name is "*" or "::*" ? null : name;
        List<InetAddress> found = InetAddress.Resolve(host, port, family, isPassive: true, out string? error);
        int errno = 0;
        if (found.Count > 0)
        {
            InetAddress address = found[0];
            int descriptor = Listen(address, settings, previous, out errno, out error);
            if (descriptor >= 0) return new TcpListener(descriptor, address, wrap);
        }

        string reason = $"Could not create server TCP listening socket {name}:{port}: {error}";
        log.Write(LogLevel.Warning, "Warning: " + reason);
        if (Errno.IsUnsupported(errno) || (isOptional && errno == Errno.AddressNotAvailable)) return null;
        throw new TransportException(reason) { IsAddressInUse = errno == Errno.AddressInUse };
    }

    private static int Listen(
        in InetAddress address, in TcpSettings settings, List<TcpListener> previous, out int errno, out string? error)
    {
        foreach (TcpListener listener in previous)
        {
            if (!listener.Address.Equals(address)) continue;
            int duplicate = Libc.Control(listener.Descriptor, Libc.DuplicateCloseOnExec, 0);
            errno = duplicate >= 0 ? 0 : Errno.Last;
            error = duplicate >= 0 ? null : "fcntl(F_DUPFD_CLOEXEC): " + Errno.Text(errno);
            return duplicate;
        }

        int descriptor = TcpSocket.Listen(address, settings, isPortShared: false, out errno, out error);
        int port = address.Port;
        bool isOurs = errno == Errno.AddressInUse && previous.Exists(listener => listener.Address.Port == port);
        return isOurs ? ListenBeside(address, settings, previous, out errno, out error) : descriptor;
    }

    private static int ListenBeside(
        in InetAddress address, in TcpSettings settings, List<TcpListener> previous, out int errno, out string? error)
    {
        foreach (TcpListener listener in previous) TcpSocket.SharePort(listener.Descriptor, isShared: true);
        int descriptor = TcpSocket.Listen(address, settings, isPortShared: true, out errno, out error);
        if (descriptor >= 0) TcpSocket.SharePort(descriptor, isShared: false);
        foreach (TcpListener listener in previous) TcpSocket.SharePort(listener.Descriptor, isShared: false);
        return descriptor;
    }
}
