// requirepass and AUTH: nothing works without the password, everything with it.

namespace Valkey.IntegrationTests.Clients;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class AuthenticationTests(AuthenticationTests.Fixture server) : IClassFixture<AuthenticationTests.Fixture>
{
    [SkippableTheory]
    [InlineData("PING")]
    [InlineData("GET k")]
    [InlineData("INFO")]
    [InlineData("MULTI")]
    [InlineData("COMMAND COUNT")]
    [InlineData("CLIENT ID")]
    public async Task Without_the_password_commands_are_refused(string command)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal("-NOAUTH Authentication required.\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task With_the_password_they_are_answered()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("AUTH", "secret"));

        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    [SkippableTheory]
    [InlineData("AUTH wrong")]
    [InlineData("AUTH default wrong")]
    [InlineData("AUTH nobody secret")]
    [InlineData("HELLO 3 AUTH default wrong")]
    public async Task A_wrong_password_is_refused(string command)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal(
            "-WRONGPASS invalid username-password pair or user is disabled.\r\n", (await client.ReadAsync()).Raw);
        Assert.StartsWith("-NOAUTH", await client.RawAsync("PING"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task HELLO_authenticates_in_one_go()
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue greeting = await client.CallAsync("HELLO", "3", "AUTH", "default", "secret");

        Assert.Equal(RespKind.Map, greeting.Kind);
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    [SkippableFact]
    public async Task HELLO_without_the_password_says_how_to_give_it()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.StartsWith(
            "-NOAUTH HELLO must be called with the client already authenticated",
            await client.RawAsync("HELLO", "3"),
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task RESET_forgets_who_one_is()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("AUTH", "secret");

        await client.CallAsync("RESET");

        Assert.StartsWith("-NOAUTH", await client.RawAsync("PING"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_wrong_AUTH_does_not_take_away_what_was_granted()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("AUTH", "secret");

        await client.CallAsync("AUTH", "wrong");

        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    [SkippableFact]
    public async Task Without_a_password_set_AUTH_says_so()
    {
        await using ServerProcess open = await ServerProcess.StartAsync();
        await using RespClient client = await open.ConnectAsync();

        Assert.StartsWith(
            "-ERR AUTH <password> called without any password configured for the default user.",
            await client.RawAsync("AUTH", "x"),
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_password_set_at_run_time_counts_for_new_connections()
    {
        await using ServerProcess open = await ServerProcess.StartAsync();
        await using RespClient first = await open.ConnectAsync();

        Assert.Equal("+OK\r\n", await first.RawAsync("CONFIG", "SET", "requirepass", "new"));

        await using RespClient second = await open.ConnectAsync();
        Assert.StartsWith("-NOAUTH", await second.RawAsync("PING"), StringComparison.Ordinal);
        Assert.Equal("+OK\r\n", await second.RawAsync("AUTH", "new"));
        Assert.Equal("+PONG\r\n", await first.RawAsync("PING"));
    }

    public sealed class Fixture : ValkeyServerFixture
    {
        protected override ServerOptions Options => new() { Config = ["requirepass secret"] };
    }
}
