// SORT through the real server, with the types that it reads and that its patterns lead to.

namespace Valkey.IntegrationTests.Lists;

public sealed class SortTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData("SORT numbers", "1 2 10 30")]
    [InlineData("SORT numbers DESC", "30 10 2 1")]
    [InlineData("SORT numbers ALPHA", "1 10 2 30")]
    [InlineData("SORT numbers LIMIT 1 2", "2 10")]
    [InlineData("SORT numbers LIMIT -5 2", "1 2")]
    [InlineData("SORT numbers LIMIT 2 -1", "10 30")]
    [InlineData("SORT numbers LIMIT 9 1", "")]
    [InlineData("SORT numbers BY nosort", "10 1 30 2")]
    [InlineData("SORT numbers BY nosort DESC LIMIT 0 2", "2 30")]
    [InlineData("SORT numbers BY weight_*", "30 2 10 1")]
    [InlineData("SORT numbers BY hash_*->weight", "2 30 1 10")]
    [InlineData("SORT numbers BY name_* ALPHA", "1 2 30 10")]
    [InlineData("SORT numbers BY missing_*", "1 10 2 30")] // all weigh 0: by their bytes
    [InlineData("SORT numbers GET # GET name_*", "1 (nil) 2 alpha 10 gamma 30 beta")]
    [InlineData("SORT numbers GET hash_*->weight LIMIT 0 2", "3 1")]
    [InlineData("SORT numbers GET fixed LIMIT 0 1", "(nil)")]
    [InlineData("SORT_RO numbers DESC LIMIT 0 1", "30")]
    [InlineData("SORT none", "")]
    [InlineData("SORT fractions", "-inf -1.5 .5 1e2")]
    [InlineData("SORT set DESC", "3 2 1")]
    [InlineData("SORT sorted BY nosort", "b c a")]
    [InlineData("SORT sorted BY nosort DESC LIMIT 1 1", "c")]
    [InlineData("SORT sorted ALPHA", "a b c")]
    public async Task It_replies_the_elements_in_order(string command, string expected)
    {
        await using RespClient client = await FillAsync();

        string[] reply = (await client.CallAsync([.. command.Split(' ')])).Texts();

        Assert.Equal(expected, string.Join(' ', reply));
    }

    [SkippableTheory]
    [InlineData("SORT words", "ERR One or more scores can't be converted into double")]
    [InlineData("SORT words STORE target", "ERR One or more scores can't be converted into double")]
    [InlineData("SORT numbers LIMIT 1", "ERR syntax error")]
    [InlineData("SORT numbers LIMIT 1 x", "ERR value is not an integer or out of range")]
    [InlineData("SORT numbers UP", "ERR syntax error")]
    [InlineData("SORT_RO numbers STORE target", "ERR syntax error")]
    [InlineData("SORT name_2", "WRONGTYPE Operation against a key holding the wrong kind of value")]
    public async Task What_is_wrong_is_said_and_nothing_is_stored(string command, string error)
    {
        await using RespClient client = await FillAsync();

        Assert.Equal($"-{error}\r\n", await client.RawAsync([.. command.Split(' ')]));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "target"));
    }

    [SkippableFact]
    public async Task The_result_can_be_stored_in_the_place_of_any_key()
    {
        await using RespClient client = await FillAsync();
        await client.CallAsync("SET", "target", "text", "EX", 100);

        Assert.Equal(":8\r\n", await client.RawAsync("SORT", "numbers", "GET", "#", "GET", "name_*", "STORE", "target"));

        Assert.Equal(["1", "", "2", "alpha", "10", "gamma", "30", "beta"], (await client.CallAsync("LRANGE", "target", 0, -1)).Texts());
        Assert.Equal(":-1\r\n", await client.RawAsync("TTL", "target"));
        Assert.Equal(":4\r\n", await client.RawAsync("SORT", "numbers", "STORE", "numbers"));
        Assert.Equal(["1", "2", "10", "30"], (await client.CallAsync("LRANGE", "numbers", 0, -1)).Texts());
        Assert.Equal(":0\r\n", await client.RawAsync("SORT", "none", "STORE", "target"));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "target"));
    }

    [SkippableFact]
    public async Task A_set_that_is_stored_unsorted_is_stored_in_one_order_everywhere()
    {
        await using RespClient client = await FillAsync();

        await client.CallAsync("SORT", "set", "BY", "nosort", "STORE", "target");

        Assert.Equal(["1", "2", "3"], (await client.CallAsync("LRANGE", "target", 0, -1)).Texts());
    }

    [SkippableFact]
    public async Task The_keys_of_SORT_are_its_source_and_the_last_target()
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue keys = await client.CallAsync("COMMAND", "GETKEYS", "SORT", "a", "BY", "store", "STORE", "b", "GET", "c", "STORE", "d");

        Assert.Equal(["a", "d"], keys.Texts());
    }

    [SkippableFact]
    public async Task Thousands_of_elements_are_sorted_by_keys_of_their_own()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        const int Count = 3_000;
        for (int i = 0; i < Count; i++)
        {
            await client.SendAsync("RPUSH", "list", i);
            await client.SendAsync("SET", $"w{i}", (i * 7919) % Count);
        }

        for (int i = 0; i < 2 * Count; i++) await client.ReadAsync();

        string[] weights = (await client.CallAsync("SORT", "list", "BY", "w*", "GET", "w*")).Texts();

        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i}"), weights);
    }

    private async Task<RespClient> FillAsync()
    {
        RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("RPUSH", "numbers", 10, 1, 30, 2);
        await client.CallAsync("RPUSH", "fractions", "1e2", ".5", "-inf", "-1.5");
        await client.CallAsync("RPUSH", "words", "a", "b");
        await client.CallAsync("SADD", "set", 2, 3, 1);
        await client.CallAsync("ZADD", "sorted", 3, "a", 1, "b", 2, "c");
        await client.CallAsync("MSET", "weight_1", 9, "weight_2", "-1.5", "weight_10", 3, "weight_30", -2);
        await client.CallAsync("MSET", "name_2", "alpha", "name_30", "beta", "name_10", "gamma");
        await client.CallAsync("HSET", "hash_1", "weight", 3);
        await client.CallAsync("HSET", "hash_2", "weight", 1);
        await client.CallAsync("HSET", "hash_30", "weight", 2);
        await client.CallAsync("HSET", "hash_10", "weight", 4);
        return client;
    }
}
