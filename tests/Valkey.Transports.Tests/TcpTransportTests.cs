// TCP: the common suite, and what only TCP has: several addresses, optional ones, changes while listening, socket options.

using System.Globalization;
using System.Net.Sockets;
using Valkey.Abstractions;
using Valkey.Transports.Tcp;

namespace Valkey.Transports.Tests;

public sealed class TcpConformance : TransportConformance
{
    private readonly int _port = Ports.Take();

    private protected override (string Host, int Port) ServerEndpoint => ("127.0.0.1", _port);

    private protected override string ServerAddress => $"127.0.0.1:{_port}";

    private protected override string Description => $"name=tcp,bind=127.0.0.1,port={_port}";

    private protected override bool IsUnixSocket => false;

    private protected override TransportHost StartServer() => TcpTransportTests.Host(_port, "127.0.0.1").Start();

    private protected override Socket OpenPlainSocket()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect("127.0.0.1", _port);
        return socket;
    }
}

public sealed class TcpTransportTests
{
    private readonly int _port = Ports.Take();

    [Fact]
    public void The_options_have_Valkeys_defaults()
    {
        using TransportHost host = new(new TcpPlugin());

        string[] names = ["port", "bind", "tcp-backlog", "tcp-keepalive", "mptcp", "bind-source-addr", "socket-mark-id"];

        Assert.Equal(["6379", "* -::*", "511", "300", "no", "", "0"], names.Select(name => host.Find(name)!.Text));
        Assert.All(names, name => Assert.Empty(host.Find(name)!.RewriteLines()));
    }

    [Fact]
    public void Port_0_does_not_listen()
    {
        using TransportHost host = Host(0, "*").Start();

        Assert.Empty(host.Listeners);
    }

    [Fact]
    public void An_empty_bind_does_not_listen()
    {
        using TransportHost host = Host(_port, "").Start();

        Assert.Empty(host.Listeners);
        Assert.Equal("", host.Find("bind")!.Text);
    }

