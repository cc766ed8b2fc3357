// SLOWLOG: what took longer than the limit, newest first, with its client.

namespace Valkey.IntegrationTests.Administration;

public sealed class SlowLogTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task With_a_limit_of_zero_everything_is_logged(int resp)
    {
        await using RespClient client = await ConnectLoggingAsync(resp);
        await client.CallAsync("CLIENT", "SETNAME", "slow-one");

        await client.CallAsync("GET", "slow:key");

        RespValue entries = await client.CallAsync("SLOWLOG", "GET", "10");
        RespValue entry = entries.Items.First(e => e[3].ToString() == "[GET, slow:key]");
        Assert.Equal(6, entry.Items.Count);
        Assert.Equal(RespKind.Integer, entry[0].Kind);
        long nowSeconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.InRange(entry[1].Integer, nowSeconds - 60, nowSeconds + 1);
        Assert.Equal(RespKind.Integer, entry[2].Kind);
        Assert.StartsWith("127.0.0.1:", entry[4].Text, StringComparison.Ordinal);
        Assert.Equal("slow-one", entry[5].Text);
    }

    [SkippableFact]
    public async Task The_newest_entry_comes_first_and_ids_grow()
    {
        await using RespClient client = await ConnectLoggingAsync(2);
        await client.CallAsync("ECHO", "older");
        await client.CallAsync("ECHO", "newer");
        await client.CallAsync("CONFIG", "SET", "slowlog-log-slower-than", "-1");

        RespValue entries = await client.CallAsync("SLOWLOG", "GET", "-1");

        List<RespValue> echoes = [.. entries.Items.Where(e => e[3][0].Text == "ECHO")];
        Assert.Equal("newer", echoes[0][3][1].Text);
        Assert.Equal("older", echoes[1][3][1].Text);
        Assert.True(echoes[0][0].Integer > echoes[1][0].Integer, "Ids do not grow.");
    }

    [SkippableFact]
    public async Task RESET_empties_the_log_and_LEN_counts_it()
    {
        await using RespClient client = await ConnectLoggingAsync(2);
        await client.CallAsync("PING");
        await client.CallAsync("CONFIG", "SET", "slowlog-log-slower-than", "-1");
        Assert.True((await client.CallAsync("SLOWLOG", "LEN")).Integer > 0);

        Assert.Equal("+OK\r\n", await client.RawAsync("SLOWLOG", "RESET"));

        Assert.Equal(":0\r\n", await client.RawAsync("SLOWLOG", "LEN"));
        Assert.Equal("*0\r\n", await client.RawAsync("SLOWLOG", "GET"));
    }

    [SkippableFact]
    public async Task The_log_is_no_longer_than_allowed()
    {
        await using RespClient client = await ConnectLoggingAsync(2);
        await client.CallAsync("CONFIG", "SET", "slowlog-max-len", "5");

        for (int i = 0; i < 20; i++) await client.CallAsync("PING");

        Assert.Equal(":5\r\n", await client.RawAsync("SLOWLOG", "LEN"));
        await client.CallAsync("CONFIG", "SET", "slowlog-max-len", "128");
    }

    [SkippableFact]
    public async Task Long_commands_are_shortened()
    {
        await using RespClient client = await ConnectLoggingAsync(2);
        object[] manyArguments = ["EXISTS", .. Enumerable.Range(0, 50).Select(i => $"k{i}")];

        await client.CallAsync(manyArguments);
        await client.CallAsync("ECHO", new string('x', 300));

        RespValue entries = await client.CallAsync("SLOWLOG", "GET", "10");
        RespValue many = entries.Items.First(e => e[3][0].Text == "EXISTS")[3];
        Assert.Equal(32, many.Items.Count);
        Assert.Equal("... (20 more arguments)", many.Items[^1].Text);
        RespValue longOne = entries.Items.First(e => e[3][0].Text == "ECHO")[3];
        Assert.Equal(new string('x', 128) + "... (172 more bytes)", longOne[1].Text);
    }

    [SkippableFact]
    public async Task Passwords_are_not_logged()
    {
        await using RespClient client = await ConnectLoggingAsync(2);

        await client.CallAsync("AUTH", "top-secret");
        await client.CallAsync("CONFIG", "SET", "masterauth", "top-secret");

        string entries = await client.TextAsync("SLOWLOG", "GET", "10");
        Assert.DoesNotContain("top-secret", entries, StringComparison.Ordinal);
        await client.CallAsync("CONFIG", "SET", "masterauth", "");
    }

    [SkippableTheory]
    [InlineData("SLOWLOG GET -2", "count should be greater than or equal to -1")]
    [InlineData("SLOWLOG GET x", "count should be greater than or equal to -1")]
    public async Task Faulty_counts_are_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
    }

    private async Task<RespClient> ConnectLoggingAsync(int resp)
    {
        RespClient client = await server.ConnectAsync(resp);
        await client.CallAsync("SLOWLOG", "RESET");
        await client.CallAsync("CONFIG", "SET", "slowlog-log-slower-than", "0");
        return client;
    }
}
