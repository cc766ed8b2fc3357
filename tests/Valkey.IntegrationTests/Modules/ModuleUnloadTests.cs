// What an unload leaves behind: nothing. Neither in memory, nor on clients that have used the module, nor on the disk.

using System.Text;

namespace Valkey.IntegrationTests.Modules;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class ModuleUnloadTests
{
    private const int ReloadCount = 20;

    [SkippableFact]
    public async Task A_module_that_was_built_anew_can_be_loaded_again_and_again()
    {
        using ModuleCopy copy = ModuleCopy.Of("HelloModule");
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.Allowed, "loglevel verbose");
        await using RespClient client = await server.ConnectAsync();

        for (int i = 1; i <= ReloadCount; i++)
        {
            Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "LOAD", copy.Folder));
            copy.BuildAnew(i); // overwritten while it is loaded: what runs is what was loaded
            Assert.Contains(ModuleCopy.TextOf(i - 1), await client.TextAsync("HELLO.VERBATIM"), StringComparison.Ordinal);
            Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "UNLOAD", "hello"));
        }

        await WaitFor.ConditionAsync(
            () => CountOf(server.Log, "The code of module hello is out of memory") == ReloadCount, "all code is out of memory");
        Assert.DoesNotContain("stays in memory", server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("HelloModule", await File.ReadAllTextAsync($"/proc/{server.ProcessId}/maps"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_client_that_ran_the_module_s_command_last_does_not_keep_it()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With("HelloModule"));
        await using RespClient user = await server.ConnectAsync();
        await using RespClient admin = await server.ConnectAsync();
        Assert.Equal("+Hello\r\n", await user.RawAsync("HELLO.SIMPLE"));

        Assert.Equal("+OK\r\n", await admin.RawAsync("MODULE", "UNLOAD", "hello"));

        await server.WaitForLogAsync("The code of module hello is out of memory");
        Assert.StartsWith("-ERR unknown command 'HELLO.SIMPLE'", await user.RawAsync("HELLO.SIMPLE"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_transaction_that_queued_the_module_s_command_gets_an_error_for_it()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With("HelloModule"));
        await using RespClient user = await server.ConnectAsync();
        await using RespClient admin = await server.ConnectAsync();
        await user.CallAsync("MULTI");
        await user.CallAsync("HELLO.SIMPLE");
        await user.CallAsync("PING");

        Assert.Equal("+OK\r\n", await admin.RawAsync("MODULE", "UNLOAD", "hello"));

        Assert.Equal(
            "*2\r\n-ERR the command 'hello.simple' is gone: hello was unloaded\r\n+PONG\r\n", await user.RawAsync("EXEC"));
        await server.WaitForLogAsync("The code of module hello is out of memory");
    }

    [SkippableFact]
    public async Task A_module_s_option_and_section_leave_with_it()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With("HelloModule"));
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("info");
        await client.RequireCommandAsync("config");
        Assert.Contains("hello_ticks", await client.TextAsync("INFO", "everything"), StringComparison.Ordinal);

        Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "UNLOAD", "hello"));

        Assert.DoesNotContain("hello_ticks", await client.TextAsync("INFO", "everything"), StringComparison.Ordinal);
        Assert.Empty((await client.CallAsync("CONFIG", "GET", "hello.*")).Items);
    }

    private static int CountOf(string text, string part) => text.Split(part).Length - 1;

    // A copy of a sample in which a new build is a changed text of the same length.
    private sealed class ModuleCopy : IDisposable
    {
        private static readonly byte[] s_marker = Encoding.UTF8.GetBytes("# Hello\n\nThis is *Markdown*.");

        private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("valkey-module-");
        private readonly string _assembly;
        private readonly int _markerAt;

        private ModuleCopy(string sample)
        {
            Folder = Path.Combine(_parent.FullName, sample);
            Directory.CreateDirectory(Folder);
            foreach (string file in Directory.GetFiles(BuiltModules.Sample(sample)))
                File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
            _assembly = Path.Combine(Folder, sample + ".dll");
            _markerAt = File.ReadAllBytes(_assembly).AsSpan().IndexOf(s_marker);
            Assert.True(_markerAt > 0);
            BuildAnew(0);
        }

        public string Folder { get; }

        public static ModuleCopy Of(string sample) => new(sample);

        public static string TextOf(int build) => $"# Build {build:000000}";

        public void BuildAnew(int build)
        {
            using FileStream file = new(_assembly, FileMode.Open, FileAccess.Write);
            file.Position = _markerAt;
            file.Write(Encoding.ASCII.GetBytes(TextOf(build)));
        }

        public void Dispose() => _parent.Delete(recursive: true);
    }
}
