// Sorted sets through the real server: shapes of replies under both protocols, both encodings, errors, and what other types
// lend to unions.

namespace Valkey.IntegrationTests.SortedSets;

public sealed class SortedSetCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task Members_come_with_scores_in_pairs_under_RESP3_and_flat_under_RESP2(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.CallAsync("ZADD", "z", "1", "a", "2.5", "b");

        string replied = await client.RawAsync("ZRANGE", "z", "0", "-1", "WITHSCORES");

        Assert.Equal(
            resp == 3
                ? "*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2.5\r\n"
                : "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$3\r\n2.5\r\n",
            replied);
        Assert.Equal(replied, await client.RawAsync("ZRANGEBYSCORE", "z", "-inf", "+inf", "WITHSCORES"));
        Assert.Equal(replied, await client.RawAsync("ZUNION", "1", "z", "WITHSCORES"));
        Assert.Equal(replied, await client.RawAsync("ZRANDMEMBER", "z", "10", "WITHSCORES"));
        Assert.Equal(replied, await client.RawAsync("ZPOPMIN", "z", "2"));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "z"));
    }

    [SkippableTheory, RespVersions]
    public async Task Pops_differ_in_shape(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.CallAsync("ZADD", "z", "1", "a", "2", "b", "3", "c", "4", "d");
        string score = resp == 3 ? "," : "$1\r\n";

        Assert.Equal($"*2\r\n$1\r\na\r\n{score}1\r\n", await client.RawAsync("ZPOPMIN", "z"));
        Assert.Equal($"*3\r\n$1\r\nz\r\n$1\r\nd\r\n{score}4\r\n", await client.RawAsync("BZPOPMAX", "none", "z", "0"));
        Assert.Equal(
            $"*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nb\r\n{score}2\r\n*2\r\n$1\r\nc\r\n{score}3\r\n",
            await client.RawAsync("ZMPOP", "2", "none", "z", "MIN", "COUNT", "7"));
        Assert.Equal(resp == 3 ? "_\r\n" : "*-1\r\n", await client.RawAsync("ZMPOP", "1", "z", "MIN"));
        Assert.Equal("*0\r\n", await client.RawAsync("ZPOPMIN", "z"));
    }

    [SkippableTheory]
    [InlineData(10, "listpack")]
    [InlineData(1_000, "skiplist")]
    public async Task Ranges_are_the_same_in_both_encodings(int count, string encoding)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < count; i++) await client.CallAsync("ZADD", "z", $"{i / 2.0}", $"m{i:D4}");
        Assert.Equal(encoding, (await client.CallAsync("OBJECT", "ENCODING", "z")).Text);

        Assert.Equal("*2\r\n$5\r\nm0003\r\n$5\r\nm0004\r\n", await client.RawAsync("ZRANGE", "z", "(1", "2", "BYSCORE"));
        Assert.Equal("*2\r\n$5\r\nm0004\r\n$5\r\nm0003\r\n", await client.RawAsync("ZRANGE", "z", "2", "(1", "BYSCORE", "REV"));
        Assert.Equal("*1\r\n$5\r\nm0003\r\n", await client.RawAsync("ZREVRANGEBYSCORE", "z", "2", "1", "LIMIT", "1", "1"));
        Assert.Equal("*2\r\n$5\r\nm0001\r\n$5\r\nm0002\r\n", await client.RawAsync("ZRANGE", "z", "1", "2"));
        Assert.Equal(":4\r\n", await client.RawAsync("ZCOUNT", "z", "0.5", "2"));
        Assert.Equal(":3\r\n", await client.RawAsync("ZRANK", "z", "m0003"));
        Assert.Equal($":{count - 4}\r\n", await client.RawAsync("ZREVRANK", "z", "m0003"));
        Assert.Equal(":2\r\n", await client.RawAsync("ZREMRANGEBYRANK", "z", "0", "1"));
        Assert.Equal(":2\r\n", await client.RawAsync("ZREMRANGEBYSCORE", "z", "1", "(2"));
        Assert.Equal($":{count - 4}\r\n", await client.RawAsync("ZCARD", "z"));
        Assert.Equal(":2\r\n", await client.RawAsync("ZRANGESTORE", "copy", "z", "0", "1"));
        Assert.Equal("*2\r\n$5\r\nm0004\r\n$5\r\nm0005\r\n", await client.RawAsync("ZRANGE", "copy", "0", "-1"));
    }

    [SkippableFact]
    public async Task Sets_take_part_in_unions_with_the_score_1()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("ZADD", "z", "10", "a", "20", "b");
        await client.CallAsync("SADD", "s", "a", "c");

        Assert.Equal(":3\r\n", await client.RawAsync("ZUNIONSTORE", "u", "2", "z", "s", "WEIGHTS", "2", "3"));
        Assert.Equal(
            "*6\r\n$1\r\nc\r\n$1\r\n3\r\n$1\r\na\r\n$2\r\n23\r\n$1\r\nb\r\n$2\r\n40\r\n",
            await client.RawAsync("ZRANGE", "u", "0", "-1", "WITHSCORES"));
        Assert.Equal(
            "*2\r\n$1\r\na\r\n$1\r\n1\r\n",
            await client.RawAsync("ZINTER", "2", "z", "s", "AGGREGATE", "MIN", "WITHSCORES"));
        Assert.Equal("*1\r\n$1\r\nc\r\n", await client.RawAsync("ZDIFF", "2", "s", "z"));
        Assert.Equal(":1\r\n", await client.RawAsync("ZINTERCARD", "2", "s", "z", "LIMIT", "5"));
        Assert.Equal(":0\r\n", await client.RawAsync("ZDIFFSTORE", "u", "2", "z", "z"));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "u"));
    }

    [SkippableFact]
    public async Task Errors_are_those_of_Valkey_and_change_nothing()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "text", "x");
        await client.CallAsync("ZADD", "z", "inf", "m");

        Assert.Equal("-ERR value is not a valid float\r\n", await client.RawAsync("ZADD", "z", "1", "n", "one", "o"));
        Assert.Equal("-ERR value is not a valid float\r\n", await client.RawAsync("ZADD", "z", "nan", "n"));
        Assert.Equal("-ERR resulting score is not a number (NaN)\r\n", await client.RawAsync("ZINCRBY", "z", "-inf", "m"));
        Assert.Equal(
            "-ERR XX and NX options at the same time are not compatible\r\n",
            await client.RawAsync("ZADD", "z", "NX", "XX", "1", "n"));
        Assert.Equal(
            "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n",
            await client.RawAsync("ZADD", "z", "GT", "LT", "1", "n"));
        Assert.Equal("-ERR min or max is not a float\r\n", await client.RawAsync("ZCOUNT", "z", "a", "1"));
        Assert.Equal("-ERR min or max not valid string range item\r\n", await client.RawAsync("ZLEXCOUNT", "z", "a", "+"));
        Assert.Equal(
            "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX\r\n",
            await client.RawAsync("ZRANGE", "z", "0", "1", "LIMIT", "0", "1"));
        Assert.Equal("-ERR LIMIT can't be negative\r\n", await client.RawAsync("ZINTERCARD", "1", "z", "LIMIT", "-1"));
        Assert.Equal("-ERR at least 1 input key is needed for 'zunion' command\r\n", await client.RawAsync("ZUNION", "0", "z"));
        Assert.Equal("-ERR numkeys should be greater than 0\r\n", await client.RawAsync("ZMPOP", "0", "z", "MIN"));
        Assert.StartsWith("-WRONGTYPE", await client.RawAsync("ZUNION", "2", "z", "text"), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGTYPE", await client.RawAsync("ZADD", "text", "1", "m"), StringComparison.Ordinal);
        Assert.Equal(":1\r\n", await client.RawAsync("ZCARD", "z"));
    }

    [SkippableFact]
    public async Task A_client_that_waits_is_served_when_members_come()
    {
        await using RespClient waiting = await server.ConnectToEmptyAsync();
        await using RespClient other = await server.ConnectAsync();
        await waiting.SendAsync("BZMPOP", "0", "2", "none", "z", "MAX", "COUNT", "2");
        await WaitFor.ConditionAsync(
            async () => (await other.CallAsync("INFO", "clients")).Text.Contains("blocked_clients:1", StringComparison.Ordinal),
            "the client waits");

        await other.CallAsync("ZADD", "z", "1", "a", "2", "b", "3", "c");

        const string Expected = "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n";
        Assert.Equal(Expected, System.Text.Encoding.ASCII.GetString(await waiting.ReadExactlyAsync(Expected.Length)));
        Assert.Equal(":1\r\n", await other.RawAsync("ZCARD", "z"));
    }

    [SkippableFact]
    public async Task A_scan_shows_every_member_that_stays_while_others_come_and_go()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < 600; i++) await client.CallAsync("ZADD", "z", $"{i}", $"stays:{i}");

        HashSet<string> seen = [];
        string cursor = "0";
        int round = 0;
        do
        {
            RespValue reply = await client.CallAsync("ZSCAN", "z", cursor, "COUNT", "50", "NOSCORES");
            cursor = reply[0].Text;
            for (int i = 0; i < reply[1].Items.Count; i++) seen.Add(reply[1][i].Text);
            for (int i = 0; i < 100; i++) await client.CallAsync(round % 2 == 0 ? "ZADD" : "ZREM", "z", "1", $"goes:{i}");
            round++;
        }
        while (cursor != "0");

        for (int i = 0; i < 600; i++) Assert.Contains($"stays:{i}", seen);
    }
}
