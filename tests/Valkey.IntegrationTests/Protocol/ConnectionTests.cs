// How connections end, and how many of them there may be.

namespace Valkey.IntegrationTests.Protocol;

public sealed class ConnectionTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableFact]
    public async Task A_reset_connection_leaves_the_server_unharmed()
    {
        await using RespClient other = await server.ConnectToEmptyAsync();
        for (int i = 0; i < 20; i++)
        {
            RespClient client = await server.ConnectAsync();
            await client.SendRawAsync("*3\r\n$3\r\nSET\r\n$5\r\nreset\r\n$1000\r\nhalf");
            client.Reset();
        }

        Assert.Equal("+PONG\r\n", await other.RawAsync("PING"));
        Assert.Equal(":0\r\n", await other.RawAsync("DBSIZE"));
        await ExpectClientCountAsync(other, 1);
    }

    [SkippableFact]
    public async Task A_client_that_closes_its_sending_half_is_let_go()
    {
        await using RespClient other = await server.ConnectToEmptyAsync();
        await using RespClient client = await server.ConnectAsync();
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));

        client.ShutdownSend();

        Assert.Equal("", await client.ReadToEndAsync());
        await ExpectClientCountAsync(other, 1);
    }

    [SkippableFact]
    public async Task Writes_before_the_sending_half_is_closed_take_place()
    {
        await using RespClient other = await server.ConnectToEmptyAsync();
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync("SET half:closed 1\r\n");
        client.ShutdownSend();
        await client.ReadToEndAsync();

        Assert.Equal("1", await other.TextAsync("GET", "half:closed"));
    }

    [SkippableFact]
    public async Task A_client_that_leaves_with_replies_unread_is_let_go()
    {
        await using RespClient other = await server.ConnectToEmptyAsync();
        await other.CallAsync("SET", "unread", new string('v', 1_000_000));
        RespClient client = await server.ConnectAsync();

        for (int i = 0; i < 50; i++) await client.SendAsync("GET", "unread");
        client.Reset();

        await ExpectClientCountAsync(other, 1);
        Assert.Equal("+PONG\r\n", await other.RawAsync("PING"));
    }

    [SkippableFact]
    public Task A_thousand_connections_are_served() => ServeAsync(1000);

    [SkippableFact]
    [Trait(Tags.Name, Tags.Large)]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task Ten_thousand_connections_are_served()
    {
        const int NeededDescriptors = 10_200;
        Skip.If(DescriptorLimit() < NeededDescriptors, $"ulimit -n is below {NeededDescriptors}.");

        await ServeAsync(9_900); // the default of maxclients is 10,000
    }

    private async Task ServeAsync(int connectionCount)
    {
        await using RespClient other = await server.ConnectToEmptyAsync();
        List<RespClient> clients = new(connectionCount);
        try
        {
            for (int i = 0; i < connectionCount; i++) clients.Add(await server.ConnectAsync());

            foreach (RespClient client in clients) await client.SendAsync("INCR", "served");
            HashSet<long> seen = [];
            foreach (RespClient client in clients) seen.Add((await client.ReadAsync()).Integer);

            Assert.Equal(connectionCount, seen.Count);
            RespValue info = await other.CallAsync("INFO", "clients");
            Assert.Contains($"connected_clients:{connectionCount + 1}\r\n", info.Text, StringComparison.Ordinal);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        await ExpectClientCountAsync(other, 1);
    }

    private static Task ExpectClientCountAsync(RespClient client, int count) => WaitFor.ConditionAsync(
        async () => (await client.CallAsync("INFO", "clients")).Text
            .Contains($"connected_clients:{count}\r\n", StringComparison.Ordinal),
        $"{count} connections are left");

    private static long DescriptorLimit()
    {
        foreach (string line in File.ReadLines("/proc/self/limits"))
        {
            if (!line.StartsWith("Max open files", StringComparison.Ordinal)) continue;
            string soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
            return soft == "unlimited" ? long.MaxValue : long.Parse(soft, System.Globalization.CultureInfo.InvariantCulture);
        }

        return 0;
    }
}
