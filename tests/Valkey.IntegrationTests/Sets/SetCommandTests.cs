// Sets through the real server: shapes of replies under both protocols, encodings, and what other commands make of sets.

namespace Valkey.IntegrationTests.Sets;

public sealed class SetCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task A_missing_set_is_empty(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        string emptySet = resp == 3 ? "~0\r\n" : "*0\r\n";
        string nothing = resp == 3 ? "_\r\n" : "$-1\r\n";

        Assert.Equal(emptySet, await client.RawAsync("SMEMBERS", "missing"));
        Assert.Equal(emptySet, await client.RawAsync("SINTER", "missing"));
        Assert.Equal(emptySet, await client.RawAsync("SUNION", "missing", "missing"));
        Assert.Equal(emptySet, await client.RawAsync("SDIFF", "missing"));
        Assert.Equal(emptySet, await client.RawAsync("SPOP", "missing", "3"));
        Assert.Equal(nothing, await client.RawAsync("SPOP", "missing"));
        Assert.Equal(nothing, await client.RawAsync("SRANDMEMBER", "missing"));
        Assert.Equal("*0\r\n", await client.RawAsync("SRANDMEMBER", "missing", "3"));
        Assert.Equal("*2\r\n$1\r\n0\r\n*0\r\n", await client.RawAsync("SSCAN", "missing", "0"));
        Assert.Equal("*2\r\n:0\r\n:0\r\n", await client.RawAsync("SMISMEMBER", "missing", "a", "b"));
        Assert.Equal(":0\r\n", await client.RawAsync("SCARD", "missing"));
        Assert.Equal(":0\r\n", await client.RawAsync("SISMEMBER", "missing", "a"));
        Assert.Equal(":0\r\n", await client.RawAsync("SREM", "missing", "a"));
        Assert.Equal(":0\r\n", await client.RawAsync("SMOVE", "missing", "other", "a"));
        Assert.Equal(":0\r\n", await client.RawAsync("SINTERCARD", "1", "missing"));
        Assert.Equal(":0\r\n", await client.RawAsync("SUNIONSTORE", "target", "missing"));
    }

    [SkippableTheory, RespVersions]
    public async Task Members_come_as_a_set_and_random_members_as_an_array(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        string mark = resp == 3 ? "~" : "*";
        await client.CallAsync("SADD", "numbers", "2", "1");

        Assert.Equal($"{mark}2\r\n$1\r\n1\r\n$1\r\n2\r\n", await client.RawAsync("SMEMBERS", "numbers"));
        Assert.Equal($"{mark}2\r\n$1\r\n1\r\n$1\r\n2\r\n", await client.RawAsync("SINTER", "numbers", "numbers"));
        Assert.Equal($"{mark}2\r\n$1\r\n1\r\n$1\r\n2\r\n", await client.RawAsync("SUNION", "numbers", "missing"));
        Assert.Equal($"{mark}2\r\n$1\r\n1\r\n$1\r\n2\r\n", await client.RawAsync("SDIFF", "numbers", "missing"));
        Assert.Equal("*2\r\n$1\r\n1\r\n$1\r\n2\r\n", await client.RawAsync("SRANDMEMBER", "numbers", "5"));
        Assert.Equal($"{mark}2\r\n$1\r\n1\r\n$1\r\n2\r\n", await client.RawAsync("SPOP", "numbers", "5"));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "numbers"));
    }

    [SkippableFact]
    public async Task Every_command_refuses_a_key_of_another_type()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "text", "x");
        await client.CallAsync("SADD", "set", "a");
        string[][] commands =
        [
            ["SADD", "text", "a"], ["SREM", "text", "a"], ["SCARD", "text"], ["SISMEMBER", "text", "a"],
            ["SMISMEMBER", "text", "a"], ["SMEMBERS", "text"], ["SMOVE", "text", "set", "a"], ["SMOVE", "set", "text", "a"],
            ["SPOP", "text"], ["SPOP", "text", "1"], ["SRANDMEMBER", "text"], ["SRANDMEMBER", "text", "1"], ["SSCAN", "text", "0"],
            ["SINTER", "missing", "text"], ["SINTERCARD", "2", "set", "text"], ["SUNION", "set", "text"], ["SDIFF", "missing", "text"],
            ["SINTERSTORE", "set", "text"], ["SUNIONSTORE", "set", "text"], ["SDIFFSTORE", "set", "text"],
        ];

        foreach (string[] command in commands)
        {
            Assert.Equal(
                "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
                await client.RawAsync((object[])command));
        }

        Assert.Equal("$1\r\nx\r\n", await client.RawAsync("GET", "text"));
        Assert.Equal("*1\r\n$1\r\na\r\n", await client.RawAsync("SMEMBERS", "set"));
    }

    [SkippableFact]
    public async Task Storing_a_result_replaces_a_key_of_any_type_and_an_empty_one_deletes_it()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "target", "x", "EX", "100");
        await client.CallAsync("SADD", "set", "a", "b");

        Assert.Equal(":2\r\n", await client.RawAsync("SUNIONSTORE", "target", "set", "missing"));
        Assert.Equal("+set\r\n", await client.RawAsync("TYPE", "target"));
        Assert.Equal(":-1\r\n", await client.RawAsync("TTL", "target"));
        Assert.Equal(":0\r\n", await client.RawAsync("SINTERSTORE", "target", "set", "missing"));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "target"));
    }

    [SkippableTheory]
    [InlineData("512", "intset")]
    [InlineData("513", "hashtable")]
    public async Task A_set_of_integers_is_compact_up_to_its_limit(string count, string encoding)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        for (int i = 0; i < int.Parse(count); i++) await client.CallAsync("SADD", "set", $"{i}");

        Assert.Equal(encoding, await client.TextAsync("OBJECT", "ENCODING", "set"));
    }

    [SkippableTheory]
    [InlineData("1", "listpack")]
    [InlineData("", "listpack")]
    [InlineData("this text has sixty-four bytes, which is just what still is short", "hashtable")]
    [InlineData("this text has sixty-four bytes, which is just what still is shor", "listpack")]
    public async Task A_set_with_text_is_a_listpack_while_it_is_small(string member, string encoding)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        await client.CallAsync("SADD", "set", "5", "text", member);

        Assert.Equal(encoding, await client.TextAsync("OBJECT", "ENCODING", "set"));
        await client.CallAsync("SREM", "set", "text", member);
        Assert.Equal(encoding, await client.TextAsync("OBJECT", "ENCODING", "set"));
    }

    [SkippableFact]
    public async Task The_limits_of_compact_sets_can_be_configured()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("CONFIG", "SET", "set-max-intset-entries", "2", "set-max-listpack-entries", "3", "set-max-listpack-value", "4");
        try
        {
            await client.CallAsync("SADD", "ints", "1", "2");
            Assert.Equal("intset", await client.TextAsync("OBJECT", "ENCODING", "ints"));
            await client.CallAsync("SADD", "ints", "3");
            Assert.Equal("hashtable", await client.TextAsync("OBJECT", "ENCODING", "ints"));

            await client.CallAsync("SADD", "text", "a", "b", "c");
            Assert.Equal("listpack", await client.TextAsync("OBJECT", "ENCODING", "text"));
            await client.CallAsync("SADD", "text", "d");
            Assert.Equal("hashtable", await client.TextAsync("OBJECT", "ENCODING", "text"));

            await client.CallAsync("SADD", "long", "12345");
            Assert.Equal("intset", await client.TextAsync("OBJECT", "ENCODING", "long"));
            await client.CallAsync("SADD", "long", "a");
            Assert.Equal("hashtable", await client.TextAsync("OBJECT", "ENCODING", "long"));
        }
        finally
        {
            await client.CallAsync("CONFIG", "SET", "set-max-intset-entries", "512", "set-max-listpack-entries", "128", "set-max-listpack-value", "64");
        }
    }

    [SkippableFact]
    public async Task A_large_set_is_scanned_completely_while_it_grows_and_shrinks()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < 3000; i++) await client.CallAsync("SADD", "set", $"kept:{i}", $"other:{i}");

        HashSet<string> seen = [];
        string cursor = "0";
        int step = 0;
        do
        {
            RespValue reply = await client.CallAsync("SSCAN", "set", cursor, "COUNT", "20", "MATCH", "kept:*");
            cursor = reply[0].ToString();
            for (int i = 0; i < reply[1].Items.Count; i++) seen.Add(reply[1][i].ToString());
            await client.CallAsync("SREM", "set", $"other:{step}", $"other:{step + 1}", $"other:{step + 2}");
            if (step % 2 == 0) await client.CallAsync("SADD", "set", $"new:{step}");
            step += 3;
        }
        while (cursor != "0");

        Assert.Equal(3000, seen.Count);
    }

    [SkippableFact]
    public async Task Copies_and_renames_of_sets_keep_their_members()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        foreach (int count in (int[])[3, 100, 1000])
        {
            for (int i = 0; i < count; i++) await client.CallAsync("SADD", "set", $"m{i}");
            string digest = await client.TextAsync("DEBUG", "DIGEST-VALUE", "set");

            Assert.Equal(":1\r\n", await client.RawAsync("COPY", "set", "copy", "REPLACE"));
            Assert.Equal("+OK\r\n", await client.RawAsync("RENAME", "set", "renamed"));

            Assert.Equal(digest, await client.TextAsync("DEBUG", "DIGEST-VALUE", "copy"));
            Assert.Equal(digest, await client.TextAsync("DEBUG", "DIGEST-VALUE", "renamed"));
            Assert.Equal(":1\r\n", await client.RawAsync("DEL", "renamed"));
        }
    }

    [SkippableTheory]
    [InlineData("a")]
    [InlineData("1")]
    public async Task A_client_that_draws_more_than_its_output_may_hold_is_closed_before_all_is_drawn(string member)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient greedy = await server.ConnectAsync();
        await client.CallAsync("SADD", "set", member);
        await client.CallAsync("CONFIG", "SET", "client-output-buffer-limit", "normal 1000000 0 0");
        try
        {
            await greedy.SendAsync("SRANDMEMBER", "set", "-999999999999");

            await greedy.ReadToEndAsync();
            Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        }
        finally
        {
            await client.CallAsync("CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0");
        }
    }

    [SkippableFact]
    public async Task Memory_comes_back_when_sets_are_gone()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SADD", "warm", "a");
        await client.CallAsync("FLUSHALL", "SYNC");
        long before = await UsedMemoryAsync(client);
        for (int i = 0; i < 20_000; i++) await client.SendAsync("SADD", "large", $"member:{i}");
        for (int i = 0; i < 20_000; i++) await client.ReadAsync();
        Assert.True(await UsedMemoryAsync(client) - before > 500_000);

        await client.CallAsync("UNLINK", "large");

        await WaitFor.ConditionAsync(async () => await UsedMemoryAsync(client) - before < 200_000, "the set's memory is back");
    }

    private static async Task<long> UsedMemoryAsync(RespClient client)
    {
        string info = await client.TextAsync("INFO", "memory");
        int start = info.IndexOf("used_memory:", StringComparison.Ordinal) + "used_memory:".Length;
        return long.Parse(info[start..info.IndexOf('\r', start)]);
    }
}
