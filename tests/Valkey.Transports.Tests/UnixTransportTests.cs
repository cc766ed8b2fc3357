// Unix sockets: the common suite, and what only they have: a file with rights and an owner.

using System.Net.Sockets;
using System.Runtime.Versioning;
using Valkey.Abstractions;
using Valkey.Transports.Unix;

namespace Valkey.Transports.Tests;

[SupportedOSPlatform("linux")]
public sealed class UnixConformance : TransportConformance
{
    private readonly string _path = UnixTransportTests.NewPath();

    private protected override (string Host, int Port) ServerEndpoint => (_path, 0);

    private protected override string ServerAddress => _path + ":0";

    private protected override string Description => "name=unix,bind=" + _path;

    private protected override bool IsUnixSocket => true;

    private protected override TransportHost StartServer() => UnixTransportTests.Host(_path).Start();

    private protected override Socket OpenPlainSocket()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_path));
        return socket;
    }
}

[SupportedOSPlatform("linux")]
public sealed class UnixTransportTests : IDisposable
{
    private readonly string _path = NewPath();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Without_a_path_it_does_not_listen()
    {
        using TransportHost host = new TransportHost(new UnixPlugin()).Start();

        Assert.Empty(host.Listeners);
        string[] names = ["unixsocket", "unixsocketperm", "unixsocketgroup"];
        Assert.Equal(["", "0", ""], names.Select(name => host.Find(name)!.Text));
        Assert.All(names, name => Assert.Equal(OptionFlags.Immutable, host.Find(name)!.Flags));
    }

    [Fact]
    public void The_file_goes_when_the_listener_closes()
    {
        TransportHost host = Host(_path).Start();
        Assert.True(File.Exists(_path));

        host.Dispose();

        Assert.False(File.Exists(_path));
        Assert.Equal(["Removing the unix socket file."], host.LogLines);
    }

    [Fact]
    public void A_socket_left_by_a_server_before_is_replaced()
    {
        using Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dead.Bind(new UnixDomainSocketEndPoint(_path));

        using TransportHost host = Host(_path).Start();

        TransportConnection connected = host.Transport.Connect(_path, 0, sourceAddress: null);
        Wait.ForConnection(host.Listeners[0]).Close();
        connected.Close();
    }

    [Fact]
    public void A_server_whose_path_was_taken_over_does_not_remove_the_new_file()
    {
        TransportHost first = Host(_path).Start();
        using TransportHost second = Host(_path).Start();

        first.Dispose();

        Assert.True(File.Exists(_path));
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        File.WriteAllText(_path, "notes");
        using TransportHost host = Host(_path);

        TransportException failure = Assert.Throws<TransportException>(host.Transport.Listen);

        Assert.True(failure.IsAddressInUse);
        Assert.Equal("Failed opening Unix socket: bind: Address already in use", failure.Message);
        Assert.Equal("notes", File.ReadAllText(_path));
    }

    [Fact]
    public void A_path_of_107_bytes_is_taken_and_a_longer_one_is_refused()
    {
        string longest = _path + new string('x', 107 - _path.Length);
        using TransportHost host = Host(longest).Start();
        Assert.Single(host.Listeners);
        using TransportHost other = Host(longest + "x");

        TransportException failure = Assert.Throws<TransportException>(other.Transport.Listen);

        Assert.Equal("Failed opening Unix socket: unix socket path too long (108), must be under 108", failure.Message);
        Assert.Equal([failure.Message], other.LogLines);
    }

    [Theory]
    [InlineData("700", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)]
    [InlineData("660", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite)]
    public void The_file_gets_the_permissions(string octal, UnixFileMode expected)
    {
        using TransportHost host = Host(_path).With("unixsocketperm", octal).Start();

        Assert.Equal(expected, File.GetUnixFileMode(_path));
        Assert.Equal(octal, host.Find("unixsocketperm")!.Text);
    }

    [Fact]
    public void A_group_that_does_not_exist_fails_and_leaves_no_file()
    {
        using TransportHost host = Host(_path).With("unixsocketgroup", "no-such-group");

        TransportException failure = Assert.Throws<TransportException>(host.Transport.Listen);

        Assert.StartsWith(
            "Failed opening Unix socket: getgrnam error for group 'no-such-group': ", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_path));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("root")]
    public void A_group_is_given_by_number_or_name(string group)
    {
        using TransportHost host = Host(_path).With("unixsocketgroup", group);
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Single(host.Start().Listeners);
            return;
        }

        // Only root may give files to root's group; the reason shows that the group was found.
        TransportException failure = Assert.Throws<TransportException>(host.Transport.Listen);
        Assert.Contains($"chown error for group '{group}'", failure.Message, StringComparison.Ordinal);
    }

    internal static TransportHost Host(string path) => new TransportHost(new UnixPlugin()).With("unixsocket", path);

    internal static string NewPath() => Path.Combine(Path.GetTempPath(), $"vk-{Guid.NewGuid():N}.sock");
}
