// What the loop expects of any transport. Each implementation runs this suite; the peer is either the transport's own
// connecting side or, where it must misbehave, a plain socket.

using System.Net.Sockets;
using System.Text;
using Valkey.Abstractions;

namespace Valkey.Transports.Tests;

public abstract class TransportConformance : IDisposable
{
    private readonly List<TransportConnection> _connections = [];
    private TransportHost? _server;

    private TransportHost Server => _server ??= StartServer();

    public void Dispose()
    {
        foreach (TransportConnection connection in _connections) connection.Close();
        _server?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Bytes_go_both_ways_and_arrive_as_they_were_sent()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();

        Assert.Equal(4, connected.Write("ping"u8));
        Assert.Equal("ping", ReadText(accepted, 4));
        Assert.Equal(5, accepted.Write("+pong"u8));

        Assert.Equal("+pong", ReadText(connected, 5));
    }

    [Fact]
    public void Accepting_when_nobody_waits_returns_nothing_and_no_error()
    {
        Assert.Null(Server.Listeners[0].TryAccept(out string? error));

        Assert.Null(error);
    }

    [Fact]
    public void Connections_are_accepted_one_by_one_until_none_waits()
    {
        for (int i = 0; i < 3; i++) Connect();

        for (int i = 0; i < 3; i++) _connections.Add(Wait.ForConnection(Server.Listeners[0]));

        Assert.Equal(3, _connections.Skip(3).DistinctBy(connection => connection.Descriptor).Count());
        Assert.Null(Server.Listeners[0].TryAccept(out _));
    }

    [Fact]
    public void Reading_when_nothing_came_would_block()
    {
        (TransportConnection accepted, _) = Pair();

        Assert.Equal(TransportResult.WouldBlock, accepted.Read(new byte[16]));
    }

    [Fact]
    public void A_message_torn_into_single_bytes_is_read_piece_by_piece()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();
        byte[] message = Encoding.ASCII.GetBytes("*1\r\n$4\r\nPING\r\n");
        byte[] buffer = new byte[64];

        foreach (byte piece in message)
        {
            Assert.Equal(1, connected.Write([piece]));
            Assert.Equal(1, Wait.ForRead(accepted, buffer));
            Assert.Equal(piece, buffer[0]);
        }

