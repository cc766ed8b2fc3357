// Starting: from a file, from standard input, from the command line; and what stops the start.

namespace Valkey.IntegrationTests.Lifecycle;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class StartupTests
{
    [SkippableFact]
    public async Task A_faulty_line_of_the_file_stops_the_start_and_is_named()
    {
        string[] lines = ["port 0", "# comment", "no-such-option 1"];

        ProcessResult result = await RunWithFileAsync(lines);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("FATAL CONFIG FILE ERROR", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Reading the configuration file, at line 3", result.Errors, StringComparison.Ordinal);
        Assert.Contains(">>> 'no-such-option 1'", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Bad directive or wrong number of arguments", result.Errors, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("port abc", "argument couldn't be parsed into an integer")]
    [InlineData("port 6379 6380", "wrong number of arguments")]
    [InlineData("maxmemory-policy nonsense", "argument(s) must be one of the following")]
    [InlineData("appendonly maybe", "argument must be 'yes' or 'no'")]
    [InlineData("requirepass \"unbalanced", "Unbalanced quotes in configuration line")]
    [InlineData("maxmemory lots", "argument must be a memory value")]
    [InlineData("databases 0", "argument must be between 1 and")]
    public async Task A_faulty_value_stops_the_start_and_says_why(string line, string expected)
    {
        ProcessResult result = await RunWithFileAsync([line]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("at line 1", result.Errors, StringComparison.Ordinal);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_faulty_option_of_the_command_line_stops_the_start()
    {
        ProcessResult result = await RunAsync(["--no-such-option", "1"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(">>> 'no-such-option \"1\"'", result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_file_that_is_not_there_stops_the_start()
    {
        ProcessResult result = await RunAsync(["/no/such/file.conf"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("can't open config file '/no/such/file.conf'", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_command_line_wins_over_the_file()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerOptions
        {
            Config = ["timeout 100", "hz 20"],
            Arguments = ["--timeout", "200", "--maxmemory-policy", "allkeys-random", "--save", "100", "10"],
        });
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("[timeout, 200]", await client.TextAsync("CONFIG", "GET", "timeout"));
        Assert.Equal("[hz, 20]", await client.TextAsync("CONFIG", "GET", "hz"));
        Assert.Equal("[maxmemory-policy, allkeys-random]", await client.TextAsync("CONFIG", "GET", "maxmemory-policy"));
        Assert.Equal("[save, 100 10]", await client.TextAsync("CONFIG", "GET", "save"));
    }

    [SkippableFact]
    public async Task An_included_file_counts_where_it_is_included()
    {
        TestEnvironment.SkipIfExternal();
        string included = Path.GetTempFileName();
        await File.WriteAllLinesAsync(included, ["timeout 11", "hz 30"]);

        await using ServerProcess server = await ServerProcess.StartAsync("timeout 10", "hz 20", $"include {included}", "hz 40");
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("[timeout, 11]", await client.TextAsync("CONFIG", "GET", "timeout"));
        Assert.Equal("[hz, 40]", await client.TextAsync("CONFIG", "GET", "hz"));
        File.Delete(included);
    }

    [SkippableFact]
    public async Task A_dash_reads_the_configuration_from_standard_input()
    {
        TestEnvironment.SkipIfExternal();
        using FreePort port = FreePort.Claim();
        using ChildProcess server = ChildProcess.Start(
            TestEnvironment.ServerExecutable, ["-", "--hz", "25"], Path.GetTempPath(),
            standardInput: $"port {port.Number}\nbind 127.0.0.1\nsave \"\"\ntimeout 77\n");
        await WaitFor.ConditionAsync(
            () => server.Output.Contains("Ready to accept connections", StringComparison.Ordinal), "the server is ready");

        await using RespClient client = await RespClient.ConnectAsync("127.0.0.1", port.Number);

        Assert.Equal("[timeout, 77]", await client.TextAsync("CONFIG", "GET", "timeout"));
        Assert.Equal("[hz, 25]", await client.TextAsync("CONFIG", "GET", "hz"));
    }

    [SkippableFact]
    public async Task Save_points_that_nobody_gave_are_the_default_and_no_matter_for_the_log()
    {
        TestEnvironment.SkipIfExternal();
        using FreePort port = FreePort.Claim();
        using ChildProcess server = ChildProcess.Start(
            TestEnvironment.ServerExecutable, ["--port", $"{port.Number}", "--bind", "127.0.0.1"], Path.GetTempPath());
        await WaitFor.ConditionAsync(
            () => server.Output.Contains("Ready to accept connections", StringComparison.Ordinal), "the server is ready");

        await using RespClient client = await RespClient.ConnectAsync("127.0.0.1", port.Number);

        Assert.Equal("[save, 3600 1 300 100 60 10000]", await client.TextAsync("CONFIG", "GET", "save"));
        Assert.DoesNotContain("save points", server.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Version_is_printed_without_starting()
    {
        foreach (string option in (string[])["--version", "-v"])
        {
            ProcessResult result = await RunAsync([option]);

            Assert.Equal(0, result.ExitCode);
            Assert.Matches(@"^Valkey server v=\d+\.\d+\.\d+ ", result.Output);
        }
    }

    [SkippableFact]
    public async Task Help_is_printed_without_starting()
    {
        ProcessResult result = await RunAsync(["--help"]);

        Assert.Contains("Usage:", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_log_has_the_lines_that_tools_wait_for()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("always-show-logo yes");

        await server.WaitForLogAsync("Ready to accept connections");

        Assert.Contains($" PID: {server.ProcessId}", server.Log, StringComparison.Ordinal);
        Assert.Contains("Server initialized", server.Log, StringComparison.Ordinal);
        Assert.Matches(@"\n\d+:M \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} [*#.\-] Server initialized\n", server.Log);
    }

    [SkippableFact]
    public async Task A_log_file_takes_the_log()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("logfile server.log");

        string log = await File.ReadAllTextAsync(Path.Combine(server.Folder, "server.log"));

        Assert.Contains("Ready to accept connections", log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_pid_file_is_written_and_taken_away()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("pidfile server.pid");
        string path = Path.Combine(server.Folder, "server.pid");
        await WaitFor.ConditionAsync(() => File.Exists(path), "the pid file is there");

        Assert.Equal($"{server.ProcessId}\n", await File.ReadAllTextAsync(path));
        await server.StopAsync();

        Assert.False(File.Exists(path), "The pid file is still there.");
    }

    private static async Task<ProcessResult> RunWithFileAsync(string[] lines)
    {
        string path = Path.GetTempFileName();
        await File.WriteAllLinesAsync(path, lines);
        try
        {
            return await RunAsync([path]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Task<ProcessResult> RunAsync(string[] arguments)
    {
        TestEnvironment.SkipIfExternal();
        return RedisTools.RunAsync(TestEnvironment.ServerExecutable, arguments, workingFolder: Path.GetTempPath());
    }
}
