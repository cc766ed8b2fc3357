// Transports: how bytes come and go. A transport owns sockets and knows nothing of protocols; the loop owns readiness and
// knows nothing of sockets. Clients and replication links use the same connections.

namespace Valkey.Abstractions;

/// <summary>Outcome of a read or write that moved no bytes.</summary>
public static class TransportResult
{
    /// <summary>Nothing now: try again when the loop reports readiness.</summary>
    public const int WouldBlock = -1;

    /// <summary>The connection failed; <see cref="TransportConnection.LastError"/> says why.</summary>
    public const int Failed = -2;
}

/// <summary>Part of what a gathered write sends.</summary>
public readonly struct IoSlice(nint address, nint lengthBytes)
{
    /// <summary>First byte, in native memory.</summary>
    public nint Address { get; } = address;

    /// <summary>Number of bytes.</summary>
    public nint LengthBytes { get; } = lengthBytes;
}

/// <summary>One non-blocking byte stream. Command thread, unless an I/O thread was handed the connection.</summary>
public abstract class TransportConnection
{
    /// <summary>What the loop watches.</summary>
    public abstract int Descriptor { get; }

    /// <summary>Reads what is there: the number of bytes, 0 at the end of the stream, or a <see cref="TransportResult"/>.</summary>
    public abstract int Read(Span<byte> buffer);

    /// <summary>Writes what fits now: the number of bytes or a <see cref="TransportResult"/>.</summary>
    public abstract int Write(ReadOnlySpan<byte> buffer);

    /// <summary>Writes several buffers at once, as far as they fit.</summary>
    public abstract nint Write(ReadOnlySpan<IoSlice> slices);

    /// <summary>Whether bytes were taken from the socket that <see cref="Read"/> has not returned yet (TLS).</summary>
    public virtual bool HasBufferedInput => false;

    /// <summary>Text of the last failure.</summary>
    public abstract string LastError { get; }

    /// <summary>The peer, as CLIENT LIST prints it: <c>ip:port</c>, <c>[ip6]:port</c>, <c>path:0</c>.</summary>
    public abstract string RemoteAddress { get; }

    /// <summary>Our side, in the same form.</summary>
    public abstract string LocalAddress { get; }

    /// <summary>The peer is this machine: loopback or a Unix socket. Protected mode lets it in.</summary>
    public abstract bool IsLocal { get; }

    /// <summary>True for a Unix socket (flag U of CLIENT LIST).</summary>
    public virtual bool IsUnixSocket => false;

    /// <summary>Ends both directions now; the descriptor stays valid until <see cref="Close"/>.</summary>
    public abstract void Shutdown();

    /// <summary>Releases the descriptor. Once.</summary>
    public abstract void Close();
}

/// <summary>A listening socket.</summary>
public abstract class TransportListener
{
    /// <summary>What the loop watches.</summary>
    public abstract int Descriptor { get; }

    /// <summary>Takes the next waiting connection; null when there is none now. A failure is reported by <paramref name="error"/>.</summary>
    public abstract TransportConnection? TryAccept(out string? error);

    /// <summary>What INFO prints for it: <c>name=tcp,bind=127.0.0.1,port=6379</c>; listeners of one transport share a line.</summary>
    public abstract string Description { get; }

    /// <summary>Stops listening.</summary>
    public abstract void Close();
}

/// <summary>A way to listen and to connect.</summary>
public interface ITransport
{
    /// <summary>Lower case: tcp, unix, tls, rdma.</summary>
    string Name { get; }

    /// <summary>Opens what the transport's options ask for; an empty list when they ask for nothing.</summary>
    /// <exception cref="TransportException">Not possible; the message says which address and why.</exception>
    IReadOnlyList<TransportListener> Listen();

    /// <summary>Begins to connect; the connection is writable once it stands.</summary>
    /// <exception cref="TransportException">Not possible.</exception>
    TransportConnection Connect(string host, int port, string? sourceAddress);
}

/// <summary>The server's transports.</summary>
public interface ITransportRegistry
{
    /// <summary>Adds a transport; the server listens on it when everything is loaded.</summary>
    void Add(ITransport transport);

    /// <summary>
    /// Opens the transport's listeners afresh after its options changed, new ones first; when that fails the old ones stay
    /// and the error is returned. Null when it worked, or when the server does not listen yet.
    /// </summary>
    string? Relisten(ITransport transport);
}

/// <summary>An address cannot be used.</summary>
public sealed class TransportException : Exception
{
    /// <summary>With the address and the system's reason.</summary>
    public TransportException(string message) : base(message) { }

    /// <summary>With a cause.</summary>
    public TransportException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Without a reason.</summary>
    public TransportException() { }

    /// <summary>The address is taken by somebody else.</summary>
    public bool IsAddressInUse { get; init; }
}
