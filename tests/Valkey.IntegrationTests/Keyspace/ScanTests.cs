// KEYS and SCAN: what they find, and what SCAN promises while keys come and go.

namespace Valkey.IntegrationTests.Keyspace;

public sealed class ScanTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableFact]
    public async Task KEYS_finds_by_pattern_and_hides_expired_keys()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "one", "1", "two", "2", "three", "3");
        await client.CallAsync("SET", "tired", "1", "PX", "1");
        await client.OutliveAsync(1);

        string[] found = (await client.CallAsync("KEYS", "t*")).Texts();

        Assert.Equal(["three", "two"], found.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task SCAN_with_MATCH_and_TYPE_reports_only_what_fits()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < 100; i++) await client.CallAsync("SET", $"key:{i}", "x");

        HashSet<string> found = await ScanAllAsync(client, () => Task.CompletedTask, "MATCH", "key:1*", "TYPE", "STRING");

        Assert.Equal(11, found.Count);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SCAN_reports_every_key_that_stays_while_the_table_resizes(bool isGrowing)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < 500; i++) await client.CallAsync("SET", $"stays:{i}", "x");
        int others = isGrowing ? 0 : 4000;
        for (int i = 0; i < others; i++) await client.CallAsync("SET", $"other:{i}", "x");

        async Task ChangeAsync()
        {
            for (int i = 0; i < 50; i++)
            {
                if (isGrowing) await client.CallAsync("SET", $"other:{others++}", "x");
                else if (others > 0) await client.CallAsync("DEL", $"other:{--others}");
            }
        }

        HashSet<string> found = await ScanAllAsync(client, ChangeAsync);

        for (int i = 0; i < 500; i++) Assert.Contains($"stays:{i}", found);
    }

    [SkippableFact]
    public async Task SCAN_does_not_report_expired_keys()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "stays", "x");
        await client.CallAsync("SET", "goes", "x", "PX", "1");
        await client.OutliveAsync(1);

        Assert.Equal(["stays"], await ScanAllAsync(client, () => Task.CompletedTask));
    }

    private static async Task<HashSet<string>> ScanAllAsync(RespClient client, Func<Task> betweenCalls, params object[] options)
    {
        HashSet<string> found = new(StringComparer.Ordinal);
        string cursor = "0";
        do
        {
            RespValue reply = await client.CallAsync(["SCAN", cursor, .. options]);
            cursor = reply[0].Text;
            foreach (RespValue key in reply[1].Items) found.Add(key.Text);
            await betweenCalls();
        }
        while (cursor != "0");

        return found;
    }
}
