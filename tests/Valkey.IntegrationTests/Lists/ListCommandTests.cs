// Lists through the real server: shapes of replies under both protocols, errors, encodings, large elements.

namespace Valkey.IntegrationTests.Lists;

public sealed class ListCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task A_missing_list_is_null_or_empty(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        string nothing = resp == 3 ? "_\r\n" : "$-1\r\n";
        string noArray = resp == 3 ? "_\r\n" : "*-1\r\n";

        Assert.Equal(":0\r\n", await client.RawAsync("LLEN", "missing"));
        Assert.Equal("*0\r\n", await client.RawAsync("LRANGE", "missing", 0, -1));
        Assert.Equal(nothing, await client.RawAsync("LINDEX", "missing", 0));
        Assert.Equal(nothing, await client.RawAsync("LPOP", "missing"));
        Assert.Equal(noArray, await client.RawAsync("RPOP", "missing", 0));
        Assert.Equal(noArray, await client.RawAsync("LMPOP", 1, "missing", "LEFT"));
        Assert.Equal(nothing, await client.RawAsync("LMOVE", "missing", "other", "LEFT", "LEFT"));
        Assert.Equal(nothing, await client.RawAsync("LPOS", "missing", "a"));
        Assert.Equal("*0\r\n", await client.RawAsync("LPOS", "missing", "a", "COUNT", 0));
        Assert.Equal(":0\r\n", await client.RawAsync("LREM", "missing", 0, "a"));
        Assert.Equal("+OK\r\n", await client.RawAsync("LTRIM", "missing", 0, 1));
        Assert.Equal(":0\r\n", await client.RawAsync("LINSERT", "missing", "BEFORE", "a", "b"));
        Assert.Equal(":0\r\n", await client.RawAsync("RPUSHX", "missing", "a"));
    }

    [SkippableTheory, RespVersions]
    public async Task Elements_come_back_in_their_order(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);

        Assert.Equal(":2\r\n", await client.RawAsync("RPUSH", "list", "c", "4"));
        Assert.Equal(":4\r\n", await client.RawAsync("LPUSH", "list", "b", "-1"));
        Assert.Equal("*4\r\n$2\r\n-1\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\n4\r\n", await client.RawAsync("LRANGE", "list", 0, -1));
        Assert.Equal("*2\r\n$1\r\nb\r\n$1\r\nc\r\n", await client.RawAsync("LRANGE", "list", -3, 2));
        Assert.Equal("*0\r\n", await client.RawAsync("LRANGE", "list", 3, 2));
        Assert.Equal("$1\r\n4\r\n", await client.RawAsync("LINDEX", "list", -1));
        Assert.Equal("*2\r\n$1\r\n4\r\n$1\r\nc\r\n", await client.RawAsync("RPOP", "list", 2));
        Assert.Equal("*2\r\n$4\r\nlist\r\n*2\r\n$2\r\n-1\r\n$1\r\nb\r\n", await client.RawAsync("LMPOP", 2, "none", "list", "LEFT", "COUNT", 9));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "list"));
    }

    [SkippableTheory]
    [InlineData("LPOP list -1", "ERR value is out of range, must be positive")]
    [InlineData("LPOP list x", "ERR value is not an integer or out of range")]
    [InlineData("LPOP list 1 2", "ERR wrong number of arguments for 'lpop' command")]
    [InlineData("LSET list 9 x", "ERR index out of range")]
    [InlineData("LSET none 0 x", "ERR no such key")]
    [InlineData("LINSERT list AROUND a b", "ERR syntax error")]
    [InlineData("LMOVE list list UP DOWN", "ERR syntax error")]
    [InlineData("LMPOP 0 list LEFT", "ERR numkeys should be greater than 0")]
    [InlineData("LMPOP 2 list LEFT", "ERR syntax error")]
    [InlineData("LMPOP 9223372036854775807 list LEFT", "ERR syntax error")]
    [InlineData("LMPOP 1 list LEFT COUNT 0", "ERR count should be greater than 0")]
    [InlineData("LMPOP 1 list LEFT COUNT 1 COUNT 2", "ERR syntax error")]
    [InlineData("LPOS list a RANK 0", "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list")]
    [InlineData("LPOS list a RANK -9223372036854775808", "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")]
    [InlineData("LPOS list a COUNT -1", "ERR COUNT can't be negative")]
    [InlineData("LPOS list a MAXLEN -1", "ERR MAXLEN can't be negative")]
    [InlineData("LPOS list a MAXLEN", "ERR syntax error")]
    [InlineData("BLPOP list x", "ERR timeout is not a float or out of range")]
    [InlineData("BLPOP list -1", "ERR timeout is negative")]
    [InlineData("LPUSH text a", "WRONGTYPE Operation against a key holding the wrong kind of value")]
    public async Task What_is_wrong_is_said_and_nothing_changes(string command, string error)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("RPUSH", "list", "a", "b");
        await client.CallAsync("SET", "text", "value");

        Assert.Equal($"-{error}\r\n", await client.RawAsync([.. command.Split(' ')]));

        Assert.Equal("*2\r\n$1\r\na\r\n$1\r\nb\r\n", await client.RawAsync("LRANGE", "list", 0, -1));
    }

    [SkippableTheory]
    [InlineData("LPOS list c", ":2")]
    [InlineData("LPOS list c RANK 2", ":6")]
    [InlineData("LPOS list c RANK -1", ":7")]
    [InlineData("LPOS list c COUNT 2", "*2 :2 :6")]
    [InlineData("LPOS list c RANK -2 COUNT 0", "*2 :6 :2")]
    [InlineData("LPOS list c COUNT 0 MAXLEN 3", "*1 :2")]
    [InlineData("LPOS list c RANK 4 COUNT 0", "*0")]
    [InlineData("LPOS list 1", ":1")]
    public async Task LPOS_tells_where_an_element_is(string command, string reply)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("RPUSH", "list", "a", "1", "c", "1", "2", "3", "c", "c");

        Assert.Equal(reply.Replace(" ", "\r\n", StringComparison.Ordinal) + "\r\n", await client.RawAsync([.. command.Split(' ')]));
    }

    [SkippableFact]
    public async Task Elements_of_megabytes_are_kept_apart_and_come_back()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        byte[] large = new byte[3_000_000];
        new Random(5).NextBytes(large);

        await client.CallAsync("RPUSH", "list", "small", large, "other");
        await client.CallAsync("LSET", "list", 0, large);
        await client.CallAsync("LINSERT", "list", "AFTER", large, "between");

        RespValue all = await client.CallAsync("LRANGE", "list", 0, -1);
        Assert.Equal(large, all[0].Bytes);
        Assert.Equal("between", all[1].Text);
        Assert.Equal(large, all[2].Bytes);
        Assert.Equal(2, (await client.CallAsync("LREM", "list", 0, large)).Integer);
        Assert.Equal(["between", "other"], (await client.CallAsync("LRANGE", "list", 0, -1)).Texts());
    }

    [SkippableFact]
    public async Task The_limits_can_be_set_at_any_time_and_decide_the_encoding()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("CONFIG", "SET", "list-max-ziplist-size", 3);
        try
        {
            await client.CallAsync("RPUSH", "list", "a", "b", "c");
            Assert.Equal("listpack", await client.TextAsync("OBJECT", "ENCODING", "list"));
            await client.CallAsync("RPUSH", "list", "d");
            Assert.Equal("quicklist", await client.TextAsync("OBJECT", "ENCODING", "list"));

            await client.CallAsync("CONFIG", "SET", "list-max-listpack-size", -2);
            await client.CallAsync("COPY", "list", "copy");
            Assert.Equal(["a", "b", "c", "d"], (await client.CallAsync("LRANGE", "copy", 0, -1)).Texts());
        }
        finally
        {
            await client.CallAsync("CONFIG", "SET", "list-max-listpack-size", -2);
        }
    }

    [SkippableFact]
    public async Task An_element_moves_between_lists_and_around_one()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        string large = new('x', 100_000);
        await client.CallAsync("RPUSH", "source", "1", "two", large);

        Assert.Equal(large, await client.TextAsync("LMOVE", "source", "target", "RIGHT", "LEFT"));
        Assert.Equal("two", await client.TextAsync("RPOPLPUSH", "source", "source"));
        Assert.Equal(["two", "1"], (await client.CallAsync("LRANGE", "source", 0, -1)).Texts());
        Assert.Equal("two", await client.TextAsync("BLMOVE", "source", "target", "LEFT", "RIGHT", 0));
        Assert.Equal("1", await client.TextAsync("BRPOPLPUSH", "source", "target", 0));
        Assert.Equal(["1", large, "two"], (await client.CallAsync("LRANGE", "target", 0, -1)).Texts());
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "source"));
    }
}
