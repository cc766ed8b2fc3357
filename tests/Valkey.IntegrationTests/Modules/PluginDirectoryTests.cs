// The plugin directory: each plugin that is wrong stops the start with one line, each that is missing is simply not there.

namespace Valkey.IntegrationTests.Modules;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class PluginDirectoryTests
{
    [SkippableTheory]
    [InlineData("ThrowsInConstructor", "the constructor gave up")]
    [InlineData("ThrowsInLoad", "half of it was enough")]
    [InlineData("TwoExports", "it exports more than one plugin: Valkey.Fixtures.FirstExport, Valkey.Fixtures.SecondExport")]
    [InlineData("NoExport", "no public class in it has [Export(typeof(IValkeyPlugin))]")]
    [InlineData("Contract2", "it is built against Valkey.Abstractions 2.0, this server has 1.0")]
    [InlineData("Contract199", "it is built against Valkey.Abstractions 1.99, this server has 1.0")]
    [InlineData("BadName", "its name 'bad-name!' is not made of a-z, 0-9, '-' and '_'")]
    [InlineData("NeedsArguments", "Valkey.Fixtures.NeedsArguments has no public constructor without arguments")]
    [InlineData("FromTheFuture", "it is built for .NET 99.0, this server runs on .NET ")]
    [InlineData("For32Bits", "it is built for I386, this server runs on ")]
    [InlineData("MissingNative", "DllNotFoundException: ")]
    public async Task A_plugin_that_is_wrong_stops_the_start_with_one_line(string fixture, string reason)
    {
        using PluginDirectory directory = new(PluginDirectory.Shipped);
        directory.Link(BuiltModules.Fixture(fixture));

        ProcessResult result = await RunAsync(directory.Folder);

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.Output.Split('\n'), line => line.Contains(fixture + ".dll", StringComparison.Ordinal));
        Assert.Contains($"{directory.Folder}/{fixture}/{fixture}.dll: {reason}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Ready to accept connections", result.Output, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("Good")]
    [InlineData("ContractCopy")]
    [InlineData("WithImports")]
    public async Task A_plugin_that_is_right_starts_beside_the_others(string fixture)
    {
        using PluginDirectory directory = new(PluginDirectory.Shipped);
        directory.Link(BuiltModules.Fixture(fixture));

        await using ServerProcess server = await StartAsync(directory);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "k", "v"));
        Assert.Equal("*0\r\n", await client.RawAsync("MODULE", "LIST")); // a plugin is no module
    }

    [SkippableFact]
    public async Task Two_plugins_may_use_two_versions_of_a_library()
    {
        using PluginDirectory directory = new(PluginDirectory.Shipped);
        directory.Link(BuiltModules.Fixture("UsesLibraryOne"));
        directory.Link(BuiltModules.Fixture("UsesLibraryTwo"));

        await using ServerProcess server = await StartAsync(directory);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    [SkippableFact]
    public async Task Without_Strings_the_server_starts_and_GET_is_unknown()
    {
        using PluginDirectory directory = new(["Tcp", "Unix"]);

        await using ServerProcess server = await StartAsync(directory);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        Assert.Equal(
            "-ERR unknown command 'GET', with args beginning with: 'k' \r\n", await client.RawAsync("GET", "k"));
    }

    [SkippableFact]
    public async Task Without_Unix_TCP_works_and_the_option_is_unknown()
    {
        using PluginDirectory directory = new(["Tcp", "Strings"]);

        await using ServerProcess server = await StartAsync(directory);
        await using RespClient client = await server.ConnectAsync();
        ProcessResult refused = await RunAsync(directory.Folder, "--unixsocket", Path.Combine(directory.Folder, "s"));

        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "k", "v"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("unixsocket", refused.Output + refused.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Without_Tcp_the_Unix_socket_works()
    {
        using PluginDirectory directory = new(["Unix", "Strings"]);
        string socket = Path.Combine(directory.Folder, "socket");
        using ChildProcess server = ChildProcess.Start(
            TestEnvironment.ServerExecutable,
            ["--plugin-dir", directory.Folder, "--unixsocket", socket, "--save", ""],
            directory.Folder);
        await WaitFor.ConditionAsync(
            () => server.Output.Contains("Ready to accept connections unix", StringComparison.Ordinal), "the server is ready");

        await using RespClient client = await RespClient.ConnectUnixAsync(socket);

        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "k", "v"));
        Assert.Equal("v", await client.TextAsync("GET", "k"));
    }

    [SkippableTheory]
    [InlineData]
    [InlineData("Strings")]
    public async Task Without_any_transport_the_start_ends_with_a_line_that_says_so(params string[] plugins)
    {
        using PluginDirectory directory = new(plugins);

        ProcessResult result = await RedisTools.RunAsync(
            TestEnvironment.ServerExecutable, ["--plugin-dir", directory.Folder, "--save", ""], workingFolder: directory.Folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Configured to not listen anywhere, exiting.", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_plugin_directory_that_is_not_there_is_named()
    {
        using PluginDirectory directory = new([]);
        string missing = Path.Combine(directory.Folder, "nowhere");

        ProcessResult result = await RunAsync(missing);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{missing}: there is no such plugin directory", result.Output, StringComparison.Ordinal);
    }

    private static async Task<ProcessResult> RunAsync(string pluginDirectory, params string[] arguments)
    {
        using FreePort port = FreePort.Claim();
        return await RedisTools.RunAsync(
            TestEnvironment.ServerExecutable,
            ["--plugin-dir", pluginDirectory, "--port", $"{port.Number}", "--save", "", .. arguments]);
    }

    private static Task<ServerProcess> StartAsync(PluginDirectory directory) =>
        ServerProcess.StartAsync($"plugin-dir {directory.Folder}");

    // A directory of links to some of the plugins that were built.
    private sealed class PluginDirectory : IDisposable
    {
        public PluginDirectory(IEnumerable<string> plugins)
        {
            TestEnvironment.SkipUnlessOurServer();
            foreach (string plugin in plugins) Link(Path.Combine(BuiltModules.Plugins, plugin));
        }

        public static IEnumerable<string> Shipped => Directory.GetDirectories(BuiltModules.Plugins).Select(path => Path.GetFileName(path)!);

        public string Folder { get; } = Directory.CreateTempSubdirectory("valkey-plugins-").FullName;

        public void Link(string plugin) =>
            Directory.CreateSymbolicLink(Path.Combine(Folder, Path.GetFileName(plugin)), plugin);

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
