// Commands typed as a line of text, as by telnet: splitting, quoting, escapes.

namespace Valkey.IntegrationTests.Protocol;

public sealed class InlineCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableFact]
    public async Task Inline_commands_that_arrive_together_do_not_disturb_each_other()
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync("SET k1 xyzk\r\nGET k1\r\nPING\r\n");

        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("$4\r\nxyzk\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("+PONG\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableTheory]
    [InlineData("ECHO plain\r\n", "plain")]
    [InlineData("ECHO plain\n", "plain")]
    [InlineData("  ECHO   plain  \r\n", "plain")]
    [InlineData("ECHO\tplain\r\n", "plain")]
    [InlineData("echo \"two words\"\r\n", "two words")]
    [InlineData("ECHO 'two words'\r\n", "two words")]
    [InlineData("ECHO \"\"\r\n", "")]
    [InlineData("ECHO ''\r\n", "")]
    [InlineData("ECHO \"a\\\"b\"\r\n", "a\"b")]
    [InlineData("ECHO 'it\\'s'\r\n", "it's")]
    [InlineData("ECHO 'no \\n escape'\r\n", "no \\n escape")]
    [InlineData("ECHO \"\\n\\r\\t\\b\\a\"\r\n", "\n\r\t\b\a")]
    [InlineData("ECHO \"\\x41\\x00\\xff\"\r\n", "A\0\u00ff")]
    [InlineData("ECHO \"\\q\\\\\"\r\n", "q\\")]
    [InlineData("\"ECHO\" plain\r\n", "plain")]
    [InlineData("ECHO back\\slash\r\n", "back\\slash")]
    public async Task A_line_is_split_and_unquoted(string line, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(line);

        Assert.Equal($"${expected.Length}\r\n{expected}\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableTheory, RespVersions]
    public async Task Lines_and_arrays_can_be_mixed(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);

        await client.SendRawAsync("SET inline:key 1\r\n*2\r\n$4\r\nINCR\r\n$10\r\ninline:key\r\nGET inline:key\r\n");

        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal(":2\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("$1\r\n2\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_line_may_arrive_byte_by_byte()
    {
        await using RespClient client = await server.ConnectAsync();

        foreach (char c in "ECHO \"slow typing\"\r\n") await client.SendRawAsync(c.ToString());

        Assert.Equal("$11\r\nslow typing\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_long_line_below_the_limit_is_taken()
    {
        string argument = new('a', 60_000);
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync($"ECHO {argument}\r\n");

        Assert.Equal(argument, (await client.ReadAsync()).Text);
    }

    [SkippableFact]
    public async Task A_line_of_many_arguments_is_taken()
    {
        const int KeyCount = 2000;
        await using RespClient client = await server.ConnectToEmptyAsync();

        await client.SendRawAsync("EXISTS" + string.Concat(Enumerable.Range(0, KeyCount).Select(i => $" k{i}")) + "\r\n");

        Assert.Equal(":0\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableTheory]
    [InlineData("POST / HTTP/1.1\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n")]
    public async Task What_looks_like_a_browser_is_disconnected(string request)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(request);
        string answer = await client.ReadToEndAsync();

        Assert.DoesNotContain("+OK", answer, StringComparison.Ordinal);
        await using RespClient other = await server.ConnectAsync();
        Assert.Equal("+PONG\r\n", await other.RawAsync("PING"));
    }
}
