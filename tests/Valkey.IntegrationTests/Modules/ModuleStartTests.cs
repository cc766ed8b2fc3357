// Modules that are loaded at start: by the file, by the command line, and what stops the start.

namespace Valkey.IntegrationTests.Modules;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class ModuleStartTests
{
    [SkippableFact]
    public async Task The_configuration_file_loads_modules_with_arguments_and_options()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            "hello.greeting \"Good morning\"", // before or behind the module: the order of the lines does not matter
            $"loadmodule {BuiltModules.Sample("HelloModule")} one \"two words\"",
            $"loadmodule {BuiltModules.Sample("CounterMapModule")}");
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("Good morning, Ada", await client.TextAsync("HELLO.BULK", "Ada"));
        Assert.Equal(":3\r\n", await client.RawAsync("CMAP.INCRBY", "key", "field", 3));
        RespValue modules = await client.CallAsync("MODULE", "LIST");
        Assert.Equal(["hello", "cmap"], modules.Items.Select(module => module["name"].Text));
        Assert.Equal("[one, two words]", modules[0]["args"].ToString());
    }

    [SkippableFact]
    public async Task The_command_line_loads_modules_with_arguments_and_options()
    {
        ServerOptions options = new()
        {
            Arguments = ["--loadmodule", BuiltModules.Sample("HelloModule"), "one", "two", "--hello.greeting", "Moin"],
        };
        await using ServerProcess server = await ServerProcess.StartAsync(options);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("Moin, Ada", await client.TextAsync("HELLO.BULK", "Ada"));
        Assert.Equal("[one, two]", (await client.CallAsync("MODULE", "LIST"))[0]["args"].ToString());
        Assert.Contains("<hello> arguments: one two", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_module_that_cannot_be_loaded_stops_the_start()
    {
        string path = BuiltModules.Fixture("ThrowsInLoad");
        using FreePort port = FreePort.Claim();

        ProcessResult result = await RedisTools.RunAsync(
            TestEnvironment.ServerExecutable, ["--port", $"{port.Number}", "--save", "", "--loadmodule", path]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{path}/ThrowsInLoad.dll: half of it was enough", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Ready to accept connections", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_option_of_a_module_that_was_not_loaded_stops_the_start()
    {
        TestEnvironment.SkipUnlessOurServer();
        using FreePort port = FreePort.Claim();

        ProcessResult result = await RedisTools.RunAsync(
            TestEnvironment.ServerExecutable, ["--port", $"{port.Number}", "--save", "", "--hello.greeting", "Moin"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("hello.greeting", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_wrong_value_for_a_module_s_option_stops_the_start()
    {
        string path = BuiltModules.Sample("KeyAuditModule");
        using FreePort port = FreePort.Claim();

        ProcessResult result = await RedisTools.RunAsync(
            TestEnvironment.ServerExecutable,
            ["--port", $"{port.Number}", "--save", "", "--loadmodule", path, "--keyaudit.ring-size", "many"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("keyaudit.ring-size", result.Output + result.Errors, StringComparison.Ordinal);
    }
}
