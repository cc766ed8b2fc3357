// Waiting for keys by list commands: chains, order within one turn, and keys whose time is over before anybody is served.

using System.Globalization;

namespace Valkey.IntegrationTests.Blocking;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class BlockingListTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableFact]
    public async Task A_served_client_that_pushes_serves_the_next_one_before_anybody_else_s_command()
    {
        await using RespClient writer = await server.ConnectAsync();
        await writer.RequireCommandAsync("blmove");
        await using RespClient first = await WaitAsync(writer, "BLMOVE", "chain:a", "chain:b", "LEFT", "RIGHT", 0);
        await using RespClient second = await WaitAsync(writer, "BLMOVE", "chain:b", "chain:c", "LEFT", "RIGHT", 0);
        await using RespClient third = await WaitAsync(writer, "BLPOP", "chain:c", 0);

        await writer.SendRawAsync((byte[])[
            .. RespClient.Encode("RPUSH", "chain:a", "x"), .. RespClient.Encode("EXISTS", "chain:a", "chain:b", "chain:c"),
        ]);

        Assert.Equal(":1\r\n", (await writer.ReadAsync()).Raw);
        Assert.Equal(":0\r\n", (await writer.ReadAsync()).Raw);
        Assert.Equal("$1\r\nx\r\n", (await first.ReadAsync()).Raw);
        Assert.Equal("$1\r\nx\r\n", (await second.ReadAsync()).Raw);
        Assert.Equal("*2\r\n$7\r\nchain:c\r\n$1\r\nx\r\n", (await third.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_ring_of_waiting_clients_comes_to_rest()
    {
        await using RespClient writer = await server.ConnectAsync();
        await writer.RequireCommandAsync("blmove");
        await using RespClient there = await WaitAsync(writer, "BLMOVE", "ring:a", "ring:b", "LEFT", "RIGHT", 0);
        await using RespClient back = await WaitAsync(writer, "BLMOVE", "ring:b", "ring:a", "LEFT", "RIGHT", 0);

        await writer.CallAsync("RPUSH", "ring:a", "x");

        Assert.Equal("$1\r\nx\r\n", (await there.ReadAsync()).Raw);
        Assert.Equal("$1\r\nx\r\n", (await back.ReadAsync()).Raw);
        Assert.Equal("[x]", await writer.TextAsync("LRANGE", "ring:a", 0, -1));
    }

    [SkippableFact]
    public async Task A_destination_of_another_type_is_an_error_when_the_source_comes()
    {
        await using RespClient writer = await server.ConnectAsync();
        await writer.RequireCommandAsync("blmove");
        await writer.CallAsync("SET", "wrong:target", "a string");
        await using RespClient waiting = await WaitAsync(writer, "BLMOVE", "wrong:source", "wrong:target", "LEFT", "RIGHT", 0);

        await writer.CallAsync("RPUSH", "wrong:source", "x");

        Assert.StartsWith("-WRONGTYPE", (await waiting.ReadAsync()).Raw);
        Assert.Equal("[x]", await writer.TextAsync("LRANGE", "wrong:source", 0, -1));
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.NeedsDebug)]
    public async Task A_key_whose_time_is_over_when_the_transaction_ends_serves_nobody()
    {
        await using RespClient writer = await server.ConnectAsync();
        await writer.RequireCommandAsync("blpop");
        await using RespClient waiting = await WaitAsync(writer, "BLPOP", "short-lived", 0);

        await writer.CallAsync("MULTI");
        await writer.CallAsync("RPUSH", "short-lived", "x");
        await writer.CallAsync("PEXPIRE", "short-lived", 10);
        await writer.CallAsync("DEBUG", "SLEEP", "0.05");
        await writer.CallAsync("EXEC");

        Assert.Equal(1, await CountWaitingAsync(writer));
        Assert.Equal(":0\r\n", await writer.RawAsync("EXISTS", "short-lived"));
        await writer.CallAsync("RPUSH", "short-lived", "y");
        Assert.Equal("*2\r\n$11\r\nshort-lived\r\n$1\r\ny\r\n", (await waiting.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task One_push_of_many_elements_serves_as_many_clients_in_the_order_in_which_they_came()
    {
        const int Count = 20;
        await using RespClient writer = await server.ConnectAsync();
        await writer.RequireCommandAsync("blpop");
        List<RespClient> clients = [];
        for (int i = 0; i < Count; i++) clients.Add(await WaitAsync(writer, "BLPOP", "many", "many:other", 0));

        await writer.CallAsync(["RPUSH", "many", .. NumbersTo(Count)]);

        for (int i = 0; i < Count; i++)
        {
            Assert.Equal($"[many, {i}]", (await clients[i].ReadAsync()).ToString());
            await clients[i].DisposeAsync();
        }

        Assert.Equal(0, await CountWaitingAsync(writer));
    }

    private static object[] NumbersTo(int count)
    {
        object[] numbers = new object[count];
        for (int i = 0; i < count; i++) numbers[i] = i;
        return numbers;
    }

    private async Task<RespClient> WaitAsync(RespClient observer, params object[] command)
    {
        int before = await CountWaitingAsync(observer);
        RespClient client = await server.ConnectAsync();
        await client.SendAsync(command);
        await WaitFor.ConditionAsync(async () => await CountWaitingAsync(observer) == before + 1, "the client waits");
        return client;
    }

    private static async Task<int> CountWaitingAsync(RespClient observer)
    {
        string info = await observer.TextAsync("INFO", "clients");
        const string Name = "blocked_clients:";
        int start = info.IndexOf(Name, StringComparison.Ordinal) + Name.Length;
        return int.Parse(info.AsSpan(start, info.IndexOf('\r', start) - start), CultureInfo.InvariantCulture);
    }
}