    [Fact]
    public void A_second_server_on_the_same_address_is_told_that_it_is_in_use()
    {
        using TransportHost first = Host(_port, "*").Start();
        using TransportHost second = Host(_port, "*");

        TransportException failure = Assert.Throws<TransportException>(second.Transport.Listen);

        Assert.True(failure.IsAddressInUse);
        Assert.Equal(
            $"Warning: Could not create server TCP listening socket *:{_port}: bind: Address already in use",
            Assert.Single(second.LogLines));
        Assert.EndsWith($"*:{_port}: bind: Address already in use", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_named_twice_is_in_use()
    {
        using TransportHost host = Host(_port, "127.0.0.1", "127.0.0.1");

        Assert.True(Assert.Throws<TransportException>(host.Transport.Listen).IsAddressInUse);

        using TransportHost next = Host(_port, "127.0.0.1").Start(); // nothing of the failed attempt is left
        Assert.Single(next.Listeners);
    }

    [Fact]
    public void An_optional_address_that_this_machine_lacks_is_left_out()
    {
        using TransportHost host = Host(_port, "127.0.0.1", "-192.0.2.1").Start();

        Assert.Equal($"name=tcp,bind=127.0.0.1,port={_port}", Assert.Single(host.Listeners).Description);
        string expected = $"192.0.2.1:{_port}: bind: Cannot assign requested address";
        Assert.EndsWith(expected, Assert.Single(host.LogLines), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_this_machine_lacks_and_that_is_not_optional_fails()
    {
        using TransportHost host = Host(_port, "127.0.0.1", "192.0.2.1");

        TransportException failure = Assert.Throws<TransportException>(host.Transport.Listen);

        Assert.False(failure.IsAddressInUse);
        Assert.Contains("192.0.2.1", failure.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_default_listens_on_both_families_on_one_port()
    {
        SkipWithoutIpv6();
        using TransportHost host = Host(_port, "*", "-::*").Start();

        Assert.Equal(2, host.Listeners.Count);
        Assert.All(host.Listeners, listener => Assert.Equal($"name=tcp,bind=*,bind=-::*,port={_port}", listener.Description));
        TransportConnection connected = host.Transport.Connect("::1", _port, sourceAddress: null);
        TransportConnection accepted = Wait.ForConnection(host.Listeners[1]);
        Assert.Equal($"[::1]:{_port}", accepted.LocalAddress);
        Assert.StartsWith("[::1]:", accepted.RemoteAddress, StringComparison.Ordinal);
        Assert.True(accepted.IsLocal);
        connected.Close();
        accepted.Close();
    }

    [Fact]
    public void Names_are_resolved()
    {
        using TransportHost host = Host(_port, "localhost").Start();

        TransportConnection connected = host.Transport.Connect("127.0.0.1", _port, sourceAddress: null);
        Wait.ForConnection(host.Listeners[0]).Close();
        connected.Close();
    }

    [Fact]
    public void CONFIG_SET_port_moves_the_server()
    {
        int nextPort = Ports.Take();
        using TransportHost host = Host(_port, "127.0.0.1").Start();

        Assert.Null(host.Set("port", nextPort.ToString(CultureInfo.InvariantCulture)));

        AssertAnswers(host, "127.0.0.1", nextPort);
        using TransportHost other = Host(_port, "127.0.0.1").Start(); // the old port is free again
        Assert.Single(other.Listeners);
    }

    [Fact]
    public void CONFIG_SET_port_to_one_that_is_taken_changes_nothing()
    {
        int takenPort = Ports.Take();
        using TransportHost other = Host(takenPort, "127.0.0.1").Start();
        using TransportHost host = Host(_port, "127.0.0.1").Start();

        string? error = host.Set("port", takenPort.ToString(CultureInfo.InvariantCulture));

        Assert.Equal("Unable to listen on this port. Check server logs.", error);
        AssertAnswers(host, "127.0.0.1", _port);
    }

    [Theory]
    [InlineData("*", "127.0.0.1")]
    [InlineData("127.0.0.1", "*")]
    [InlineData("127.0.0.1", "127.0.0.1 127.0.0.2")]
    [InlineData("* -::*", "127.0.0.2 -::1 127.0.0.1")]
    public void CONFIG_SET_bind_changes_overlapping_addresses_on_the_same_port(string before, string after)
    {
        using TransportHost host = Host(_port, before.Split(' ')).Start();

        Assert.Null(host.Set("bind", after.Split(' ')));

        Assert.Equal(after, host.Find("bind")!.Text);
        AssertAnswers(host, "127.0.0.1", _port);
        using TransportHost second = Host(_port, "*");
        Assert.True(Assert.Throws<TransportException>(second.Transport.Listen).IsAddressInUse); // sharing is over
        Assert.Null(host.Set("bind", before.Split(' ')));
        AssertAnswers(host, "127.0.0.1", _port);
    }

    [Fact]
    public void CONFIG_SET_bind_to_an_address_that_is_not_there_keeps_the_old_listener()
    {
        using TransportHost host = Host(_port, "127.0.0.1").Start();

        string? error = host.Set("bind", "192.0.2.1");

        Assert.Equal("Failed to bind to specified addresses.", error);
        Assert.Equal("127.0.0.1", host.Find("bind")!.Text);
        AssertAnswers(host, "127.0.0.1", _port);
    }

    [Fact]
    public void A_client_that_waits_while_an_address_is_kept_is_not_lost()
    {
        using TransportHost host = Host(_port, "127.0.0.1").Start();
        TransportConnection connected = host.Transport.Connect("127.0.0.1", _port, sourceAddress: null);

        Assert.Null(host.Set("bind", "127.0.0.2", "127.0.0.1"));

        TransportConnection accepted = Wait.ForConnection(host.Listeners[1]);
        Assert.Equal(connected.LocalAddress, accepted.RemoteAddress);
        accepted.Close();
        connected.Close();
    }

    [Fact]
    public void More_than_sixteen_addresses_are_refused()
    {
        using TransportHost host = Host(_port, "127.0.0.1");

        Assert.Equal("Too many bind addresses specified.", host.Set("bind", [.. Enumerable.Repeat("127.0.0.1", 17)]));
    }

    [Theory]
    [InlineData("300", 300, 100)]
    [InlineData("2", 2, 1)]
    public void Keep_alive_probes_three_times_within_the_interval(string option, int idleSeconds, int betweenProbesSeconds)
    {
        using TransportHost host = Host(_port, "127.0.0.1").With("tcp-keepalive", option).Start();
        TransportConnection connected = host.Transport.Connect("127.0.0.1", _port, sourceAddress: null);
        TransportConnection accepted = Wait.ForConnection(host.Listeners[0]);

        using Socket view = new(new SafeSocketHandle(accepted.Descriptor, ownsHandle: false));

        Assert.Equal(1, TcpOption(view, SocketOptionName.NoDelay));
        Assert.NotEqual(0, (int)view.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        Assert.Equal(idleSeconds, TcpOption(view, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(betweenProbesSeconds, TcpOption(view, SocketOptionName.TcpKeepAliveInterval));
        Assert.Equal(3, TcpOption(view, SocketOptionName.TcpKeepAliveRetryCount));
        accepted.Close();
        connected.Close();
    }

    [Fact]
    public void Keep_alive_0_is_off()
    {
        using TransportHost host = Host(_port, "127.0.0.1").With("tcp-keepalive", "0").Start();
        TransportConnection connected = host.Transport.Connect("127.0.0.1", _port, sourceAddress: null);
        TransportConnection accepted = Wait.ForConnection(host.Listeners[0]);

        using Socket view = new(new SafeSocketHandle(accepted.Descriptor, ownsHandle: false));

        Assert.Equal(0, (int)view.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        accepted.Close();
        connected.Close();
    }

    [Theory]
    [InlineData("127.0.0.3", null, "127.0.0.3:")]
    [InlineData("", "127.0.0.4", "127.0.0.4:")]
    [InlineData("127.0.0.3", "127.0.0.4", "127.0.0.4:")]
    [InlineData("192.0.2.1", null, "127.0.0.1:")] // one that cannot be used is done without
    public void Outgoing_connections_come_from_the_source_address(string option, string? argument, string expectedStart)
    {
        using TransportHost host = Host(_port, "127.0.0.1").With("bind-source-addr", option).Start();

        TransportConnection connected = host.Transport.Connect("127.0.0.1", _port, argument);
        TransportConnection accepted = Wait.ForConnection(host.Listeners[0]);

        Assert.StartsWith(expectedStart, accepted.RemoteAddress, StringComparison.Ordinal);
        Assert.True(accepted.IsLocal);
        accepted.Close();
        connected.Close();
    }

    [Fact]
    public void Connecting_to_a_name_that_does_not_exist_says_so()
    {
        using TransportHost host = Host(_port, "127.0.0.1");

        TransportException failure = Assert.Throws<TransportException>(
            () => host.Transport.Connect("no-such-host.invalid", 6379, sourceAddress: null));

        Assert.StartsWith("Could not connect to no-such-host.invalid:6379: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backlog_above_the_systems_limit_is_warned_of_once()
    {
        string limit = File.ReadAllText("/proc/sys/net/core/somaxconn").Trim();
        using TransportHost host = Host(_port, "127.0.0.1").With("tcp-backlog", "2147483647").Start();
        Assert.Null(host.Set("bind", "127.0.0.1"));

        Assert.Equal(
            "WARNING: The TCP backlog setting of 2147483647 cannot be enforced because /proc/sys/net/core/somaxconn "
            + $"is set to the lower value of {limit}.",
            Assert.Single(host.LogLines));
    }

    [Fact]
    public void Multipath_TCP_is_used_or_refused_with_the_reason()
    {
        using TransportHost host = Host(_port, "127.0.0.1");
        string? error = host.Set("mptcp", "yes");
        if (error is not null)
        {
            Assert.Equal("MPTCP is not supported on this platform", error);
            Assert.Equal("no", host.Find("mptcp")!.Text);
            return;
        }

        AssertAnswers(host.Start(), "127.0.0.1", _port);
    }

    internal static TransportHost Host(int port, params string[] addresses) => new TransportHost(new TcpPlugin())
        .With("port", port.ToString(CultureInfo.InvariantCulture))
        .With("bind", addresses);

    private static int TcpOption(Socket socket, SocketOptionName name) =>
        (int)socket.GetSocketOption(SocketOptionLevel.Tcp, name)!;

    private static void SkipWithoutIpv6()
    {
        string file = "/proc/net/if_inet6";
        Skip.IfNot(File.Exists(file) && File.ReadAllText(file).Length > 0, "no IPv6 here");
    }

    /// <summary>A new client gets through to one of the present listeners.</summary>
    private static void AssertAnswers(TransportHost host, string address, int port)
    {
        TransportConnection connected = host.Transport.Connect(address, port, sourceAddress: null);
        TransportConnection? accepted = null;
        Wait.Until(() =>
        {
            foreach (TransportListener listener in host.Listeners) accepted ??= listener.TryAccept(out _);
            return accepted is not null;
        });
        Assert.Equal(1, accepted!.Write("x"u8));
        Assert.Equal(1, Wait.ForRead(connected, new byte[1]));
        accepted.Close();
        connected.Close();
    }
}
