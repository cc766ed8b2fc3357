// Where the server listens: addresses, the Unix socket, and what happens when it cannot.

using System.Net.Sockets;

namespace Valkey.IntegrationTests.Lifecycle;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class ListenTests
{
    [SkippableFact]
    public async Task A_port_that_is_taken_stops_the_start()
    {
        await using ServerProcess first = await ServerProcess.StartAsync();

        ProcessResult second = await RedisTools.RunAsync(
            TestEnvironment.ServerExecutable, ["--port", $"{first.Port}", "--bind", "127.0.0.1", "--save", ""],
            workingFolder: first.Folder);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("Failed listening on port", second.Output, StringComparison.Ordinal);
        Assert.Contains("already in use", second.Output, StringComparison.OrdinalIgnoreCase);
    }

    [SkippableFact]
    public async Task An_address_that_is_not_ours_stops_the_start()
    {
        TestEnvironment.SkipIfExternal();
        using FreePort port = FreePort.Claim();

        ProcessResult result = await RedisTools.RunAsync(
            TestEnvironment.ServerExecutable, ["--port", $"{port.Number}", "--bind", "192.0.2.1", "--save", ""],
            workingFolder: Path.GetTempPath());

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Failed listening on port", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_optional_address_that_is_not_ours_is_passed_over()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("bind 127.0.0.1 -192.0.2.1");
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    [SkippableTheory, RespVersions]
    public async Task The_Unix_socket_speaks_the_same_protocol(int resp)
    {
        TestEnvironment.SkipIfExternal();
        string path = Path.Combine(Path.GetTempPath(), $"valkey-test-{Guid.NewGuid():N}.sock");
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerOptions
        {
            Config = ["port 0", $"unixsocket {path}", "unixsocketperm 700"],
            UnixSocket = path,
        });
        await using RespClient client = await server.ConnectAsync(resp);

        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "k", "v"));
        Assert.Equal("$1\r\nv\r\n", await client.RawAsync("GET", "k"));
        string info = (await client.CallAsync("CLIENT", "INFO")).Text;
        Assert.Contains($" addr={path}:0 ", info, StringComparison.Ordinal);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));

        await server.StopAsync();

        Assert.False(File.Exists(path), "The socket's file is still there.");
    }

    [SkippableFact]
    public async Task TCP_and_Unix_socket_serve_the_same_data()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("unixsocket server.sock");
        await using RespClient byTcp = await server.ConnectAsync();
        await using RespClient bySocket = await RespClient.ConnectUnixAsync(Path.Combine(server.Folder, "server.sock"));

        await byTcp.CallAsync("SET", "k", "v");

        Assert.Equal("v", await bySocket.TextAsync("GET", "k"));
    }

    [SkippableFact]
    public async Task Another_port_can_be_chosen_at_run_time()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        using FreePort other = FreePort.Claim();

        Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "SET", "port", other.Number));

        await using RespClient there = await RespClient.ConnectAsync("127.0.0.1", other.Number);
        Assert.Equal("+PONG\r\n", await there.RawAsync("PING"));
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        await Assert.ThrowsAnyAsync<SocketException>(() => server.ConnectAsync());
    }
}
