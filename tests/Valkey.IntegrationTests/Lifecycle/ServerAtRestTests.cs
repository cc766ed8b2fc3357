// What a server shows of itself while nobody asks it for anything: its memory stays what it is, and its title tells who it is.

namespace Valkey.IntegrationTests.Lifecycle;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class ServerAtRestTests
{
    private const int CronTicks = 20;
    private const long ChangeMaxBytes = 16 * 1024; // what the connection that asks needs itself

    [SkippableFact]
    public async Task A_server_at_rest_uses_no_more_memory_than_when_it_started()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "key", "value");
        long before = await UsedMemoryAsync(client);

        for (int i = 0; i < CronTicks; i++)
        {
            await client.OutliveCronAsync(1);
            Assert.InRange(await UsedMemoryAsync(client), before - ChangeMaxBytes, before + ChangeMaxBytes);
        }
    }

    [SkippableFact]
    public async Task A_title_may_be_longer_than_the_arguments_and_short_again()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        string longText = new('x', 600);

        Assert.Equal("OK", await client.TextAsync("CONFIG", "SET", "proc-title-template", "long " + longText + " {port}"));
        string longTitle = await TitleAsync(server);
        Assert.Equal("OK", await client.TextAsync("CONFIG", "SET", "proc-title-template", "short {port}"));
        string shortTitle = await TitleAsync(server);

        Assert.Equal($"long {longText} {server.Port}", longTitle);
        Assert.Equal($"short {server.Port}", shortTitle);
        Assert.Equal("OK", await client.TextAsync("SET", "key", "value"));
        Assert.Equal("OK", await client.TextAsync("SAVE")); // what looks at the environment still finds it
    }

    [SkippableFact]
    public async Task MEMORY_STATS_tells_of_databases_that_were_selected_though_empty()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SELECT", 9);

        string[] names = (await client.CallAsync("MEMORY", "STATS")).Items.Select(item => item.ToString()).ToArray();

        Assert.Contains("db.0", names);
        Assert.Contains("db.9", names);
        Assert.DoesNotContain("db.5", names);
    }

    private static async Task<string> TitleAsync(ServerProcess server)
    {
        string shown = await File.ReadAllTextAsync($"/proc/{server.ProcessId}/cmdline");
        return shown.TrimEnd('\0');
    }

    private static async Task<long> UsedMemoryAsync(RespClient client)
    {
        const string Field = "used_memory:";
        string info = await client.TextAsync("INFO", "memory");
        int start = info.IndexOf(Field, StringComparison.Ordinal) + Field.Length;
        return long.Parse(info.AsSpan(start, info.IndexOf('\r', start) - start));
    }
}
