// Waiting for lists through the real server.

namespace Valkey.IntegrationTests.Lists;

public sealed class BlockingListTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task A_waiting_pop_gets_the_element_that_is_pushed(int resp)
    {
        await using RespClient waiter = await server.ConnectToEmptyAsync(resp);
        await using RespClient pusher = await server.ConnectAsync();
        await waiter.SendAsync("BRPOP", "first", "second", 0);
        await UntilBlockedAsync(pusher, 1);

        Assert.Equal(":2\r\n", await pusher.RawAsync("RPUSH", "second", "a", "b"));

        Assert.Equal("*2\r\n$6\r\nsecond\r\n$1\r\nb\r\n", (await waiter.ReadAsync()).Raw);
        Assert.Equal(["a"], (await pusher.CallAsync("LRANGE", "second", 0, -1)).Texts());
    }

    [SkippableTheory, RespVersions]
    public async Task A_wait_that_ends_without_an_element_replies_null(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        string noArray = resp == 3 ? "_\r\n" : "*-1\r\n"; // of all of them, though a plain LMOVE replies a null string

        Assert.Equal(noArray, await client.RawAsync("BLPOP", "none", "0.01"));
        Assert.Equal(noArray, await client.RawAsync("BLMPOP", "0.01", 1, "none", "LEFT"));
        Assert.Equal(noArray, await client.RawAsync("BLMOVE", "none", "other", "LEFT", "LEFT", "0.01"));
        Assert.Equal(noArray, await client.RawAsync("BRPOPLPUSH", "none", "other", "0.01"));
    }

    [SkippableFact]
    public async Task Those_who_wait_are_served_in_the_order_in_which_they_came()
    {
        await using RespClient first = await server.ConnectToEmptyAsync();
        await using RespClient second = await server.ConnectAsync();
        await using RespClient pusher = await server.ConnectAsync();
        await first.SendAsync("BLPOP", "queue", 0);
        await UntilBlockedAsync(pusher, 1);
        await second.SendAsync("BLMPOP", 0, 1, "queue", "LEFT", "COUNT", 5);
        await UntilBlockedAsync(pusher, 2);

        await pusher.CallAsync("RPUSH", "queue", "a", "b", "c");

        Assert.Equal(["queue", "a"], (await first.ReadAsync()).Texts());
        Assert.Equal("*2\r\n$5\r\nqueue\r\n*2\r\n$1\r\nb\r\n$1\r\nc\r\n", (await second.ReadAsync()).Raw);
        Assert.Equal(":0\r\n", await pusher.RawAsync("EXISTS", "queue"));
    }

    [SkippableFact]
    public async Task A_chain_of_waiting_moves_passes_an_element_on()
    {
        await using RespClient first = await server.ConnectToEmptyAsync();
        await using RespClient second = await server.ConnectAsync();
        await using RespClient pusher = await server.ConnectAsync();
        await first.SendAsync("BLMOVE", "one", "two", "LEFT", "RIGHT", 0);
        await second.SendAsync("BRPOPLPUSH", "two", "three", 0);
        await UntilBlockedAsync(pusher, 2);

        await pusher.CallAsync("RPUSH", "one", "element");

        Assert.Equal("element", (await first.ReadAsync()).Text);
        Assert.Equal("element", (await second.ReadAsync()).Text);
        Assert.Equal(["element"], (await pusher.CallAsync("LRANGE", "three", 0, -1)).Texts());
    }

    [SkippableFact]
    public async Task What_a_transaction_takes_away_again_nobody_gets()
    {
        await using RespClient waiter = await server.ConnectToEmptyAsync();
        await using RespClient writer = await server.ConnectAsync();
        await waiter.SendAsync("BLPOP", "list", 0);
        await UntilBlockedAsync(writer, 1);

        await writer.CallAsync("MULTI");
        await writer.CallAsync("RPUSH", "list", "gone");
        await writer.CallAsync("DEL", "list");
        await writer.CallAsync("EXEC");
        await writer.CallAsync("RPUSH", "list", "kept");

        Assert.Equal(["list", "kept"], (await waiter.ReadAsync()).Texts());
    }

    [SkippableFact]
    public async Task In_a_transaction_nobody_waits()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        await client.CallAsync("MULTI");
        await client.CallAsync("BLPOP", "none", 0);
        await client.CallAsync("BLMOVE", "none", "other", "LEFT", "LEFT", 0);

        Assert.Equal("*2\r\n*-1\r\n$-1\r\n", await client.RawAsync("EXEC"));
    }

    private static Task UntilBlockedAsync(RespClient client, int count) => WaitFor.ConditionAsync(
        async () => (await client.TextAsync("INFO", "clients")).Contains($"blocked_clients:{count}\r\n", StringComparison.Ordinal),
        $"{count} clients wait");
}
