// TcpSocket: making sockets of the right kind and tuning them. Functions over descriptors; -1 means "not made", and the
// reason is told in words.

using Valkey.Transports.Shared;

namespace Valkey.Transports.Tcp;

internal static unsafe class TcpSocket
{
    private const int KeepAliveProbeCount = 3;

    /// <summary>A non-blocking socket for that family, or -1 with the reason in <see cref="Errno.Last"/>.</summary>
    public static int Create(int family, bool isMultipath) => Libc.Socket(
        family,
        Libc.SocketStream | Libc.SocketNonBlocking | Libc.SocketCloseOnExec,
        isMultipath ? Libc.ProtocolMultipathTcp : 0);

    /// <summary>Whether the kernel offers multipath TCP, asked by making such a socket.</summary>
    public static bool IsMultipathSupported()
    {
        int descriptor = Create(Libc.FamilyInet, isMultipath: true);
        if (descriptor < 0) return false;
        _ = Libc.Close(descriptor);
        return true;
    }

    /// <summary>A socket that listens on the address, or -1 and which step failed why.</summary>
    /// <param name="address">Where.</param>
    /// <param name="settings">How.</param>
    /// <param name="isPortShared">Beside other sockets of ours on that port, which allow it too.</param>
    /// <param name="errno">The failed step's number.</param>
    /// <param name="error">The failed step and the system's words, as Valkey puts it.</param>
    public static int Listen(
        in InetAddress address, in TcpSettings settings, bool isPortShared, out int errno, out string? error)
    {
        int descriptor = Create(address.Family, settings.IsMultipath);
        string? failedStep = descriptor < 0 ? "creating socket: " : Prepare(descriptor, address, settings, isPortShared);
        errno = failedStep is null ? 0 : Errno.Last;
        error = failedStep is null ? null : failedStep + Errno.Text(errno);
        if (failedStep is null) return descriptor;
        if (descriptor >= 0) _ = Libc.Close(descriptor);
        return -1;
    }

    /// <summary>Starts to connect, from one of the sources when given; -1 and the reason when that fails at once.</summary>
    public static int Connect(
        in InetAddress target, List<InetAddress>? source, in TcpSettings settings, out string? error)
    {
        int descriptor = Create(target.Family, settings.IsMultipath);
        if (descriptor < 0)
        {
            error = "creating socket: " + Errno.LastText;
            return -1;
        }

        _ = Libc.TrySetOption(descriptor, Libc.LevelSocket, Libc.ReuseAddress, 1);
        SetMark(descriptor, settings.MarkId);
        if (source is not null && !TryBindAny(descriptor, source)) error = "bind: " + Errno.LastText;
        else if (!TryConnect(descriptor, target)) error = "connect: " + Errno.LastText;
        else error = null;

        if (error is null) return descriptor;
        _ = Libc.Close(descriptor);
        return -1;
    }

    /// <summary>No delay, and probes that find a dead peer. Best effort: the connection works without.</summary>
    public static void Tune(int descriptor, int keepAliveSeconds)
    {
        _ = Libc.TrySetOption(descriptor, Libc.ProtocolTcp, Libc.NoDelay, 1);
        if (keepAliveSeconds == 0) return;
        _ = Libc.TrySetOption(descriptor, Libc.LevelSocket, Libc.KeepAlive, 1);
        _ = Libc.TrySetOption(descriptor, Libc.ProtocolTcp, Libc.KeepAliveIdle, keepAliveSeconds);
        // All probes together take as long again as the wait before the first.
        int betweenProbesSeconds = Math.Max(keepAliveSeconds / KeepAliveProbeCount, 1);
        _ = Libc.TrySetOption(descriptor, Libc.ProtocolTcp, Libc.KeepAliveInterval, betweenProbesSeconds);
        _ = Libc.TrySetOption(descriptor, Libc.ProtocolTcp, Libc.KeepAliveCount, KeepAliveProbeCount);
    }

    /// <summary>Lets other sockets of ours listen on the same port beside this one, or no longer.</summary>
    public static void SharePort(int descriptor, bool isShared) =>
        _ = Libc.TrySetOption(descriptor, Libc.LevelSocket, Libc.ReusePort, isShared ? 1 : 0);

    private static string? Prepare(int descriptor, in InetAddress address, in TcpSettings settings, bool isPortShared)
    {
        if (address.Family == Libc.FamilyInet6 && !Libc.TrySetOption(descriptor, Libc.ProtocolIpv6, Libc.Ipv6Only, 1))
            return "setsockopt IPV6_V6ONLY: ";
        if (!Libc.TrySetOption(descriptor, Libc.LevelSocket, Libc.ReuseAddress, 1)) return "setsockopt SO_REUSEADDR: ";
        if (isPortShared) SharePort(descriptor, isShared: true);
        SetMark(descriptor, settings.MarkId);
        if (!TryBind(descriptor, address)) return "bind: ";
        return Libc.Listen(descriptor, settings.Backlog) == 0 ? null : "listen: ";
    }

    private static void SetMark(int descriptor, uint markId)
    {
        if (markId != 0) _ = Libc.TrySetOption(descriptor, Libc.LevelSocket, Libc.Mark, unchecked((int)markId));
    }

    private static bool TryBind(int descriptor, in InetAddress address)
    {
        ReadOnlySpan<byte> bytes = address.SocketAddress;
        fixed (byte* start = bytes) return Libc.Bind(descriptor, start, (uint)bytes.Length) == 0;
    }

    private static bool TryBindAny(int descriptor, List<InetAddress> addresses)
    {
        foreach (InetAddress address in addresses)
        {
            if (TryBind(descriptor, address)) return true;
        }

        return false;
    }

    private static bool TryConnect(int descriptor, in InetAddress address)
    {
        ReadOnlySpan<byte> bytes = address.SocketAddress;
        fixed (byte* start = bytes)
        {
            // Interrupted or not, the kernel goes on connecting; the loop sees when it is done.
            return Libc.Connect(descriptor, start, (uint)bytes.Length) == 0
                || Errno.Last is Errno.InProgress or Errno.Interrupted;
        }
    }
}

/// <summary>What options ask of a socket.</summary>
/// <param name="Backlog">Length of the queue of waiting connections.</param>
/// <param name="MarkId">SO_MARK; 0 for none.</param>
/// <param name="IsMultipath">Multipath TCP; peers without it fall back to plain TCP.</param>
internal readonly record struct TcpSettings(int Backlog, uint MarkId, bool IsMultipath);
