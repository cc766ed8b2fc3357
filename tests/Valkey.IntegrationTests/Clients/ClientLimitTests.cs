// Limits on connections: how many, how long idle, how much unread.

namespace Valkey.IntegrationTests.Clients;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class ClientLimitTests
{
    [SkippableFact]
    public async Task One_connection_too_many_hears_so_and_is_closed()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("maxclients 3");
        await using RespClient first = await server.ConnectAsync();
        await WaitForClientCountAsync(first, 1); // the one that waited for the start may still be going
        await using RespClient second = await server.ConnectAsync();
        await second.CallAsync("PING");
        await using RespClient third = await server.ConnectAsync();
        await third.CallAsync("PING");

        await using RespClient fourth = await server.ConnectAsync();

        Assert.Equal("-ERR max number of clients reached\r\n", await fourth.ReadToEndAsync());
        Assert.Contains("rejected_connections:1\r\n", (await first.CallAsync("INFO", "stats")).Text, StringComparison.Ordinal);
        Assert.Equal("+PONG\r\n", await third.RawAsync("PING"));
    }

    [SkippableFact]
    public async Task The_place_of_a_connection_that_left_is_free_again()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("maxclients 2");
        await using RespClient first = await server.ConnectAsync();
        await WaitForClientCountAsync(first, 1);
        RespClient second = await server.ConnectAsync();
        await second.CallAsync("PING");

        second.Dispose();
        await WaitForClientCountAsync(first, 1);

        await using RespClient third = await server.ConnectAsync();
        Assert.Equal("+PONG\r\n", await third.RawAsync("PING"));
    }

    [SkippableFact]
    public async Task An_idle_connection_is_closed_after_the_timeout()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("timeout 1");
        await using RespClient idle = await server.ConnectAsync();
        await using RespClient busy = await server.ConnectAsync();
        await idle.CallAsync("PING");

        Task<string> closing = idle.ReadToEndAsync();
        while (!closing.IsCompleted)
        {
            Assert.Equal("+PONG\r\n", await busy.RawAsync("PING"));
            await Task.Delay(50);
        }

        Assert.Equal("", await closing);
    }

    [SkippableFact]
    public async Task A_client_that_does_not_read_is_closed_at_its_output_limit()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("client-output-buffer-limit normal 4mb 0 0");
        await using RespClient other = await server.ConnectAsync();
        await other.CallAsync("SET", "big", new string('v', 1_000_000));
        await using RespClient greedy = await server.ConnectAsync();
        greedy.Socket.ReceiveBufferSize = 16 * 1024;

        for (int i = 0; i < 40; i++) await greedy.SendAsync("GET", "big");

        await WaitFor.ConditionAsync(
            async () => (await other.CallAsync("INFO", "clients")).Text
                .Contains("connected_clients:1\r\n", StringComparison.Ordinal),
            "the client that does not read is gone");
        Assert.Equal("+PONG\r\n", await other.RawAsync("PING"));
    }

    private static Task WaitForClientCountAsync(RespClient client, int count) => WaitFor.ConditionAsync(
        async () => (await client.CallAsync("INFO", "clients")).Text
            .Contains($"connected_clients:{count}\r\n", StringComparison.Ordinal),
        $"{count} connections are left");
}
