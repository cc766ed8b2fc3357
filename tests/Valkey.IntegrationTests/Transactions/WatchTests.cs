// WATCH: EXEC does nothing when a watched key was touched, by whatever means.

using System.Globalization;

namespace Valkey.IntegrationTests.Transactions;

public sealed class WatchTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData(2, "*-1\r\n")]
    [InlineData(3, "_\r\n")]
    public async Task A_transaction_whose_key_another_client_changed_does_nothing(int resp, string expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await using RespClient other = await server.ConnectAsync();
        await client.CallAsync("WATCH", "k");

        await other.CallAsync("SET", "k", "theirs");
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "k", "mine");

        Assert.Equal(expected, await client.RawAsync("EXEC"));
        Assert.Equal("theirs", await client.TextAsync("GET", "k"));
    }

    [SkippableTheory]
    [InlineData("DEL k")]
    [InlineData("EXPIRE k 100")]
    [InlineData("APPEND k x")]
    [InlineData("RENAME k other")]
    [InlineData("FLUSHDB")]
    [InlineData("FLUSHALL")]
    [InlineData("SWAPDB 0 1")]
    [InlineData("MOVE k 5")]
    [InlineData("SET k v")]
    [InlineData("GETDEL k")]
    public async Task Every_change_of_the_key_counts(string change)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient other = await server.ConnectAsync();
        await client.CallAsync("SET", "k", "v");
        await client.CallAsync("WATCH", "k");

        await other.SendRawAsync(change + "\r\n");
        Assert.False((await other.ReadAsync()).IsError);

        Assert.True(await ExecFailsAsync(client));
    }

    [SkippableTheory]
    [InlineData("GET k")]
    [InlineData("SET other v")]
    [InlineData("DEL missing")]
    [InlineData("PERSIST k")]
    [InlineData("SET k v NX")]
    [InlineData("EXPIRE missing 10")]
    [InlineData("SWAPDB 2 3")]
    public async Task What_does_not_change_the_key_does_not_count(string command)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient other = await server.ConnectAsync();
        await client.CallAsync("SET", "k", "v");
        await client.CallAsync("WATCH", "k");

        await other.SendRawAsync(command + "\r\n");
        Assert.False((await other.ReadAsync()).IsError);

        Assert.False(await ExecFailsAsync(client));
    }

    [SkippableFact]
    public async Task One_s_own_change_before_MULTI_counts_too()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("WATCH", "k");

        await client.CallAsync("SET", "k", "mine");

        Assert.True(await ExecFailsAsync(client));
    }

    [SkippableFact]
    public async Task UNWATCH_forgets_the_keys()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient other = await server.ConnectAsync();
        await client.CallAsync("WATCH", "k");
        await other.CallAsync("SET", "k", "theirs");

        Assert.Equal("+OK\r\n", await client.RawAsync("UNWATCH"));

        Assert.False(await ExecFailsAsync(client));
    }

    [SkippableTheory]
    [InlineData("EXEC")]
    [InlineData("DISCARD")]
    public async Task The_end_of_a_transaction_unwatches(string end)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient other = await server.ConnectAsync();
        await client.CallAsync("WATCH", "k");
        await client.CallAsync("MULTI");
        await client.CallAsync(end);

        await other.CallAsync("SET", "k", "theirs");

        Assert.False(await ExecFailsAsync(client));
    }

    [SkippableFact]
    public async Task A_watched_key_of_another_database_is_told_apart()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient other = await server.ConnectAsync();
        await client.CallAsync("WATCH", "k");

        await other.CallAsync("SELECT", "9");
        await other.CallAsync("SET", "k", "elsewhere");

        Assert.False(await ExecFailsAsync(client));
    }

    [SkippableFact]
    public async Task A_watched_key_that_expires_counts()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v", "PX", 500);
        await client.CallAsync("WATCH", "k");

        await using RespClient other = await server.ConnectAsync();
        await WaitFor.ConditionAsync(async () => (await other.CallAsync("EXISTS", "k")).Integer == 0, "the key is gone");

        Assert.True(await ExecFailsAsync(client));
    }

    [SkippableFact]
    public async Task Two_clients_that_count_by_WATCH_lose_no_increment()
    {
        const int IncrementCount = 100;
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "counter", 0);

        await Task.WhenAll(CountAsync(IncrementCount), CountAsync(IncrementCount), CountAsync(IncrementCount));

        Assert.Equal(3 * IncrementCount, (await client.CallAsync("GET", "counter")).Integer);
    }

    private async Task CountAsync(int count)
    {
        await using RespClient client = await server.ConnectAsync();
        for (int done = 0; done < count;)
        {
            await client.CallAsync("WATCH", "counter");
            long value = (await client.CallAsync("GET", "counter")).Integer;
            await client.CallAsync("MULTI");
            await client.CallAsync("SET", "counter", (value + 1).ToString(CultureInfo.InvariantCulture));
            if (!(await client.CallAsync("EXEC")).IsNull) done++;
        }
    }

    private static async Task<bool> ExecFailsAsync(RespClient client)
    {
        await client.CallAsync("MULTI");
        await client.CallAsync("PING");
        return (await client.CallAsync("EXEC")).IsNull;
    }
}
