// The Hello sample on the real server: each kind of reply in both protocols, its option, its section of INFO, its timer.

namespace Valkey.IntegrationTests.Modules;

/// <summary>A server with the Hello module.</summary>
public sealed class HelloModuleFixture : ValkeyServerFixture
{
    /// <inheritdoc/>
    protected override ServerOptions Options => BuiltModules.With("HelloModule", "hello.greeting Moin");
}

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class HelloModuleTests(HelloModuleFixture server) : IClassFixture<HelloModuleFixture>
{
    private const string Digits = "1234567890123456789012345678901234567890";
    private const string Text = "# Hello\n\nThis is *Markdown*.";

    [SkippableTheory]
    [InlineData(2, "+Hello\r\n", "HELLO.SIMPLE")]
    [InlineData(3, "+Hello\r\n", "HELLO.SIMPLE")]
    [InlineData(2, "-HELLO this is what an error looks like\r\n", "HELLO.ERROR")]
    [InlineData(3, "-HELLO this is what an error looks like\r\n", "HELLO.ERROR")]
    [InlineData(2, ":-42\r\n", "HELLO.INTEGER", "-42")]
    [InlineData(3, ":-42\r\n", "HELLO.INTEGER", "-42")]
    [InlineData(2, "-ERR value is not an integer or out of range\r\n", "HELLO.INTEGER", "x")]
    [InlineData(2, "-ERR wrong number of arguments for 'hello.integer' command\r\n", "HELLO.INTEGER")]
    [InlineData(2, "$4\r\nMoin\r\n", "HELLO.BULK")]
    [InlineData(3, "$9\r\nMoin, Ada\r\n", "HELLO.BULK", "Ada")]
    [InlineData(2, "*2\r\n$1\r\na\r\n$0\r\n\r\n", "HELLO.ARRAY", "a", "")]
    [InlineData(3, "*0\r\n", "HELLO.ARRAY")]
    [InlineData(2, "*4\r\n$8\r\ngreeting\r\n$4\r\nMoin\r\n$6\r\nlength\r\n:4\r\n", "HELLO.MAP")]
    [InlineData(3, "%2\r\n$8\r\ngreeting\r\n$4\r\nMoin\r\n$6\r\nlength\r\n:4\r\n", "HELLO.MAP")]
    [InlineData(2, "*9\r\n:1\r\n:2\r\n:3\r\n:4\r\n:6\r\n:9\r\n:12\r\n:18\r\n:36\r\n", "HELLO.SET")]
    [InlineData(3, "~9\r\n:1\r\n:2\r\n:3\r\n:4\r\n:6\r\n:9\r\n:12\r\n:18\r\n:36\r\n", "HELLO.SET")]
    [InlineData(2, "$4\r\n3.25\r\n", "HELLO.DOUBLE")]
    [InlineData(3, ",3.25\r\n", "HELLO.DOUBLE")]
    [InlineData(2, ":1\r\n", "HELLO.BOOL", "7")]
    [InlineData(3, "#t\r\n", "HELLO.BOOL", "7")]
    [InlineData(3, "#f\r\n", "HELLO.BOOL", "0")]
    [InlineData(2, "$-1\r\n", "HELLO.NULL")]
    [InlineData(3, "_\r\n", "HELLO.NULL")]
    [InlineData(2, "$40\r\n" + Digits + "\r\n", "HELLO.BIGNUMBER")]
    [InlineData(3, "(" + Digits + "\r\n", "HELLO.BIGNUMBER")]
    [InlineData(2, "$28\r\n" + Text + "\r\n", "HELLO.VERBATIM")]
    [InlineData(3, "=32\r\nmkd:" + Text + "\r\n", "HELLO.VERBATIM")]
    [InlineData(2, "*2\r\n$5\r\nouter\r\n*2\r\n$5\r\ninner\r\n*3\r\n:1\r\n:2\r\n:3\r\n", "HELLO.NESTED")]
    [InlineData(3, "*2\r\n$5\r\nouter\r\n%1\r\n$5\r\ninner\r\n*3\r\n:1\r\n:2\r\n:3\r\n", "HELLO.NESTED")]
    public async Task Each_kind_of_reply_has_its_form_in_each_protocol(int respVersion, string expected, params string[] command)
    {
        await using RespClient client = await server.ConnectAsync(respVersion);

        Assert.Equal(expected, await client.RawAsync([.. command]));
    }

    [SkippableFact]
    public async Task Replies_of_a_module_go_through_a_transaction()
    {
        await using RespClient client = await server.ConnectAsync(3);

        await client.CallAsync("MULTI");
        Assert.Equal("+QUEUED\r\n", await client.RawAsync("HELLO.DOUBLE"));
        Assert.Equal("+QUEUED\r\n", await client.RawAsync("HELLO.NULL"));

        Assert.Equal("*2\r\n,3.25\r\n_\r\n", await client.RawAsync("EXEC"));
    }

    [SkippableFact]
    public async Task The_option_is_read_set_and_written_to_the_file()
    {
        await using ServerProcess own = await ServerProcess.StartAsync(BuiltModules.With("HelloModule", "hello.greeting Moin"));
        await using (RespClient client = await own.ConnectAsync())
        {
            await client.RequireCommandAsync("config");
            Assert.Equal("[hello.greeting, Moin]", await client.TextAsync("CONFIG", "GET", "hello.*"));

            Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "SET", "hello.greeting", "Good morning"));
            Assert.Equal("Good morning", await client.TextAsync("HELLO.BULK"));
            Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "REWRITE"));
        }

        string[] lines = await File.ReadAllLinesAsync(own.ConfigPath);
        Assert.Contains("hello.greeting \"Good morning\"", lines);
        await own.RestartAsync();
        await using RespClient again = await own.ConnectAsync();
        Assert.Equal("Good morning, Ada", await again.TextAsync("HELLO.BULK", "Ada"));
    }

    [SkippableFact]
    public async Task INFO_has_the_section_and_the_timer_ticks()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("info");

        string info = await client.TextAsync("INFO", "hello");

        Assert.Contains("hello_greeting:Moin\r\n", info, StringComparison.Ordinal);
        await WaitFor.ConditionAsync(
            async () => !(await client.TextAsync("INFO", "hello")).Contains("hello_ticks:0\r\n", StringComparison.Ordinal),
            "the timer has fired");
    }

    [SkippableFact]
    public async Task COMMAND_tells_about_the_module_s_commands()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("command");

        RespValue info = (await client.CallAsync("COMMAND", "INFO", "hello.integer"))[0];
        string[] commands = (await client.CallAsync("COMMAND", "LIST", "FILTERBY", "MODULE", "hello")).Texts();

        Assert.Equal("hello.integer", info[0].Text);
        Assert.Equal(2, info[1].Integer);
        Assert.Equal(["fast", "module", "readonly"], info[2].Texts().Order());
        Assert.Equal(13, commands.Length);
        Assert.All(commands, name => Assert.StartsWith("hello.", name, StringComparison.Ordinal));
        Assert.Empty((await client.CallAsync("COMMAND", "LIST", "FILTERBY", "MODULE", "nobody")).Items);
    }
}
