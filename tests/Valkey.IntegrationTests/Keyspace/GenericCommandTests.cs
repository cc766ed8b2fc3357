// Commands that work on keys of any type: DEL, EXISTS, TYPE, RENAME, KEYS, TOUCH, RANDOMKEY, OBJECT.

namespace Valkey.IntegrationTests.Keyspace;

public sealed class GenericCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData("DEL")]
    [InlineData("UNLINK")]
    public async Task Deleting_counts_the_keys_that_were_there(string command)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "a", "1", "b", "2");

        Assert.Equal(":2\r\n", await client.RawAsync(command, "a", "b", "missing", "a"));

        Assert.Equal(":0\r\n", await client.RawAsync("DBSIZE"));
    }

    [SkippableFact]
    public async Task EXISTS_and_TOUCH_count_every_mention()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "a", "1");

        Assert.Equal(":2\r\n", await client.RawAsync("EXISTS", "a", "a", "missing"));
        Assert.Equal(":2\r\n", await client.RawAsync("TOUCH", "a", "a", "missing"));
    }

    [SkippableTheory, RespVersions]
    public async Task TYPE_names_the_type_in_both_protocols_alike(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.RequireCommandAsync("LPUSH");
        await client.CallAsync("SET", "s", "1");
        await client.CallAsync("LPUSH", "l", "1");

        Assert.Equal("+string\r\n", await client.RawAsync("TYPE", "s"));
        Assert.Equal("+list\r\n", await client.RawAsync("TYPE", "l"));
        Assert.Equal("+none\r\n", await client.RawAsync("TYPE", "missing"));
    }

    [SkippableFact]
    public async Task RENAME_replaces_and_keeps_the_time_to_live()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "old", "v", "EX", 100);
        await client.CallAsync("SET", "new", "replaced");

        Assert.Equal("+OK\r\n", await client.RawAsync("RENAME", "old", "new"));

        Assert.Equal("v", await client.TextAsync("GET", "new"));
        Assert.InRange((await client.CallAsync("TTL", "new")).Integer, 90, 100);
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "old"));
    }

    [SkippableFact]
    public async Task RENAME_and_RENAMENX_of_a_missing_key_are_errors()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "a", "1", "b", "2");

        Assert.Equal("-ERR no such key\r\n", await client.RawAsync("RENAME", "missing", "x"));
        Assert.Equal("-ERR no such key\r\n", await client.RawAsync("RENAMENX", "missing", "x"));
        Assert.Equal(":0\r\n", await client.RawAsync("RENAMENX", "a", "b"));
        Assert.Equal(":1\r\n", await client.RawAsync("RENAMENX", "a", "c"));
        Assert.Equal("+OK\r\n", await client.RawAsync("RENAME", "c", "c"));
    }

    [SkippableTheory]
    [InlineData("*", "hallo,hello,hillo,world")]
    [InlineData("h?llo", "hallo,hello,hillo")]
    [InlineData("h[ae]llo", "hallo,hello")]
    [InlineData("h[^e]llo", "hallo,hillo")]
    [InlineData("h[a-f]llo", "hallo,hello")]
    [InlineData("*o*", "hallo,hello,hillo,world")]
    [InlineData("w*d", "world")]
    [InlineData("nothing", "")]
    public async Task KEYS_matches_glob_patterns(string pattern, string expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "hello", 1, "hallo", 1, "hillo", 1, "world", 1);

        string[] keys = (await client.CallAsync("KEYS", pattern)).Texts();

        Array.Sort(keys, StringComparer.Ordinal);
        Assert.Equal(expected, string.Join(",", keys));
    }

    [SkippableTheory]
    [InlineData(2, "$-1\r\n")]
    [InlineData(3, "_\r\n")]
    public async Task RANDOMKEY_of_an_empty_database_is_null(int resp, string expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);

        Assert.Equal(expected, await client.RawAsync("RANDOMKEY"));
        await client.CallAsync("SET", "only", "1");
        Assert.Equal("$4\r\nonly\r\n", await client.RawAsync("RANDOMKEY"));
    }

    [SkippableFact]
    public async Task OBJECT_ENCODING_tells_how_a_string_is_kept()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "n", 12345, "short", "text", "long", new string('x', 45));

        Assert.Equal("int", await client.TextAsync("OBJECT", "ENCODING", "n"));
        Assert.Equal("embstr", await client.TextAsync("OBJECT", "ENCODING", "short"));
        Assert.Equal("raw", await client.TextAsync("OBJECT", "ENCODING", "long"));
        await client.CallAsync("APPEND", "short", "+");
        Assert.Equal("raw", await client.TextAsync("OBJECT", "ENCODING", "short"));
    }

    [SkippableTheory]
    [InlineData("OBJECT ENCODING missing")]
    [InlineData("OBJECT IDLETIME missing")]
    [InlineData("OBJECT REFCOUNT missing")]
    public async Task OBJECT_of_a_missing_key_is_null(string command)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(3);

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal("_\r\n", (await client.ReadAsync()).Raw);
    }
}
