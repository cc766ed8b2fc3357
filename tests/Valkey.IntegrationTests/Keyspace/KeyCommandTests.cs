// Keys as wholes: deleted, renamed, moved, copied, counted, whatever they hold.

namespace Valkey.IntegrationTests.Keyspace;

public sealed class KeyCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [RespVersions("DEL")]
    [RespVersions("UNLINK")]
    public async Task Deleting_counts_the_keys_that_were_there(int resp, string command)
    {
        await using RespClient client = await server.ConnectAsync(resp);
        await client.CallAsync("FLUSHALL");
        await client.CallAsync("MSET", "a", "1", "b", new string('x', 100_000));

        Assert.Equal(2, (await client.CallAsync(command, "a", "b", "nokey", "a")).Integer);
        Assert.Equal(0, (await client.CallAsync("DBSIZE")).Integer);
    }

    [SkippableFact]
    public async Task EXISTS_counts_a_key_as_often_as_it_is_named()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "a", "1");

        Assert.Equal(2, (await client.CallAsync("EXISTS", "a", "b", "a")).Integer);
        Assert.Equal(1, (await client.CallAsync("TOUCH", "a", "b")).Integer);
    }

    [SkippableFact]
    public async Task TYPE_names_the_type_or_none()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "a", "1");

        Assert.Equal("+string\r\n", await client.RawAsync("TYPE", "a"));
        Assert.Equal("+none\r\n", await client.RawAsync("TYPE", "b"));
    }

    [SkippableFact]
    public async Task RENAME_takes_value_and_expiry_along_and_replaces_the_target()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "from", "value", "EX", "100");
        await client.CallAsync("SET", "to", "other");

        Assert.Equal("+OK\r\n", await client.RawAsync("RENAME", "from", "to"));

        Assert.Equal("value", (await client.CallAsync("GET", "to")).Text);
        Assert.InRange((await client.CallAsync("TTL", "to")).Integer, 90, 100);
        Assert.Equal(0, (await client.CallAsync("EXISTS", "from")).Integer);
    }

    [SkippableFact]
    public async Task RENAMENX_leaves_a_taken_name_alone()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "a", "1", "b", "2");

        Assert.Equal(0, (await client.CallAsync("RENAMENX", "a", "b")).Integer);
        Assert.Equal(1, (await client.CallAsync("RENAMENX", "a", "c")).Integer);
        Assert.Equal("2", (await client.CallAsync("GET", "b")).Text);
        Assert.Equal("-ERR no such key\r\n", await client.RawAsync("RENAMENX", "a", "b"));
    }

    [SkippableFact]
    public async Task MOVE_takes_a_key_to_another_database_once()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "a", "1", "EX", "100");

        Assert.Equal(1, (await client.CallAsync("MOVE", "a", "3")).Integer);
        Assert.Equal(0, (await client.CallAsync("MOVE", "a", "3")).Integer);
        Assert.Equal("-ERR source and destination objects are the same\r\n", await client.RawAsync("MOVE", "a", "0"));
        Assert.Equal("-ERR DB index is out of range\r\n", await client.RawAsync("MOVE", "a", "99"));
        await client.CallAsync("SELECT", "3");
        Assert.InRange((await client.CallAsync("TTL", "a")).Integer, 90, 100);
    }

    [SkippableFact]
    public async Task COPY_makes_a_value_that_shares_nothing_with_its_source()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "a", new string('x', 1000), "EX", "100");

        Assert.Equal(1, (await client.CallAsync("COPY", "a", "b")).Integer);
        await client.CallAsync("APPEND", "a", "y");

        Assert.Equal(1000, (await client.CallAsync("STRLEN", "b")).Integer);
        Assert.InRange((await client.CallAsync("TTL", "b")).Integer, 90, 100);
        Assert.Equal(0, (await client.CallAsync("COPY", "a", "b")).Integer);
        Assert.Equal(1, (await client.CallAsync("COPY", "a", "b", "REPLACE")).Integer);
        Assert.Equal(1001, (await client.CallAsync("STRLEN", "b")).Integer);
    }

    [SkippableTheory]
    [InlineData("COPY a b DB 99", "ERR DB index is out of range")]
    [InlineData("COPY a b DB x", "ERR value is not an integer or out of range")]
    [InlineData("COPY a b NONSENSE", "ERR syntax error")]
    [InlineData("COPY a a", "ERR source and destination objects are the same")]
    [InlineData("SWAPDB a 1", "ERR invalid first DB index")]
    [InlineData("SWAPDB 1 a", "ERR invalid second DB index")]
    [InlineData("SWAPDB 0 99", "ERR DB index is out of range")]
    [InlineData("FLUSHALL nonsense", "ERR syntax error")]
    [InlineData("SCAN x", "ERR invalid cursor")]
    [InlineData("SCAN -1", "ERR invalid cursor")]
    [InlineData("SCAN 0 COUNT 0", "ERR syntax error")]
    [InlineData("SCAN 0 TYPE nonsense", "ERR unknown type name 'nonsense'")]
    [InlineData("SCAN 0 NOVALUES", "ERR NOVALUES option can only be used in HSCAN")]
    public async Task Faulty_arguments_are_answered_by_their_error(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal($"-{expected}\r\n", await client.RawAsync(command.Split(' ')));
    }

    [SkippableFact]
    public async Task RANDOMKEY_finds_what_is_left_when_all_else_has_expired()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        Assert.Equal("$-1\r\n", await client.RawAsync("RANDOMKEY"));
        for (int i = 0; i < 50; i++) await client.CallAsync("SET", $"short:{i}", "1", "PX", "1");
        await client.CallAsync("SET", "stays", "1");
        await client.OutliveAsync(1);

        Assert.Equal("stays", (await client.CallAsync("RANDOMKEY")).Text);
    }

    [SkippableFact]
    public async Task SWAPDB_exchanges_what_clients_see_and_breaks_their_transactions()
    {
        await using RespClient first = await server.ConnectToEmptyAsync();
        await using RespClient second = await server.ConnectAsync();
        await second.CallAsync("SELECT", "1");
        await second.CallAsync("SET", "key", "of 1");
        await first.CallAsync("WATCH", "key");

        Assert.Equal("+OK\r\n", await second.RawAsync("SWAPDB", "0", "1"));

        Assert.Equal("of 1", (await first.CallAsync("GET", "key")).Text);
        await first.CallAsync("MULTI");
        await first.CallAsync("PING");
        Assert.True((await first.CallAsync("EXEC")).IsNull);
    }
}
