// MULTI, EXEC and DISCARD over the wire.

namespace Valkey.IntegrationTests.Transactions;

public sealed class TransactionTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task Queued_commands_run_at_EXEC_and_their_replies_come_in_one_array(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);

        Assert.Equal("+OK\r\n", await client.RawAsync("MULTI"));
        Assert.Equal("+QUEUED\r\n", await client.RawAsync("SET", "k", "1"));
        Assert.Equal("+QUEUED\r\n", await client.RawAsync("INCR", "k"));
        Assert.Equal("+QUEUED\r\n", await client.RawAsync("GET", "missing"));

        string nullText = resp == 2 ? "$-1\r\n" : "_\r\n";
        Assert.Equal($"*3\r\n+OK\r\n:2\r\n{nullText}", await client.RawAsync("EXEC"));
    }

    [SkippableFact]
    public async Task Nothing_is_visible_to_others_before_EXEC()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient other = await server.ConnectAsync();

        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "k", "1");

        Assert.Equal("$-1\r\n", await other.RawAsync("GET", "k"));
        await client.CallAsync("EXEC");
        Assert.Equal("$1\r\n1\r\n", await other.RawAsync("GET", "k"));
    }

    [SkippableTheory, RespVersions]
    public async Task An_empty_transaction_is_an_empty_array(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        await client.CallAsync("MULTI");

        Assert.Equal("*0\r\n", await client.RawAsync("EXEC"));
    }

    [SkippableFact]
    public async Task DISCARD_forgets_what_was_queued()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "k", "1");

        Assert.Equal("+OK\r\n", await client.RawAsync("DISCARD"));

        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "k"));
        Assert.Equal("-ERR EXEC without MULTI\r\n", await client.RawAsync("EXEC"));
    }

    [SkippableTheory]
    [InlineData("EXEC", "-ERR EXEC without MULTI\r\n")]
    [InlineData("DISCARD", "-ERR DISCARD without MULTI\r\n")]
    public async Task Ending_what_was_not_begun_is_an_error(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(expected, await client.RawAsync(command));
    }

    [SkippableTheory]
    [InlineData("MULTI")]
    [InlineData("WATCH k")]
    public async Task MULTI_and_WATCH_within_a_transaction_are_refused_and_abort_it(string command)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "k", "1");

        await client.SendRawAsync(command + "\r\n");
        Assert.Equal("-ERR Command not allowed inside a transaction\r\n", (await client.ReadAsync()).Raw);

        Assert.StartsWith("-EXECABORT", await client.RawAsync("EXEC"), StringComparison.Ordinal);
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "k"));
    }

    [SkippableTheory]
    [InlineData("NOSUCHCOMMAND")]
    [InlineData("GET")]
    [InlineData("CONFIG nonsense")]
    public async Task A_command_that_cannot_be_queued_aborts_the_transaction(string faulty)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "k", "1");

        await client.SendRawAsync(faulty + "\r\n");
        Assert.True((await client.ReadAsync()).IsError);

        Assert.Equal(
            "-EXECABORT Transaction discarded because of previous errors.\r\n", await client.RawAsync("EXEC"));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "k"));
    }

    [SkippableTheory, RespVersions]
    public async Task An_error_at_run_time_stands_in_its_place_and_the_rest_runs(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "k", "text");
        await client.CallAsync("INCR", "k");
        await client.CallAsync("SET", "after", "1");

        RespValue replies = await client.CallAsync("EXEC");

        Assert.Equal("*3\r\n+OK\r\n-ERR value is not an integer or out of range\r\n+OK\r\n", replies.Raw);
        Assert.Equal(":1\r\n", await client.RawAsync("EXISTS", "after"));
    }

    [SkippableFact]
    public async Task A_connection_that_ends_within_MULTI_leaves_nothing_behind()
    {
        await using RespClient other = await server.ConnectToEmptyAsync();
        RespClient client = await server.ConnectAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "k", "1");

        client.Dispose();

        Assert.Equal(":0\r\n", await other.RawAsync("EXISTS", "k"));
    }

    [SkippableFact]
    public async Task SELECT_within_a_transaction_counts_for_what_follows()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "k", "in 0");
        await client.CallAsync("SELECT", "3");
        await client.CallAsync("SET", "k", "in 3");
        await client.CallAsync("EXEC");

        Assert.Equal("in 3", await client.TextAsync("GET", "k"));
        await client.CallAsync("SELECT", "0");
        Assert.Equal("in 0", await client.TextAsync("GET", "k"));
    }

    [SkippableFact]
    public async Task A_transaction_sent_in_one_piece_is_answered_in_one_piece()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        await client.SendRawAsync("MULTI\r\nINCR a\r\nINCR b\r\nEXEC\r\nPING\r\n");

        byte[] replies = await client.ReadExactlyAsync("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:1\r\n+PONG\r\n".Length);
        Assert.Equal("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:1\r\n+PONG\r\n"u8.ToArray(), replies);
    }
}
