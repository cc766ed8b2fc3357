// SCAN's promise: a key that is there from the beginning to the end is returned, however the keyspace moves meanwhile.

namespace Valkey.IntegrationTests.Keyspace;

public sealed class ScanTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    private const int KeyCount = 1000;

    [SkippableTheory]
    [RespVersions(1)]
    [RespVersions(10)]
    [RespVersions(100)]
    [RespVersions(5000)]
    public async Task A_whole_scan_returns_every_key(int resp, int count)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await FillAsync(client, "k", KeyCount);

        HashSet<string> seen = await ScanAsync(client, _ => Task.CompletedTask, "COUNT", count);

        Assert.Equal(KeyCount, seen.Count);
    }

    [SkippableFact]
    public async Task Keys_that_stay_are_returned_while_the_keyspace_grows()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await FillAsync(client, "stays", KeyCount);

        HashSet<string> seen = await ScanAsync(client, round => FillAsync(client, $"new{round}:", 200));

        Assert.Equal(KeyCount, seen.Count(key => key.StartsWith("stays", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task Keys_that_stay_are_returned_while_the_keyspace_shrinks()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await FillAsync(client, "stays", 100);
        await FillAsync(client, "goes", 5000);

        HashSet<string> seen = await ScanAsync(client, round => RemoveAsync(client, "goes", round * 300, 300));

        Assert.Equal(100, seen.Count(key => key.StartsWith("stays", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task MATCH_returns_only_what_matches()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await FillAsync(client, "k", KeyCount);

        HashSet<string> seen = await ScanAsync(client, _ => Task.CompletedTask, "MATCH", "k9?");

        Assert.Equal(10, seen.Count);
    }

    [SkippableFact]
    public async Task TYPE_returns_only_keys_of_that_type()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.RequireCommandAsync("LPUSH");
        await FillAsync(client, "k", 100);
        await client.CallAsync("LPUSH", "list", "1");

        Assert.Equal(["list"], await ScanAsync(client, _ => Task.CompletedTask, "TYPE", "list"));
        Assert.Equal(100, (await ScanAsync(client, _ => Task.CompletedTask, "TYPE", "string")).Count);
    }

    [SkippableFact]
    public async Task Keys_whose_time_has_passed_are_not_returned()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await FillAsync(client, "stays", 50);
        for (int i = 0; i < 50; i++) await client.CallAsync("SET", $"goes{i}", "v", "PX", 1);
        await Task.Delay(10); // their time to live, with room

        HashSet<string> seen = await ScanAsync(client, _ => Task.CompletedTask);

        Assert.Equal(50, seen.Count);
    }

    [SkippableTheory, RespVersions]
    public async Task The_reply_is_a_cursor_and_an_array(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.CallAsync("SET", "only", "1");

        Assert.Equal("*2\r\n$1\r\n0\r\n*1\r\n$4\r\nonly\r\n", await client.RawAsync("SCAN", "0"));
        Assert.Equal("*2\r\n$1\r\n0\r\n*0\r\n", await client.RawAsync("SCAN", "0", "MATCH", "other"));
    }

    [SkippableTheory]
    [InlineData("SCAN nonsense", "invalid cursor")]
    [InlineData("SCAN 0 COUNT 0", "syntax error")]
    [InlineData("SCAN 0 COUNT x", "value is not an integer or out of range")]
    [InlineData("SCAN 0 MATCH", "syntax error")]
    [InlineData("SCAN 0 NONSENSE x", "syntax error")]
    public async Task Faulty_arguments_are_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_made_up_cursor_is_harmless()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await FillAsync(client, "k", 100);

        foreach (string cursor in (string[])["1", "12345678901", "18446744073709551615"])
        {
            Assert.Equal(RespKind.Array, (await client.CallAsync("SCAN", cursor)).Kind);
        }
    }

    private static async Task<HashSet<string>> ScanAsync(
        RespClient client, Func<int, Task> betweenCalls, params object[] options)
    {
        const int CallsMax = 20_000;
        HashSet<string> seen = [];
        string cursor = "0";
        for (int call = 0; call < CallsMax; call++)
        {
            RespValue reply = await client.CallAsync(["SCAN", cursor, .. options]);
            foreach (RespValue key in reply[1].Items) seen.Add(key.Text);
            cursor = reply[0].Text;
            if (cursor == "0") return seen;
            if (call < 20) await betweenCalls(call);
        }

        throw new InvalidOperationException($"The scan did not end within {CallsMax} calls.");
    }

    private static async Task FillAsync(RespClient client, string prefix, int count)
    {
        for (int i = 0; i < count; i++) await client.SendAsync("SET", $"{prefix}{i}", "v");
        for (int i = 0; i < count; i++) await client.ReadAsync();
    }

    private static async Task RemoveAsync(RespClient client, string prefix, int first, int count)
    {
        for (int i = 0; i < count; i++) await client.SendAsync("DEL", $"{prefix}{first + i}");
        for (int i = 0; i < count; i++) await client.ReadAsync();
    }
}
