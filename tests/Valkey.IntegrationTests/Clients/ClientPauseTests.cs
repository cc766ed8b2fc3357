// CLIENT PAUSE: commands wait, nothing is lost, and the order within a connection stays.

namespace Valkey.IntegrationTests.Clients;

public sealed class ClientPauseTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(80);

    [SkippableFact]
    public async Task WRITE_holds_writes_and_lets_reads_pass()
    {
        await using RespClient admin = await server.ConnectToEmptyAsync();
        await using RespClient writer = await server.ConnectAsync();
        Assert.Equal("+OK\r\n", await admin.RawAsync("CLIENT", "PAUSE", 60_000, "WRITE"));

        await writer.SendAsync("SET", "k", "1");

        Assert.True(await writer.IsSilentForAsync(s_silence), "A write was answered while writes are paused.");
        Assert.Equal("$-1\r\n", await admin.RawAsync("GET", "k"));
        Assert.Equal("+OK\r\n", await admin.RawAsync("CLIENT", "UNPAUSE"));
        Assert.Equal("+OK\r\n", (await writer.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task ALL_holds_reads_too()
    {
        await using RespClient admin = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync();
        await reader.CallAsync("PING");
        await admin.CallAsync("CLIENT", "PAUSE", 1000, "ALL"); // ends by itself: CLIENT UNPAUSE would wait too

        await reader.SendAsync("GET", "k");
        await reader.SendAsync("ECHO", "second");

        Assert.True(await reader.IsSilentForAsync(s_silence), "A read was answered while all is paused.");
        Assert.Equal("$-1\r\n", (await reader.ReadAsync()).Raw);
        Assert.Equal("second", (await reader.ReadAsync()).Text);
    }

    [SkippableFact]
    public async Task A_pause_ends_by_itself()
    {
        await using RespClient admin = await server.ConnectToEmptyAsync();
        await admin.CallAsync("CLIENT", "PAUSE", 150, "WRITE");

        Assert.Equal("+OK\r\n", await admin.RawAsync("SET", "k", "1"));
    }

    [SkippableFact]
    public async Task A_transaction_with_a_write_waits_at_EXEC()
    {
        await using RespClient admin = await server.ConnectToEmptyAsync();
        await using RespClient writer = await server.ConnectAsync();
        await writer.CallAsync("MULTI");
        await writer.CallAsync("SET", "k", "1");
        await admin.CallAsync("CLIENT", "PAUSE", 60_000, "WRITE");

        await writer.SendAsync("EXEC");

        Assert.True(await writer.IsSilentForAsync(s_silence), "EXEC was answered while writes are paused.");
        await admin.CallAsync("CLIENT", "UNPAUSE");
        Assert.Equal("*1\r\n+OK\r\n", (await writer.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_paused_client_that_leaves_does_not_write()
    {
        await using RespClient admin = await server.ConnectToEmptyAsync();
        RespClient writer = await server.ConnectAsync();
        await admin.CallAsync("CLIENT", "PAUSE", 60_000, "WRITE");
        await writer.SendAsync("SET", "k", "1");
        Assert.True(await writer.IsSilentForAsync(s_silence), "A write was answered while writes are paused.");

        writer.Reset();
        await WaitFor.ConditionAsync(
            async () => (await admin.CallAsync("INFO", "clients")).Text
                .Contains("connected_clients:1\r\n", StringComparison.Ordinal),
            "the writer is gone");
        await admin.CallAsync("CLIENT", "UNPAUSE");

        Assert.Equal("$-1\r\n", await admin.RawAsync("GET", "k"));
    }

    [SkippableTheory]
    [InlineData("CLIENT PAUSE nan", "timeout is not an integer or out of range")]
    [InlineData("CLIENT PAUSE -1", "timeout is negative")]
    [InlineData("CLIENT PAUSE 1 NONSENSE", "CLIENT PAUSE mode must be WRITE or ALL")]
    public async Task Faulty_arguments_are_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
    }
}
