// What the server answers to bytes that are no command, and that it closes the connection behind the answer.

namespace Valkey.IntegrationTests.Protocol;

public sealed class ProtocolErrorTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    private const int InlineLimitBytes = 64 * 1024;

    [SkippableTheory]
    [InlineData("*x\r\n", "invalid multibulk length")]
    [InlineData("*3x\r\n", "invalid multibulk length")]
    [InlineData("*2147483648\r\n", "invalid multibulk length")]
    [InlineData("*20000000000000000000\r\n", "invalid multibulk length")]
    [InlineData("*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfoo\r\n", "expected '$', got 'f'")]
    [InlineData("*1\r\n:1\r\n", "expected '$', got ':'")]
    [InlineData("*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$-10\r\n", "invalid bulk length")]
    [InlineData("*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$2000000000\r\n", "invalid bulk length")]
    [InlineData("*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$blabla\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$\r\n", "invalid bulk length")]
    [InlineData("set \"unbalanced\r\n", "unbalanced quotes in request")]
    [InlineData("set 'unbalanced\r\n", "unbalanced quotes in request")]
    [InlineData("set \"a\"b c\r\n", "unbalanced quotes in request")]
    public async Task Bytes_that_are_no_command_are_answered_by_an_error_and_the_connection_is_closed(
        string bytes, string expectedError)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(bytes);

        Assert.Equal($"-ERR Protocol error: {expectedError}\r\n", await client.ReadToEndAsync());
    }

    [SkippableTheory, RespVersions]
    public async Task A_protocol_error_looks_the_same_in_both_protocols(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        await client.SendRawAsync("*1\r\n!\r\n");

        Assert.Equal("-ERR Protocol error: expected '$', got '!'\r\n", await client.ReadToEndAsync());
    }

    [SkippableFact]
    public async Task An_inline_request_without_end_is_too_big()
    {
        await using RespClient client = await server.ConnectAsync();

        await SendInPiecesAsync(client, new string('x', InlineLimitBytes + 1));

        Assert.Equal("-ERR Protocol error: too big inline request\r\n", await client.ReadToEndAsync());
    }

    [SkippableFact]
    public async Task A_count_of_arguments_without_end_is_too_big()
    {
        await using RespClient client = await server.ConnectAsync();

        await SendInPiecesAsync(client, "*" + new string('1', InlineLimitBytes + 1));

        Assert.Equal("-ERR Protocol error: too big mbulk count string\r\n", await client.ReadToEndAsync());
    }

    [SkippableFact]
    public async Task A_length_of_an_argument_without_end_is_too_big()
    {
        await using RespClient client = await server.ConnectAsync();

        await SendInPiecesAsync(client, "*1\r\n$" + new string('1', InlineLimitBytes + 1));

        Assert.Equal("-ERR Protocol error: too big bulk count string\r\n", await client.ReadToEndAsync());
    }

    [SkippableTheory]
    [InlineData("*0\r\n")]
    [InlineData("*-1\r\n")]
    [InlineData("*-10\r\n")]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("   \r\n")]
    public async Task Empty_requests_are_passed_over_without_a_reply(string bytes)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(bytes + "PING\r\n");

        Assert.Equal("+PONG\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task Commands_before_the_error_are_answered_and_commands_behind_it_are_not_run()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        await client.SendRawAsync("SET before 1\r\n*1\r\nnonsense\r\nSET behind 1\r\n");

        Assert.Equal("+OK\r\n-ERR Protocol error: expected '$', got 'n'\r\n", await client.ReadToEndAsync());
        await using RespClient other = await server.ConnectAsync();
        Assert.Equal(":1\r\n", await other.RawAsync("EXISTS", "before", "behind"));
    }

    [SkippableFact]
    public async Task Another_connection_does_not_notice()
    {
        await using RespClient client = await server.ConnectAsync();
        await using RespClient other = await server.ConnectAsync();

        await client.SendRawAsync("*1\r\n$-5\r\n");
        await client.ReadToEndAsync();

        Assert.Equal("+PONG\r\n", await other.RawAsync("PING"));
    }

    // The server stops reading at its limit, so the last pieces may meet a connection that is closed already.
    private static async Task SendInPiecesAsync(RespClient client, string text)
    {
        const int PieceLength = 8 * 1024;
        for (int start = 0; start < text.Length; start += PieceLength)
        {
            await client.SendRawAsync(text.Substring(start, Math.Min(PieceLength, text.Length - start)));
        }
    }
}
