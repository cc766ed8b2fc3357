// MODULE: who may load, what is told about the loaded ones, what a failure leaves behind.

using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Valkey.IntegrationTests.Modules;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class ModuleCommandTests
{
    private const string NotAllowed =
        "-ERR MODULE command not allowed. If the enable-module-command option is set to \"local\", you can run it from a "
        + "local connection, otherwise you need to set this option in the configuration file, and then restart the server.\r\n";

    private const string LoadFailed = "-ERR Error loading the extension. Please check the server logs.\r\n";

    [SkippableFact]
    public async Task Nobody_loads_modules_unless_the_configuration_allows_it()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(NotAllowed, await client.RawAsync("MODULE", "LOAD", BuiltModules.Sample("HelloModule")));
        Assert.Equal(NotAllowed, await client.RawAsync("MODULE", "LOADEX", BuiltModules.Sample("HelloModule")));
        Assert.Equal(NotAllowed, await client.RawAsync("MODULE", "UNLOAD", "hello"));
        Assert.Equal("*0\r\n", await client.RawAsync("MODULE", "LIST"));
    }

    [SkippableFact]
    public async Task Local_allows_it_by_loopback_and_by_Unix_socket_only()
    {
        string address = OwnAddress();
        string socket = Path.Combine(Path.GetTempPath(), $"valkey-modules-{Environment.ProcessId}.sock");
        await using ServerProcess server = await ServerProcess.StartAsync(
            "enable-module-command local", $"bind 127.0.0.1 {address}", "protected-mode no", $"unixsocket {socket}");
        await using RespClient remote = await RespClient.ConnectAsync(address, server.Port);
        await using RespClient loopback = await server.ConnectAsync();
        await using RespClient unix = await RespClient.ConnectUnixAsync(socket);

        Assert.Equal(NotAllowed, await remote.RawAsync("MODULE", "LOAD", BuiltModules.Sample("HelloModule")));
        Assert.Equal("+OK\r\n", await loopback.RawAsync("MODULE", "LOAD", BuiltModules.Sample("HelloModule")));
        Assert.Equal("+Hello\r\n", await remote.RawAsync("HELLO.SIMPLE"));
        Assert.Equal("+OK\r\n", await unix.RawAsync("MODULE", "UNLOAD", "hello"));
    }

    [SkippableTheory]
    [RespVersions]
    public async Task A_loaded_module_is_listed_with_its_version_path_and_arguments(int respVersion)
    {
        string path = BuiltModules.Fixture("Good");
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.Allowed);
        await using RespClient client = await server.ConnectAsync(respVersion);

        Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "LOAD", path, "one", "two words"));

        RespValue modules = await client.CallAsync("MODULE", "LIST");
        RespValue module = Assert.Single(modules.Items);
        Assert.Equal(respVersion == 3 ? RespKind.Map : RespKind.Array, module.Kind);
        Assert.Equal($"[name, good, ver, 10203, path, {path}, args, [one, two words]]", module.ToString());
        Assert.Equal(RespKind.Integer, module["ver"].Kind);
    }

    [SkippableFact]
    public async Task A_module_is_loaded_by_its_DLL_as_well_as_by_its_folder()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.Allowed);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "LOAD", Path.Combine(BuiltModules.Fixture("Good"), "Good.dll")));
        Assert.Equal("+PONG\r\n", await client.RawAsync("GOOD.PING"));
    }

    [SkippableFact]
    public async Task LOADEX_takes_options_and_arguments()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.Allowed);
        await using RespClient client = await server.ConnectAsync();

        string reply = await client.RawAsync(
            "MODULE", "LOADEX", BuiltModules.Sample("HelloModule"), "CONFIG", "hello.greeting", "Good morning", "ARGS", "a", "b");

        Assert.Equal("+OK\r\n", reply);
        Assert.Equal("Good morning, Ada", await client.TextAsync("HELLO.BULK", "Ada"));
        Assert.Equal("[a, b]", (await client.CallAsync("MODULE", "LIST"))[0]["args"].ToString());
        await server.WaitForLogAsync("<hello> arguments: a b");
    }

    [SkippableTheory]
    [InlineData("it has no such option: hello.gruss", "CONFIG", "hello.gruss", "Moin")]
    [InlineData("MODULE LOADEX expects CONFIG or ARGS, not 'WITH'", "WITH", "a")]
    [InlineData("MODULE LOADEX: CONFIG takes a name and a value", "CONFIG", "hello.greeting")]
    public async Task LOADEX_with_a_mistake_loads_nothing_and_logs_why(string logged, params string[] arguments)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.Allowed);
        await using RespClient client = await server.ConnectAsync();

        string reply = await client.RawAsync(["MODULE", "LOADEX", BuiltModules.Sample("HelloModule"), .. arguments]);

        Assert.Equal(LoadFailed, reply);
        await server.WaitForLogAsync(logged);
        Assert.Equal("*0\r\n", await client.RawAsync("MODULE", "LIST"));
        Assert.StartsWith("-ERR unknown command", await client.RawAsync("HELLO.SIMPLE"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("ThrowsInConstructor", "the constructor gave up")]
    [InlineData("ThrowsInLoad", "half of it was enough")]
    [InlineData("Contract2", "it is built against Valkey.Abstractions 2.0, this server has 1.0")]
    [InlineData("NoExport", "no public class in it has [Export(typeof(IValkeyPlugin))]")]
    public async Task A_module_that_is_wrong_is_refused_and_the_server_goes_on(string fixture, string reason)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.Allowed);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(LoadFailed, await client.RawAsync("MODULE", "LOAD", BuiltModules.Fixture(fixture)));

        await server.WaitForLogAsync($"{fixture}.dll: {reason}");
        Assert.Equal("*0\r\n", await client.RawAsync("MODULE", "LIST"));
        Assert.StartsWith("-ERR unknown command", await client.RawAsync("HALFWAY.PING"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_module_is_not_loaded_twice()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With("HelloModule"));
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(LoadFailed, await client.RawAsync("MODULE", "LOAD", BuiltModules.Sample("HelloModule")));

        await server.WaitForLogAsync("a plugin named 'hello' is loaded already");
        Assert.Single((await client.CallAsync("MODULE", "LIST")).Items);
        Assert.Equal("+Hello\r\n", await client.RawAsync("HELLO.SIMPLE"));
    }

    [SkippableFact]
    public async Task What_is_not_loaded_cannot_be_unloaded_and_what_ships_with_the_server_stays()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.Allowed);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(
            "-ERR Error unloading module: no such module with that name\r\n", await client.RawAsync("MODULE", "UNLOAD", "nobody"));
        Assert.Equal(
            "-ERR Error unloading module: it belongs to the plugin directory and stays as long as the server runs\r\n",
            await client.RawAsync("MODULE", "UNLOAD", "tcp"));
    }

    [SkippableTheory]
    [RespVersions]
    public async Task HELP_lists_the_subcommands(int respVersion)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync(respVersion);

        RespValue help = await client.CallAsync("MODULE", "HELP");

        Assert.All(help.Items, line => Assert.Equal(RespKind.SimpleString, line.Kind));
        foreach (string subcommand in new[] { "LIST", "LOAD ", "LOADEX ", "UNLOAD ", "HELP" })
            Assert.Contains(help.Texts(), line => line.StartsWith(subcommand, StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData("-ERR wrong number of arguments for 'module' command\r\n", "MODULE")]
    [InlineData("-ERR wrong number of arguments for 'module|load' command\r\n", "MODULE", "LOAD")]
    [InlineData("-ERR wrong number of arguments for 'module|unload' command\r\n", "MODULE", "UNLOAD")]
    [InlineData("-ERR wrong number of arguments for 'module|list' command\r\n", "MODULE", "LIST", "all")]
    [InlineData("-ERR unknown subcommand 'reload'. Try MODULE HELP.\r\n", "MODULE", "reload")]
    public async Task Malformed_calls_are_refused(string expected, params string[] arguments)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.Allowed);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(expected, await client.RawAsync([.. arguments]));
    }

    // An address of this machine that is not loopback: for the server a connection to it comes from elsewhere.
    private static string OwnAddress()
    {
        foreach (NetworkInterface network in NetworkInterface.GetAllNetworkInterfaces())
        {
            foreach (UnicastIPAddressInformation own in network.GetIPProperties().UnicastAddresses)
            {
                if (own.Address.AddressFamily != AddressFamily.InterNetwork || IPAddress.IsLoopback(own.Address)) continue;
                return own.Address.ToString();
            }
        }

        throw new SkipException("This machine has no address but loopback.");
    }
}
