// TIME, ROLE, LOLWUT and SHUTDOWN.

namespace Valkey.IntegrationTests.Administration;

public sealed class ServerCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task Time_is_now(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        RespValue time = await client.CallAsync("TIME");

        Assert.Equal(2, time.Items.Count);
        Assert.InRange(time[0].Integer, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 5, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 5);
        Assert.InRange(time[1].Integer, 0, 999_999);
    }

    [SkippableTheory, RespVersions]
    public async Task A_server_alone_is_a_primary(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        Assert.Equal("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", await client.RawAsync("ROLE"));
    }

    [SkippableFact]
    public async Task Lolwut_draws_and_names_the_version()
    {
        await using RespClient client = await server.ConnectAsync();

        string first = await client.TextAsync("LOLWUT");
        string second = await client.TextAsync("LOLWUT", "VERSION", 5, 20, 4);

        Assert.EndsWith("Valkey ver. 9.1.0\n", first, StringComparison.Ordinal);
        Assert.EndsWith("Valkey ver. 9.1.0\n", second, StringComparison.Ordinal);
        Assert.Equal(4 + 3, second.Split('\n').Length);
        Assert.StartsWith("-ERR value is not an integer", await client.RawAsync("LOLWUT", "VERSION", "x"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("SHUTDOWN NOSAVE SAVE", "-ERR syntax error\r\n")]
    [InlineData("SHUTDOWN ABORT NOW", "-ERR syntax error\r\n")]
    [InlineData("SHUTDOWN LATER", "-ERR syntax error\r\n")]
    [InlineData("SHUTDOWN ABORT", "-ERR No shutdown in progress.\r\n")]
    public async Task A_shutdown_that_cannot_be_is_refused(string line, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(expected, await client.RawAsync([.. line.Split(' ')]));
    }

    [SkippableTheory]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    [InlineData("SHUTDOWN NOSAVE")]
    [InlineData("shutdown nosave now force safe")]
    public async Task A_shutdown_closes_without_a_reply(string line)
    {
        TestEnvironment.SkipIfExternal();
        await using ServerProcess process = await ServerProcess.StartAsync();
        await using RespClient client = await process.ConnectAsync();

        await client.SendAsync([.. line.Split(' ')]);

        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(0, await process.WaitForExitAsync());
    }
}
