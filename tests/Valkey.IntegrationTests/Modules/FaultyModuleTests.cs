// A module that fails after it was loaded: the client gets an error, the log the stack, and the server goes on.

namespace Valkey.IntegrationTests.Modules;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class FaultyModuleTests
{
    [SkippableTheory]
    [RespVersions]
    public async Task A_command_that_throws_becomes_one_error_and_what_it_had_written_is_dropped(int respVersion)
    {
        await using ServerProcess server = await StartAsync();
        await using RespClient client = await server.ConnectAsync(respVersion);

        string reply = await client.RawAsync("FAULTY.THROW");

        Assert.Equal("-ERR the command 'faulty.throw' failed: the command gave up\r\n", reply);
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        await server.WaitForLogAsync("The command 'faulty.throw' of faulty threw: System.FormatException: the command gave up");
        await server.WaitForLogAsync("at Valkey.Fixtures.Faulty.ThrowHalfway");
    }

    [SkippableFact]
    public async Task A_transaction_goes_on_behind_a_command_that_throws()
    {
        await using ServerProcess server = await StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("FAULTY.THROW");
        await client.CallAsync("PING");

        Assert.Equal(
            "*2\r\n-ERR the command 'faulty.throw' failed: the command gave up\r\n+PONG\r\n", await client.RawAsync("EXEC"));
    }

    [SkippableFact]
    public async Task A_subscriber_that_throws_changes_nothing_for_the_command()
    {
        await using ServerProcess server = await StartAsync();
        await using RespClient client = await server.ConnectAsync();

        for (int i = 0; i < 100; i++) Assert.Equal("+OK\r\n", await client.RawAsync("SET", "k", i));

        Assert.Equal("99", await client.TextAsync("GET", "k"));
        await server.WaitForLogAsync("<faulty> a key event subscriber threw FormatException: the subscriber gave up");
        int lineCount = server.Log.Split("a key event subscriber threw").Length - 1;
        Assert.InRange(lineCount, 1, 10); // a line a second, not a line an event
    }

    [SkippableFact]
    public async Task A_repeating_timer_that_throws_ends()
    {
        await using ServerProcess server = await StartAsync();
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("FAULTY.ARM"));

        await server.WaitForLogAsync("<faulty> a timer threw FormatException: the timer gave up");
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "UNLOAD", "faulty"));
        await server.WaitForLogAsync("The code of module faulty is out of memory");
        Assert.Single(server.Log.Split('\n'), line => line.Contains("a timer threw", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task The_faults_are_counted_in_INFO_modules()
    {
        await using ServerProcess server = await StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("info");

        for (int i = 0; i < 3; i++) await client.CallAsync("SET", "k", i);

        string info = await client.TextAsync("INFO", "modules");
        Assert.Contains("module:name=faulty,ver=10000,api=1,", info, StringComparison.Ordinal);
        Assert.Contains(",faults=3\r\n", info, StringComparison.Ordinal);
    }

    private static Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(
        BuiltModules.Allowed, "loglevel verbose", $"loadmodule {BuiltModules.Fixture("Faulty")}");
}
