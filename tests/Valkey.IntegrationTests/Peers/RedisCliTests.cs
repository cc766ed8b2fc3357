// redis-cli as a user at a terminal drives the server: single commands, pipes, mass insertion, scanning.

using System.Globalization;
using System.Text;

namespace Valkey.IntegrationTests.Peers;

[Trait(Tags.Name, Tags.NeedsRedisTools)]
[Trait(Tags.Name, Tags.TlsSkip)]
public sealed class RedisCliTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData("-2")]
    [InlineData("-3")]
    public async Task Single_commands_are_answered(string protocol)
    {
        Assert.Equal("OK\n", (await CliAsync([protocol, "SET", "cli:key", "two words"])).Output);
        Assert.Equal("\"two words\"\n", (await CliAsync([protocol, "--no-raw", "GET", "cli:key"])).Output);
        Assert.Equal("(integer) 9\n", (await CliAsync([protocol, "--no-raw", "STRLEN", "cli:key"])).Output);
        Assert.Equal("(nil)\n", (await CliAsync([protocol, "--no-raw", "GET", "cli:missing"])).Output);
    }

    [SkippableFact]
    public async Task An_error_is_an_exit_code_when_asked_for()
    {
        ProcessResult result = await CliAsync(["-e", "GET"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("wrong number of arguments for 'get' command", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Commands_from_a_pipe_run_one_after_the_other()
    {
        ProcessResult result = await CliAsync([], "SET cli:n 1\nINCR cli:n\nMULTI\nINCR cli:n\nEXEC\nGET cli:n\n");

        Assert.Equal("OK\n2\nOK\nQUEUED\n3\n3\n", result.Output);
    }

    [SkippableFact]
    public async Task Mass_insertion_counts_no_error()
    {
        const int KeyCount = 5000;
        StringBuilder commands = new();
        for (int i = 0; i < KeyCount; i++) commands.Append(CultureInfo.InvariantCulture, $"SET mass:{i} {i}\r\n");

        ProcessResult result = await CliAsync(["--pipe"], commands.ToString());

        Assert.Contains($"errors: 0, replies: {KeyCount}", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Scanning_finds_the_keys()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < 100; i++) await client.CallAsync("SET", $"scan:{i}", "v");

        ProcessResult result = await CliAsync(["--scan", "--pattern", "scan:*"]);

        Assert.Equal(100, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
    }

    [SkippableFact]
    public async Task Bigkeys_walks_the_keyspace()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "biggest-of-all", new string('v', 5000));
        await client.CallAsync("SET", "small", "v");

        ProcessResult result = await CliAsync(["--bigkeys"]);

        Assert.Contains("biggest-of-all", result.Output, StringComparison.Ordinal);
        Assert.Contains("5000 bytes", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Another_database_can_be_selected()
    {
        await CliAsync(["-n", "4", "SET", "cli:in4", "v"]);

        Assert.Equal("v\n", (await CliAsync(["-n", "4", "GET", "cli:in4"])).Output);
        Assert.Equal("\n", (await CliAsync(["GET", "cli:in4"])).Output);
    }

    private Task<ProcessResult> CliAsync(string[] arguments, string? standardInput = null) => RedisTools.RunAsync(
        RedisTools.Cli, ["-h", server.Host, "-p", $"{server.Port}", .. arguments], standardInput);
}
