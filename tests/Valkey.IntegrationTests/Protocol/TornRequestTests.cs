// Requests do not arrive as they were sent: cut anywhere, glued together, or never finished. The replies are the same.

using System.Text;

namespace Valkey.IntegrationTests.Protocol;

public sealed class TornRequestTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    private static readonly byte[] s_pipeline =
    [
        .. RespClient.Encode("SET", "torn:a", "value with\r\nline end"),
        .. RespClient.Encode("GET", "torn:a"),
        .. "ECHO \"in line\"\r\n"u8,
        .. RespClient.Encode("SET", "torn:n", 41),
        .. RespClient.Encode("INCR", "torn:n"),
        .. RespClient.Encode("NOSUCHCOMMAND", "x"),
        .. RespClient.Encode("GET", ""),
        .. RespClient.Encode("DEL", "torn:a", "torn:n"),
    ];

    [SkippableTheory, RespVersions]
    public async Task A_pipeline_cut_in_two_at_any_byte_gets_the_same_replies(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        string expected = await SendAndReadAsync(client, s_pipeline.Length, resp);

        for (int cut = 1; cut < s_pipeline.Length; cut++)
        {
            string replies = await SendAndReadAsync(client, cut, resp);

            Assert.True(expected == replies, $"Cut at byte {cut}:\n{replies}");
        }
    }

    [SkippableTheory, RespVersions]
    public async Task A_pipeline_sent_byte_by_byte_gets_the_same_replies(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);

        foreach (byte b in s_pipeline) await client.SendRawAsync(new[] { b });

        Assert.Equal(ExpectedReplies(resp), await ReadRepliesAsync(client));
    }

    [SkippableFact]
    public async Task Ten_thousand_commands_in_one_write_are_answered_in_order()
    {
        const int CommandCount = 10_000;
        await using RespClient client = await server.ConnectToEmptyAsync();
        using MemoryStream pipeline = new();
        for (int i = 0; i < CommandCount; i++) pipeline.Write(RespClient.Encode("ECHO", i));

        Task sending = client.SendRawAsync(pipeline.ToArray());

        for (int i = 0; i < CommandCount; i++) Assert.Equal(i, (await client.ReadAsync()).Integer);
        await sending;
    }

    [SkippableTheory]
    [InlineData("*2\r\n$3\r\nGET\r\n$1")]
    [InlineData("*2\r\n$3\r\nGET\r\n$10\r\nhalf")]
    [InlineData("*")]
    [InlineData("SET torn:never 1")]
    public async Task A_request_that_is_never_finished_does_nothing(string request)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient other = await server.ConnectAsync();

        await client.SendRawAsync("INCR torn:whole\r\n" + request);
        Assert.Equal(":1\r\n", (await client.ReadAsync()).Raw);
        client.Dispose();

        await WaitFor.ConditionAsync(
            async () => (await other.CallAsync("CLIENT", "LIST")).Text.Count(c => c == '\n') == 1,
            "the closed connection is gone from CLIENT LIST");
        Assert.Equal(":1\r\n", await other.RawAsync("DBSIZE"));
    }

    [SkippableFact]
    public async Task Replies_that_nobody_reads_wait_and_come_in_order()
    {
        const int CommandCount = 200;
        string value = new('v', 64 * 1024); // 12.5 MB in all: far more than the sockets' buffers hold
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "torn:big", value);

        for (int i = 0; i < CommandCount; i++) await client.SendAsync("GET", "torn:big");
        await client.SendAsync("ECHO", "last");

        for (int i = 0; i < CommandCount; i++) Assert.Equal(value.Length, (await client.ReadAsync()).Bytes!.Length);
        Assert.Equal("last", (await client.ReadAsync()).Text);
    }

    private static async Task<string> SendAndReadAsync(RespClient client, int cut, int resp)
    {
        await client.SendRawAsync(s_pipeline.AsMemory(0, cut));
        if (cut % 8 == 0) await Task.Yield(); // now and then the server gets the time to see the first half alone
        await client.SendRawAsync(s_pipeline.AsMemory(cut));
        string replies = await ReadRepliesAsync(client);

        Assert.Equal(ExpectedReplies(resp), replies);
        return replies;
    }

    private static async Task<string> ReadRepliesAsync(RespClient client)
    {
        StringBuilder replies = new();
        for (int i = 0; i < 8; i++) replies.Append((await client.ReadAsync()).Raw);
        return replies.ToString();
    }

    private static string ExpectedReplies(int resp)
        => "+OK\r\n$20\r\nvalue with\r\nline end\r\n$7\r\nin line\r\n+OK\r\n:42\r\n"
            + "-ERR unknown command 'NOSUCHCOMMAND', with args beginning with: 'x' \r\n"
            + (resp == 2 ? "$-1\r\n" : "_\r\n") + ":2\r\n";
}
