// Several databases in one server: SELECT, MOVE, COPY, SWAPDB, FLUSHDB, FLUSHALL.

namespace Valkey.IntegrationTests.Keyspace;

[Trait(Tags.Name, Tags.ClusterSkip)]
public sealed class DatabaseTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task Databases_do_not_share_keys(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.CallAsync("SET", "k", "in 0");

        Assert.Equal("+OK\r\n", await client.RawAsync("SELECT", "15"));

        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "k"));
        Assert.Equal(":0\r\n", await client.RawAsync("DBSIZE"));
    }

    [SkippableTheory]
    [InlineData("16")]
    [InlineData("-1")]
    [InlineData("10000")]
    public async Task A_database_that_does_not_exist_cannot_be_selected(string index)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("-ERR DB index is out of range\r\n", await client.RawAsync("SELECT", index));
    }

    [SkippableFact]
    public async Task MOVE_takes_a_key_and_its_time_to_live_along()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v", "EX", 100);

        Assert.Equal(":1\r\n", await client.RawAsync("MOVE", "k", "4"));

        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "k"));
        await client.CallAsync("SELECT", "4");
        Assert.Equal("v", await client.TextAsync("GET", "k"));
        Assert.InRange((await client.CallAsync("TTL", "k")).Integer, 90, 100);
    }

    [SkippableFact]
    public async Task MOVE_does_not_replace()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SELECT", "4");
        await client.CallAsync("SET", "k", "there");
        await client.CallAsync("SELECT", "0");
        await client.CallAsync("SET", "k", "here");

        Assert.Equal(":0\r\n", await client.RawAsync("MOVE", "k", "4"));
        Assert.Equal(":0\r\n", await client.RawAsync("MOVE", "missing", "4"));

        Assert.Equal("here", await client.TextAsync("GET", "k"));
    }

    [SkippableTheory]
    [InlineData("MOVE k 0", "source and destination objects are the same")]
    [InlineData("MOVE k 99", "DB index is out of range")]
    [InlineData("MOVE k x", "value is not an integer or out of range")]
    [InlineData("COPY k k", "source and destination objects are the same")]
    [InlineData("COPY k other DB 99", "DB index is out of range")]
    [InlineData("COPY k other DB x", "value is not an integer or out of range")]
    [InlineData("COPY k other NONSENSE", "syntax error")]
    [InlineData("SWAPDB 0 99", "DB index is out of range")]
    [InlineData("SWAPDB x 0", "invalid first DB index")]
    [InlineData("SWAPDB 0 x", "invalid second DB index")]
    [InlineData("FLUSHALL NONSENSE", "syntax error")]
    public async Task Faulty_arguments_are_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v");

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task COPY_duplicates_a_value_within_and_across_databases()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v", "EX", 100);

        Assert.Equal(":1\r\n", await client.RawAsync("COPY", "k", "twin"));
        Assert.Equal(":1\r\n", await client.RawAsync("COPY", "k", "k", "DB", 7));
        await client.CallAsync("APPEND", "k", "+");

        Assert.Equal("v", await client.TextAsync("GET", "twin"));
        Assert.InRange((await client.CallAsync("TTL", "twin")).Integer, 90, 100);
        await client.CallAsync("SELECT", "7");
        Assert.Equal("v", await client.TextAsync("GET", "k"));
    }

    [SkippableFact]
    public async Task COPY_replaces_only_when_told_to()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "a", "1", "b", "2");

        Assert.Equal(":0\r\n", await client.RawAsync("COPY", "a", "b"));
        Assert.Equal("2", await client.TextAsync("GET", "b"));
        Assert.Equal(":1\r\n", await client.RawAsync("COPY", "a", "b", "REPLACE"));
        Assert.Equal("1", await client.TextAsync("GET", "b"));
        Assert.Equal(":0\r\n", await client.RawAsync("COPY", "missing", "c"));
    }

    [SkippableFact]
    public async Task SWAPDB_exchanges_the_keys_under_every_client()
    {
        await using RespClient inZero = await server.ConnectToEmptyAsync();
        await using RespClient inOne = await server.ConnectAsync();
        await inOne.CallAsync("SELECT", "1");
        await inZero.CallAsync("SET", "k", "was in 0");
        await inOne.CallAsync("SET", "k", "was in 1");

        Assert.Equal("+OK\r\n", await inZero.RawAsync("SWAPDB", "0", "1"));

        Assert.Equal("was in 1", await inZero.TextAsync("GET", "k"));
        Assert.Equal("was in 0", await inOne.TextAsync("GET", "k"));
        Assert.Equal("+OK\r\n", await inZero.RawAsync("SWAPDB", "0", "0"));
    }

    [SkippableTheory]
    [InlineData("FLUSHDB")]
    [InlineData("FLUSHDB SYNC")]
    [InlineData("FLUSHDB ASYNC")]
    public async Task FLUSHDB_empties_one_database(string command)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "1");
        await client.CallAsync("SELECT", "2");
        await client.CallAsync("SET", "k", "2");

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal(":0\r\n", await client.RawAsync("DBSIZE"));
        await client.CallAsync("SELECT", "0");
        Assert.Equal(":1\r\n", await client.RawAsync("DBSIZE"));
    }

    [SkippableTheory]
    [InlineData("FLUSHALL")]
    [InlineData("FLUSHALL SYNC")]
    [InlineData("FLUSHALL ASYNC")]
    public async Task FLUSHALL_empties_every_database(string command)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "1");
        await client.CallAsync("SELECT", "2");
        await client.CallAsync("SET", "k", "2");

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("# Keyspace\r\n", (await client.CallAsync("INFO", "keyspace")).Text);
    }
}
