// CONFIG REWRITE: the file keeps its comments and order, and a server that starts from it has the same settings.

namespace Valkey.IntegrationTests.Administration;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class ConfigRewriteTests
{
    [SkippableFact]
    public async Task What_was_set_survives_a_restart()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("maxmemory-policy noeviction");
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu", "maxmemory", "200mb");
            await client.CallAsync("CONFIG", "SET", "save", "900 1 60 1000", "slowlog-max-len", "99");
            await client.CallAsync("CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0 pubsub 64mb 16mb 90");

            Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "REWRITE"));
        }

        await server.RestartAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("allkeys-lfu", await GetAsync(again, "maxmemory-policy"));
        Assert.Equal("209715200", await GetAsync(again, "maxmemory"));
        Assert.Equal("900 1 60 1000", await GetAsync(again, "save"));
        Assert.Equal("99", await GetAsync(again, "slowlog-max-len"));
        string limits = await GetAsync(again, "client-output-buffer-limit");
        Assert.Contains("pubsub 67108864 16777216 90", limits, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Comments_and_order_of_the_file_are_kept()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            "# a comment of the operator", "timeout 100", "# another one", "maxclients 200");
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("CONFIG", "SET", "timeout", "300");

        await client.CallAsync("CONFIG", "REWRITE");

        string[] lines = await File.ReadAllLinesAsync(server.ConfigPath);
        int comment = Array.IndexOf(lines, "# a comment of the operator");
        Assert.True(comment >= 0, "The comment is gone.");
        Assert.Equal("timeout 300", lines[comment + 1]);
        Assert.Equal("# another one", lines[comment + 2]);
        Assert.Equal("maxclients 200", lines[comment + 3]);
    }

    [SkippableFact]
    public async Task An_option_set_to_its_default_is_not_added_to_the_file()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("CONFIG", "SET", "timeout", "5");
        await client.CallAsync("CONFIG", "SET", "timeout", "0");

        await client.CallAsync("CONFIG", "REWRITE");

        string[] lines = await File.ReadAllLinesAsync(server.ConfigPath);
        Assert.DoesNotContain(lines, line => line.StartsWith("timeout", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Values_that_need_quotes_survive()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("CONFIG", "SET", "requirepass", "two words \"and\" more");
            Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "REWRITE"));
        }

        await server.RestartAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("+OK\r\n", await again.RawAsync("AUTH", "two words \"and\" more"));
    }

    [SkippableFact]
    public async Task Without_a_file_there_is_nothing_to_rewrite()
    {
        TestEnvironment.SkipIfExternal();
        using FreePort port = FreePort.Claim();
        using ChildProcess server = ChildProcess.Start(
            TestEnvironment.ServerExecutable,
            ["--port", $"{port.Number}", "--save", "", "--bind", "127.0.0.1"],
            Path.GetTempPath());
        await WaitFor.ConditionAsync(
            () => server.Output.Contains("Ready to accept connections", StringComparison.Ordinal), "the server is ready");
        await using RespClient client = await RespClient.ConnectAsync("127.0.0.1", port.Number);

        Assert.Equal("-ERR The server is running without a config file\r\n", await client.RawAsync("CONFIG", "REWRITE"));
    }

    [SkippableFact]
    public async Task A_file_with_every_option_in_it_starts_a_server_with_the_same_values()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("timeout 100", "databases 4");
        string before;
        await using (RespClient client = await server.ConnectAsync())
        {
            before = await client.TextAsync("CONFIG", "GET", "*");
            Assert.Equal("+OK\r\n", await client.RawAsync("DEBUG", "CONFIG-REWRITE-FORCE-ALL"));
        }

        string[] lines = await File.ReadAllLinesAsync(server.ConfigPath);
        Assert.Contains("maxmemory-samples 5", lines);
        Assert.Contains("databases 4", lines);

        await server.RestartAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal(before, await again.TextAsync("CONFIG", "GET", "*"));
    }

    [SkippableFact]
    public async Task Save_points_that_were_taken_away_do_not_come_back_as_the_default()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("save 900 1");
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("CONFIG", "SET", "save", "");
            await client.CallAsync("CONFIG", "REWRITE");
        }

        Assert.Contains("save \"\"", await File.ReadAllLinesAsync(server.ConfigPath));
        await server.RestartAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("", await GetAsync(again, "save"));
    }

    private static async Task<string> GetAsync(RespClient client, string option)
        => (await client.CallAsync("CONFIG", "GET", option))[option].Text;
}
