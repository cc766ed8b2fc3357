// MONITOR: every command as one line, quoted so that it can be typed again; secrets left out.

using System.Text.RegularExpressions;

namespace Valkey.IntegrationTests.Administration;

public sealed partial class MonitorTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task A_line_has_time_database_address_and_the_quoted_command(int resp)
    {
        await using RespClient monitor = await server.ConnectAsync(resp);
        await using RespClient client = await server.ConnectAsync();
        Assert.Equal("+OK\r\n", await monitor.RawAsync("MONITOR"));

        await client.CallAsync("SELECT", "9");
        await client.CallAsync("SET", "key", "with \"quotes\"\r\n\0\u0001");

        Assert.Matches(SelectLine(), (await monitor.ReadAsync()).Raw);
        string setLine = (await monitor.ReadAsync()).Text;
        Assert.EndsWith(" \"SET\" \"key\" \"with \\\"quotes\\\"\\r\\n\\x00\\x01\"", setLine, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Passwords_are_not_shown()
    {
        await using RespClient monitor = await server.ConnectAsync();
        await using RespClient client = await server.ConnectAsync();
        await monitor.CallAsync("MONITOR");

        await client.CallAsync("AUTH", "top-secret");
        await client.CallAsync("HELLO", "2", "AUTH", "default", "top-secret");
        await client.CallAsync("ECHO", "end");

        string seen = "";
        while (!seen.Contains("\"end\"", StringComparison.Ordinal)) seen += (await monitor.ReadAsync()).Text + "\n";
        Assert.DoesNotContain("top-secret", seen, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Commands_of_a_transaction_are_shown_when_they_run()
    {
        await using RespClient monitor = await server.ConnectAsync();
        await using RespClient client = await server.ConnectToEmptyAsync();
        await monitor.CallAsync("MONITOR");

        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "k", "1");
        await client.CallAsync("EXEC");

        Assert.EndsWith("\"MULTI\"", (await monitor.ReadAsync()).Text, StringComparison.Ordinal);
        Assert.EndsWith("\"SET\" \"k\" \"1\"", (await monitor.ReadAsync()).Text, StringComparison.Ordinal);
        Assert.EndsWith("\"EXEC\"", (await monitor.ReadAsync()).Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task RESET_ends_monitoring()
    {
        await using RespClient monitor = await server.ConnectAsync();
        await using RespClient client = await server.ConnectAsync();
        await monitor.CallAsync("MONITOR");

        await monitor.SendAsync("RESET");
        Assert.Equal("+RESET\r\n", (await monitor.ReadAsync()).Raw);
        await client.CallAsync("ECHO", "unseen");

        Assert.Equal("+PONG\r\n", await monitor.RawAsync("PING"));
    }

    [GeneratedRegex("^\\+[0-9]{10}\\.[0-9]{6} \\[(0|9) 127\\.0\\.0\\.1:[0-9]+\\] \"SELECT\" \"9\"\r\n$")]
    private static partial Regex SelectLine();
}
