// The host is nothing without its plugins: one taken away takes its commands away, and a broken one stops the start.

namespace Valkey.IntegrationTests.Lifecycle;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class PluginFolderTests
{
    [SkippableFact]
    public async Task Without_its_plugin_a_type_s_commands_are_unknown_and_the_rest_works()
    {
        using ServerCopy copy = ServerCopy.Create();
        Directory.Delete(Path.Combine(copy.Plugins, "Strings"), recursive: true);

        await using ServerProcess server = await ServerProcess.StartAsync(new ServerOptions { Executable = copy.Executable });
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        Assert.StartsWith("-ERR unknown command 'SET'", await client.RawAsync("SET", "k", "v"), StringComparison.Ordinal);
        Assert.Equal("*1\r\n$-1\r\n", await client.RawAsync("COMMAND", "INFO", "set"));
    }

    [SkippableFact]
    public async Task A_plugin_that_is_no_assembly_stops_the_start_and_is_named()
    {
        using ServerCopy copy = ServerCopy.Create();
        string folder = Path.Combine(copy.Plugins, "Broken");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "Broken.dll"), "this is no assembly");

        ProcessResult result = await RedisTools.RunAsync(
            copy.Executable, ["--port", "0", "--save", ""], workingFolder: copy.Folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Broken.dll", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_launcher_behind_links_finds_its_server()
    {
        using ServerCopy copy = ServerCopy.Create();
        string link = Path.Combine(copy.Folder, "a-link");
        string linkToLink = Path.Combine(copy.Folder, "a-link-to-the-link");
        File.CreateSymbolicLink(link, copy.Executable);
        File.CreateSymbolicLink(linkToLink, "a-link");

        await using ServerProcess server = await ServerProcess.StartAsync(new ServerOptions { Executable = linkToLink });
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "k", "v"));
        string info = (await client.CallAsync("INFO", "server")).Text;
        Assert.Contains($"process_id:{server.ProcessId}\r\n", info, StringComparison.Ordinal);
    }

    // A copy of what was built, so that a test may take parts of it away.
    private sealed class ServerCopy : IDisposable
    {
        private ServerCopy(string folder) => Folder = folder;

        public string Folder { get; }

        public string Executable => Path.Combine(Folder, "valkey-server");

        public string Plugins => Path.Combine(Folder, "plugins");

        public static ServerCopy Create()
        {
            TestEnvironment.SkipUnlessOurServer();
            ServerCopy copy = new(Directory.CreateTempSubdirectory("valkey-test-copy-").FullName);
            string built = Path.GetDirectoryName(TestEnvironment.ServerExecutable)!;
            File.Copy(TestEnvironment.ServerExecutable, copy.Executable);
            CopyFolder(Path.Combine(built, "lib"), Path.Combine(copy.Folder, "lib"));
            CopyFolder(Path.Combine(built, "plugins"), copy.Plugins);
            return copy;
        }

        public void Dispose() => Directory.Delete(Folder, recursive: true);

        private static void CopyFolder(string source, string target)
        {
            Directory.CreateDirectory(target);
            foreach (string file in Directory.GetFiles(source))
            {
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
            }

            foreach (string folder in Directory.GetDirectories(source))
            {
                CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
            }
        }
    }
}
