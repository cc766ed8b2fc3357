// COMMANDLOG and SLOWLOG: what is noted, how it is shortened, what is kept secret.

namespace Valkey.IntegrationTests.Administration;

public sealed class CommandLogTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task An_entry_has_six_fields(int resp)
    {
        await using RespClient client = await LoggingAllAsync(resp);
        await client.CallAsync("CLIENT", "SETNAME", "somebody");
        await client.CallAsync("SLOWLOG", "RESET");

        await client.CallAsync("ECHO", "hello");
        RespValue newest = (await client.CallAsync("SLOWLOG", "GET", 1))[0];

        Assert.Equal(6, newest.Items.Count);
        Assert.True(newest[0].Integer > 0);
        Assert.InRange(newest[1].Integer, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Assert.True(newest[2].Integer >= 0);
        Assert.Equal(["ECHO", "hello"], newest[3].Texts());
        Assert.Matches("^127.0.0.1:[0-9]+$", newest[4].Text);
        Assert.Equal("somebody", newest[5].Text);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task Many_and_long_arguments_are_shortened()
    {
        await using RespClient client = await LoggingAllAsync();
        object[] many = ["EXISTS", .. Enumerable.Range(2, 32).Select(i => (object)i)];

        await client.CallAsync(many);
        string[] arguments = (await client.CallAsync("SLOWLOG", "GET", 1))[0][3].Texts();
        await client.CallAsync("ECHO", new string('A', 129));
        string argument = (await client.CallAsync("SLOWLOG", "GET", 1))[0][3][1].Text;

        Assert.Equal(32, arguments.Length);
        Assert.Equal("... (2 more arguments)", arguments[31]);
        Assert.Equal(new string('A', 128) + "... (1 more bytes)", argument);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task Passwords_are_hidden()
    {
        await using RespClient client = await LoggingAllAsync();

        await client.CallAsync("CONFIG", "SET", "requirepass", "");
        RespValue entry = (await client.CallAsync("SLOWLOG", "GET", 1))[0];

        Assert.Equal(["CONFIG", "SET", "requirepass", "(redacted)"], entry[3].Texts());
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task A_transaction_is_noted_command_by_command()
    {
        await using RespClient client = await LoggingAllAsync();
        await client.CallAsync("SLOWLOG", "RESET");

        foreach (string line in (string[])["MULTI", "ECHO one", "ECHO two", "EXEC"]) await client.CallAsync([.. line.Split(' ')]);
        RespValue entries = await client.CallAsync("SLOWLOG", "GET", -1);

        Assert.Contains("[ECHO, one]", entries.ToString(), StringComparison.Ordinal);
        Assert.Contains("[ECHO, two]", entries.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("EXEC", entries.ToString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task The_length_is_limited_and_zero_means_none()
    {
        await using RespClient client = await LoggingAllAsync();
        await client.CallAsync("CONFIG", "SET", "slowlog-max-len", 3);
        for (int i = 0; i < 10; i++) await client.CallAsync("PING");
        Assert.Equal(3, (await client.CallAsync("SLOWLOG", "LEN")).Integer);
        Assert.Equal(2, (await client.CallAsync("SLOWLOG", "GET", 2)).Items.Count);
        Assert.Equal(3, (await client.CallAsync("SLOWLOG", "GET", -1)).Items.Count);

        await client.CallAsync("CONFIG", "SET", "slowlog-max-len", 0);
        await client.CallAsync("SLOWLOG", "RESET");
        await client.CallAsync("PING");
        Assert.Equal(0, (await client.CallAsync("SLOWLOG", "LEN")).Integer);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task Large_requests_and_replies_are_noted_with_their_size()
    {
        const int Size = 3000;
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync(
            "CONFIG", "SET", "commandlog-request-larger-than", 2000, "commandlog-reply-larger-than", 2000,
            "commandlog-execution-slower-than", -1);
        foreach (string type in (string[])["large-request", "large-reply"]) await client.CallAsync("COMMANDLOG", "RESET", type);

        await client.CallAsync("ECHO", "small");
        await client.CallAsync("ECHO", new string('x', Size));

        RespValue requests = await client.CallAsync("COMMANDLOG", "GET", -1, "large-request");
        RespValue replies = await client.CallAsync("COMMANDLOG", "GET", -1, "large-reply");
        Assert.Single(requests.Items);
        Assert.Equal("*2\r\n$4\r\nECHO\r\n$3000\r\n\r\n".Length + Size, requests[0][2].Integer);
        Assert.Single(replies.Items);
        Assert.Equal("$3000\r\n\r\n".Length + Size, replies[0][2].Integer);
    }

    [SkippableTheory]
    [InlineData("SLOWLOG GET -2", "ERR count should be greater than or equal to -1")]
    [InlineData("SLOWLOG GET x", "ERR count should be greater than or equal to -1")]
    [InlineData("COMMANDLOG GET 1 fast", "ERR type should be one of the following: slow, large-request, large-reply")]
    [InlineData("COMMANDLOG LEN fast", "ERR type should be one of the following: slow, large-request, large-reply")]
    public async Task Wrong_arguments_are_refused(string line, string error)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(error, await client.TextAsync([.. line.Split(' ')]));
    }

    private async Task<RespClient> LoggingAllAsync(int resp = 2)
    {
        RespClient client = await server.ConnectAsync(resp);
        await client.CallAsync("CONFIG", "SET", "slowlog-log-slower-than", 0, "slowlog-max-len", 128);
        return client;
    }
}