        Assert.Equal(TransportResult.WouldBlock, accepted.Read(buffer));
    }

    [Fact]
    public void A_small_buffer_takes_a_large_message_in_parts()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();
        Assert.Equal(10, connected.Write("0123456789"u8));

        Assert.Equal("0123", ReadText(accepted, 4));
        Assert.Equal("4567", ReadText(accepted, 4));
        byte[] rest = new byte[4];

        Assert.Equal(2, Wait.ForRead(accepted, rest));
        Assert.Equal("89"u8, rest.AsSpan(0, 2));
    }

    [Fact]
    public void Writing_to_a_peer_that_does_not_read_blocks_in_the_end_and_goes_on_when_it_reads()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();
        byte[] chunk = new byte[64 * 1024];
        int result;
        long sent = 0;
        while ((result = accepted.Write(chunk)) > 0) sent += result;
        Assert.Equal(TransportResult.WouldBlock, result);

        byte[] sink = new byte[256 * 1024];
        long received = 0;
        Wait.Until(() =>
        {
            received += Math.Max(connected.Read(sink), 0);
            return received == sent;
        });

        Wait.Until(() => accepted.Write(chunk) > 0);
    }

    [Fact]
    public unsafe void A_gathered_write_beyond_every_limit_arrives_in_order()
    {
        const int SliceCount = 3000; // more than the kernel takes at once
        const int SliceBytes = 4096 + 7;
        (TransportConnection accepted, TransportConnection connected) = Pair();
        byte[] expected = new byte[SliceCount * SliceBytes];
        new Random(7).NextBytes(expected);
        byte[] received = new byte[expected.Length];
        long sent = 0;
        int receivedCount = 0;
        bool wouldHaveBlocked = false;

        fixed (byte* start = expected)
        {
            nint first = (nint)start;
            Wait.Until(() =>
            {
                nint count = sent < expected.Length ? accepted.Write(SlicesFrom(first, sent, expected.Length, SliceBytes)) : 0;
                Assert.True(count >= TransportResult.WouldBlock, accepted.LastError);
                wouldHaveBlocked |= count == TransportResult.WouldBlock;
                sent += Math.Max(count, 0);
                if (count > 0) return false; // fill the socket first
                receivedCount += Math.Max(connected.Read(received.AsSpan(receivedCount)), 0);
                return receivedCount == expected.Length;
            });
        }

        Assert.True(wouldHaveBlocked);
        Assert.True(expected.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();
        byte[] buffer = new byte[8];
        RoundTrip(accepted, connected, buffer); // what is made once is made now

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) RoundTrip(accepted, connected, buffer);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_end_of_the_stream_reads_as_zero_after_the_last_bytes()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();
        connected.Write("QUIT"u8);
        connected.Shutdown();

        Assert.Equal("QUIT", ReadText(accepted, 4));

        Assert.Equal(0, Wait.ForRead(accepted, new byte[8]));
    }

    [Fact]
    public void A_peer_that_only_stops_sending_still_gets_its_reply()
    {
        using Socket peer = ConnectPlainSocket();
        TransportConnection accepted = Accept();
        peer.Send("PING"u8);
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal("PING", ReadText(accepted, 4));
        Assert.Equal(0, Wait.ForRead(accepted, new byte[8]));

        Assert.Equal(7, accepted.Write("+PONG\r\n"u8));
        accepted.Shutdown();

        peer.ReceiveTimeout = 5_000;
        byte[] reply = new byte[16];
        int count = peer.Receive(reply);
        Assert.Equal("+PONG\r\n", Encoding.ASCII.GetString(reply, 0, count));
        Assert.Equal(0, peer.Receive(reply));
    }

    [Fact]
    public void A_reset_by_the_peer_is_a_failure_with_the_systems_words()
    {
        Socket peer = ConnectPlainSocket();
        TransportConnection accepted = Accept();
        Assert.Equal(5, accepted.Write("hello"u8));
        Wait.Until(() => peer.Available > 0);
        peer.Close(); // with unread bytes: the kernel answers with a reset

        Assert.Equal(TransportResult.Failed, Wait.ForRead(accepted, new byte[8]));

        Assert.Equal("Connection reset by peer", accepted.LastError);
    }

    [Fact]
    public void Writing_to_a_peer_that_is_gone_fails_and_raises_no_signal()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();
        connected.Close();
        int result = 0;

        Wait.Until(() => (result = accepted.Write("x"u8)) < 0);

        Assert.Equal(TransportResult.Failed, result);
        Assert.Contains(accepted.LastError, new[] { "Broken pipe", "Connection reset by peer" });
    }

    [Fact]
    public void After_our_own_shutdown_the_descriptor_stays_until_it_is_closed()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();

        accepted.Shutdown();

        Assert.Equal(0, Wait.ForRead(accepted, new byte[8]));
        Assert.Equal(0, Wait.ForRead(connected, new byte[8]));
        Assert.Equal(TransportResult.Failed, accepted.Write("x"u8));
        Assert.NotEqual(0, OpenFlags(accepted.Descriptor));
    }

    [Fact]
    public void Every_descriptor_is_closed_on_exec_and_never_blocks()
    {
        const int CloseOnExec = 0x80000;
        const int NonBlocking = 0x800;
        (TransportConnection accepted, TransportConnection connected) = Pair();

        int[] descriptors = [accepted.Descriptor, connected.Descriptor, Server.Listeners[0].Descriptor];

        Assert.All(descriptors, descriptor =>
            Assert.Equal(CloseOnExec | NonBlocking, OpenFlags(descriptor) & (CloseOnExec | NonBlocking)));
    }

    [Fact]
    public void Both_sides_agree_on_the_addresses_and_keep_them_when_the_peer_is_gone()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();
        Assert.Equal(ServerAddress, accepted.LocalAddress);
        Assert.Equal(ServerAddress, connected.RemoteAddress);
        string connectedFrom = connected.LocalAddress;

        connected.Close();

        Assert.Equal(0, Wait.ForRead(accepted, new byte[8]));
        Assert.Equal(connectedFrom, accepted.RemoteAddress);
        Assert.Same(accepted.RemoteAddress, accepted.RemoteAddress);
        Assert.True(accepted.IsLocal);
        Assert.True(connected.IsLocal);
        Assert.Equal(IsUnixSocket, accepted.IsUnixSocket);
    }

    [Fact]
    public void Connecting_where_nobody_listens_fails_at_once_or_at_the_first_use()
    {
        using TransportHost server = StartServer();
        (string host, int port) = ServerEndpoint;
        foreach (TransportListener listener in server.Listeners) listener.Close();
        TransportConnection connection;
        try
        {
            connection = server.Transport.Connect(host, port, sourceAddress: null);
        }
        catch (TransportException failure)
        {
            Assert.Contains(host, failure.Message, StringComparison.Ordinal);
            return;
        }

        _connections.Add(connection);
        int result = 0;
        Wait.Until(() => (result = connection.Write("x"u8)) != TransportResult.WouldBlock);
        Assert.Equal(TransportResult.Failed, result);
        Assert.Equal("Connection refused", connection.LastError);
    }

    [Fact]
    public void After_a_restart_the_same_address_can_be_used_at_once()
    {
        (TransportConnection accepted, TransportConnection connected) = Pair();
        accepted.Close();
        Assert.Equal(0, Wait.ForRead(connected, new byte[8]));
        foreach (TransportListener listener in Server.Listeners) listener.Close();

        Server.Start();

        (accepted, connected) = Pair();
        Assert.Equal(1, connected.Write("x"u8));
        Assert.Equal("x", ReadText(accepted, 1));
    }

    [Fact]
    public void The_description_is_what_INFO_prints() => Assert.Equal(Description, Server.Listeners[0].Description);

    private protected abstract TransportHost StartServer();

    private protected abstract (string Host, int Port) ServerEndpoint { get; }

    private protected abstract string ServerAddress { get; }

    private protected abstract string Description { get; }

    private protected abstract bool IsUnixSocket { get; }

    private protected abstract Socket OpenPlainSocket();

    private static unsafe IoSlice[] SlicesFrom(nint first, long skippedBytes, long totalBytes, int sliceBytes)
    {
        List<IoSlice> slices = [];
        for (long at = skippedBytes; at < totalBytes;)
        {
            long length = Math.Min(sliceBytes - (at % sliceBytes), totalBytes - at);
            slices.Add(new IoSlice(first + (nint)at, (nint)length));
            at += length;
        }

        return [.. slices];
    }

    private static void RoundTrip(TransportConnection accepted, TransportConnection connected, byte[] buffer)
    {
        connected.Write("x"u8);
        while (accepted.Read(buffer) == TransportResult.WouldBlock) Thread.Yield();
        accepted.Write(buffer.AsSpan(0, 1));
        while (connected.Read(buffer) == TransportResult.WouldBlock) Thread.Yield();
    }

    private static string ReadText(TransportConnection connection, int count)
    {
        byte[] buffer = new byte[count];
        Wait.ForFull(connection, buffer);
        return Encoding.ASCII.GetString(buffer);
    }

    /// <summary>The flags of open(2) as the kernel keeps them.</summary>
    private static int OpenFlags(int descriptor)
    {
        const string Label = "flags:";
        string[] lines = File.ReadAllLines($"/proc/self/fdinfo/{descriptor}");
        string found = Array.Find(lines, line => line.StartsWith(Label, StringComparison.Ordinal))!;
        return Convert.ToInt32(found[Label.Length..].Trim(), 8);
    }

    private TransportConnection Connect()
    {
        (string host, int port) = ServerEndpoint;
        TransportConnection connected = Server.Transport.Connect(host, port, sourceAddress: null);
        _connections.Add(connected);
        return connected;
    }

    private TransportConnection Accept()
    {
        TransportConnection accepted = Wait.ForConnection(Server.Listeners[0]);
        _connections.Add(accepted);
        return accepted;
    }

    private Socket ConnectPlainSocket()
    {
        _ = Server;
        return OpenPlainSocket();
    }

    private (TransportConnection Accepted, TransportConnection Connected) Pair()
    {
        TransportConnection connected = Connect();
        return (Accept(), connected);
    }
}
