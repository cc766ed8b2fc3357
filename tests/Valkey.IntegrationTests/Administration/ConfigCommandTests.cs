// CONFIG GET and SET: names, patterns, values, all or nothing.

namespace Valkey.IntegrationTests.Administration;

public sealed class ConfigCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData(2, "*2\r\n$9\r\ndatabases\r\n$2\r\n16\r\n")]
    [InlineData(3, "%1\r\n$9\r\ndatabases\r\n$2\r\n16\r\n")]
    public async Task GET_answers_names_and_values(int resp, string expected)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        Assert.Equal(expected, await client.RawAsync("CONFIG", "GET", "databases"));
    }

    [SkippableTheory, RespVersions]
    public async Task GET_takes_patterns_and_several_of_them(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        RespValue reply = await client.CallAsync("CONFIG", "GET", "tcp-*", "databases", "tcp-backlog");

        Assert.Equal("300", reply["tcp-keepalive"].Text);
        Assert.Equal("511", reply["tcp-backlog"].Text);
        Assert.Equal("16", reply["databases"].Text);
        Assert.Single(reply.Texts(), text => text == "tcp-backlog");
    }

    [SkippableTheory]
    [InlineData("maxmemory", "100mb", "104857600")]
    [InlineData("maxmemory", "1k", "1000")]
    [InlineData("maxmemory", "1kb", "1024")]
    [InlineData("maxmemory", "0", "0")]
    [InlineData("maxmemory-policy", "allkeys-lru", "allkeys-lru")]
    [InlineData("maxmemory-policy", "noeviction", "noeviction")]
    [InlineData("slowlog-log-slower-than", "-1", "-1")]
    [InlineData("slowlog-log-slower-than", "10000", "10000")]
    [InlineData("timeout", "1234", "1234")]
    [InlineData("timeout", "0", "0")]
    [InlineData("lazyfree-lazy-expire", "no", "no")]
    [InlineData("lazyfree-lazy-expire", "YES", "yes")]
    [InlineData("notify-keyspace-events", "KEA", "AKE")]
    [InlineData("notify-keyspace-events", "", "")]
    [InlineData("save", "3600 1 300 100", "3600 1 300 100")]
    [InlineData("save", "", "")]
    public async Task SET_is_what_GET_tells_afterwards(string option, string value, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "SET", option, value));

        Assert.Equal(expected, (await client.CallAsync("CONFIG", "GET", option))[option].Text);
    }

    [SkippableFact]
    public async Task SET_takes_several_options()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(
            "+OK\r\n", await client.RawAsync("CONFIG", "SET", "hz", "20", "slowlog-max-len", "50"));

        Assert.Equal("20", (await client.CallAsync("CONFIG", "GET", "hz"))["hz"].Text);
        Assert.Equal("50", (await client.CallAsync("CONFIG", "GET", "slowlog-max-len"))["slowlog-max-len"].Text);
        await client.CallAsync("CONFIG", "SET", "hz", "10", "slowlog-max-len", "128");
    }

    [SkippableFact]
    public async Task SET_of_several_options_changes_none_when_one_is_wrong()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("CONFIG", "SET", "slowlog-max-len", "128");

        RespValue reply = await client.CallAsync("CONFIG", "SET", "slowlog-max-len", "77", "maxmemory-policy", "nonsense");

        Assert.StartsWith(
            "ERR CONFIG SET failed (possibly related to argument 'maxmemory-policy') - argument(s) must be one of the following:",
            reply.Text,
            StringComparison.Ordinal);
        Assert.Equal("128", (await client.CallAsync("CONFIG", "GET", "slowlog-max-len"))["slowlog-max-len"].Text);
    }

    [SkippableTheory]
    [InlineData("CONFIG SET nonsense 1", "Unknown option or number of arguments for CONFIG SET - 'nonsense'")]
    [InlineData(
        "CONFIG SET databases 20",
        "CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config")]
    [InlineData(
        "CONFIG SET timeout ten",
        "CONFIG SET failed (possibly related to argument 'timeout') - argument couldn't be parsed into an integer")]
    [InlineData(
        "CONFIG SET maxmemory -5x",
        "CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value")]
    [InlineData(
        "CONFIG SET lazyfree-lazy-expire maybe",
        "CONFIG SET failed (possibly related to argument 'lazyfree-lazy-expire') - argument must be 'yes' or 'no'")]
    [InlineData(
        "CONFIG SET timeout 1 timeout 2",
        "CONFIG SET failed (possibly related to argument 'timeout') - duplicate parameter")]
    [InlineData(
        "CONFIG SET timeout -1",
        "CONFIG SET failed (possibly related to argument 'timeout') - argument must be between 0 and 2147483647 inclusive")]
    [InlineData("CONFIG SET timeout", "wrong number of arguments for 'config|set' command")]
    public async Task Faulty_settings_are_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task RESETSTAT_sets_the_counters_back()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("GET", "missing");

        Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "RESETSTAT"));

        string stats = (await client.CallAsync("INFO", "stats")).Text;
        Assert.Contains("keyspace_misses:0\r\n", stats, StringComparison.Ordinal);
        Assert.DoesNotContain("cmdstat_get", (await client.CallAsync("INFO", "commandstats")).Text, StringComparison.Ordinal);
    }
}
