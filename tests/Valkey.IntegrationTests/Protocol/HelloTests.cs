// HELLO, RESET and what the two versions of the protocol look like on the wire.

namespace Valkey.IntegrationTests.Protocol;

public sealed class HelloTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableFact]
    public async Task HELLO_3_answers_a_map_and_switches_the_connection()
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue greeting = await client.CallAsync("HELLO", "3");

        Assert.Equal(RespKind.Map, greeting.Kind);
        Assert.Equal(["server", "version", "proto", "id", "mode", "role", "modules"], Keys(greeting));
        Assert.Equal("valkey", greeting["server"].Text);
        Assert.Equal(":3\r\n", greeting["proto"].Raw);
        Assert.Equal("standalone", greeting["mode"].Text);
        Assert.Equal("master", greeting["role"].Text);
        Assert.Equal(RespKind.Array, greeting["modules"].Kind);
        Assert.Equal("_\r\n", await client.RawAsync("GET", "hello:missing"));
    }

    [SkippableFact]
    public async Task HELLO_2_answers_a_flat_array_and_switches_back()
    {
        await using RespClient client = await server.ConnectAsync(3);

        RespValue greeting = await client.CallAsync("HELLO", "2");

        Assert.Equal(RespKind.Array, greeting.Kind);
        Assert.Equal(14, greeting.Items.Count);
        Assert.Equal(2, greeting["proto"].Integer);
        Assert.Equal("$-1\r\n", await client.RawAsync("GET", "hello:missing"));
    }

    [SkippableTheory, RespVersions]
    public async Task HELLO_without_a_version_keeps_the_protocol(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        RespValue greeting = await client.CallAsync("HELLO");

        Assert.Equal(resp, greeting["proto"].Integer);
        Assert.Equal((await client.CallAsync("CLIENT", "ID")).Integer, greeting["id"].Integer);
    }

    [SkippableTheory]
    [InlineData("1")]
    [InlineData("4")]
    [InlineData("-1")]
    public async Task An_unknown_protocol_version_is_refused(string version)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("-NOPROTO unsupported protocol version\r\n", await client.RawAsync("HELLO", version));
    }

    [SkippableFact]
    public async Task A_protocol_version_that_is_no_number_is_refused()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(
            "-ERR Protocol version is not an integer or out of range\r\n", await client.RawAsync("HELLO", "three"));
    }

    [SkippableTheory, RespVersions]
    public async Task HELLO_names_the_connection(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        await client.CallAsync("HELLO", resp, "SETNAME", "by-hello");

        Assert.Equal("$8\r\nby-hello\r\n", await client.RawAsync("CLIENT", "GETNAME"));
    }

    [SkippableFact]
    public async Task HELLO_with_a_wrong_password_changes_nothing()
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue reply = await client.CallAsync("HELLO", "3", "AUTH", "nobody", "wrong");

        Assert.StartsWith("-WRONGPASS", reply.Raw, StringComparison.Ordinal);
        Assert.Equal("$-1\r\n", await client.RawAsync("GET", "hello:missing"));
    }

    [SkippableFact]
    public async Task HELLO_with_an_unknown_option_is_a_syntax_error()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("-ERR Syntax error in HELLO option 'nonsense'\r\n", await client.RawAsync("HELLO", "3", "nonsense"));
    }

    [SkippableFact]
    public async Task RESET_takes_a_connection_back_to_its_beginning()
    {
        await using RespClient client = await server.ConnectAsync(3);
        await client.CallAsync("SELECT", "5");
        await client.CallAsync("CLIENT", "SETNAME", "someone");
        await client.CallAsync("MULTI");

        Assert.Equal("+RESET\r\n", await client.RawAsync("RESET"));

        Assert.Equal("$-1\r\n", await client.RawAsync("GET", "hello:missing"));
        Assert.Equal("-ERR EXEC without MULTI\r\n", await client.RawAsync("EXEC"));
        RespValue info = await client.CallAsync("CLIENT", "INFO");
        Assert.Contains(" name= ", info.Text, StringComparison.Ordinal);
        Assert.Contains(" db=0 ", info.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task QUIT_says_OK_and_closes()
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendAsync("QUIT");

        Assert.Equal("+OK\r\n", await client.ReadToEndAsync());
    }

    [SkippableTheory]
    [InlineData(2, "$-1\r\n")]
    [InlineData(3, "_\r\n")]
    public async Task A_missing_value_is_each_protocols_null(int resp, string expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);

        Assert.Equal(expected, await client.RawAsync("GET", "missing"));
    }

    [SkippableTheory]
    [InlineData(2, "*0\r\n")]
    [InlineData(3, "%0\r\n")]
    public async Task No_options_found_is_each_protocols_empty_map(int resp, string expected)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        Assert.Equal(expected, await client.RawAsync("CONFIG", "GET", "no-such-option"));
    }

    [SkippableTheory, RespVersions]
    public async Task ECHO_and_PING_answer_the_same_bytes_in_both_protocols(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        Assert.Equal("$2\r\nhi\r\n", await client.RawAsync("PING", "hi"));
        Assert.Equal("$0\r\n\r\n", await client.RawAsync("ECHO", ""));
    }

    private static List<string> Keys(RespValue map)
    {
        List<string> keys = [];
        for (int i = 0; i < map.Items.Count; i += 2) keys.Add(map[i].Text);
        return keys;
    }
}
