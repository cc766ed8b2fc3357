// DEBUG MALLCTL and MALLCTL-STR: jemalloc's settings by name, on a server with it and on one without.

namespace Valkey.IntegrationTests.Administration;

[Trait(Tags.Name, Tags.NeedsDebug)]
[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class AllocatorToolTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task Numbers_of_every_width_can_be_read(int resp)
    {
        await using RespClient client = await ConnectToJemallocAsync(resp);

        Assert.Equal(Environment.SystemPageSize, (await client.CallAsync("DEBUG", "MALLCTL", "arenas.page")).Integer);
        Assert.InRange((await client.CallAsync("DEBUG", "mallctl", "arenas.narenas")).Integer, 1, 4096); // 32 bits
        Assert.InRange((await client.CallAsync("DEBUG", "MALLCTL", "config.debug")).Integer, 0, 1); // a switch
        Assert.InRange((await client.CallAsync("DEBUG", "MALLCTL", "stats.allocated")).Integer, 1, long.MaxValue);
    }

    [SkippableFact]
    public async Task A_number_that_is_set_answers_what_it_was()
    {
        await using RespClient client = await ConnectToJemallocAsync();
        const string Name = "arena.0.dirty_decay_ms";
        long before = (await client.CallAsync("DEBUG", "MALLCTL", Name)).Integer;

        Assert.Equal(before, (await client.CallAsync("DEBUG", "MALLCTL", Name, 4321)).Integer);
        Assert.Equal(4321, (await client.CallAsync("DEBUG", "MALLCTL", Name, -1)).Integer);
        Assert.Equal(-1, (await client.CallAsync("DEBUG", "MALLCTL", Name, before)).Integer);
        Assert.Equal(1, (await client.CallAsync("DEBUG", "MALLCTL", "thread.tcache.enabled", 0)).Integer);
        Assert.Equal(0, (await client.CallAsync("DEBUG", "MALLCTL", "thread.tcache.enabled", 1)).Integer);
    }

    [SkippableTheory, RespVersions]
    public async Task Texts_can_be_read_and_set(int resp)
    {
        await using RespClient client = await ConnectToJemallocAsync(resp);

        string before = await client.TextAsync("DEBUG", "MALLCTL-STR", "arena.0.dss");
        Assert.Contains(before, new[] { "disabled", "primary", "secondary" });
        Assert.Equal(before, await client.TextAsync("DEBUG", "MALLCTL-STR", "arena.0.dss", "disabled"));
        Assert.Equal("disabled", await client.TextAsync("DEBUG", "mallctl-str", "arena.0.dss", before));
        Assert.Equal(before, await client.TextAsync("DEBUG", "MALLCTL-STR", "arena.0.dss", "VOID"));
        string version = (await client.TextAsync("DEBUG", "MALLCTL-STR", "version")).Split('-')[0];
        Assert.Contains($"mem_allocator:jemalloc-{version}", await client.TextAsync("INFO", "memory"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("thread.tcache.flush")]
    [InlineData("arena.0.purge")]
    [InlineData("arena.4096.purge")]
    [InlineData("arena.0.decay")]
    public async Task Void_does_what_the_name_stands_for(string name)
    {
        await using RespClient client = await ConnectToJemallocAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("DEBUG", "MALLCTL-STR", name, "VOID"));
    }

    [SkippableTheory]
    [InlineData("MALLCTL no.such.name", "-ERR No such file or directory\r\n")]
    [InlineData("MALLCTL no.such.name 1", "-ERR No such file or directory\r\n")]
    [InlineData("MALLCTL-STR no.such.name", "-ERR No such file or directory\r\n")]
    [InlineData("MALLCTL-STR no.such.name x", "-ERR No such file or directory\r\n")]
    [InlineData("MALLCTL-STR no.such.name VOID", "-ERR No such file or directory\r\n")]
    [InlineData("MALLCTL thread.tcache.flush", "-ERR Operation not permitted\r\n")]
    [InlineData("MALLCTL arenas.page 8192", "-ERR Operation not permitted\r\n")]
    [InlineData("MALLCTL-STR version 6.0", "-ERR Operation not permitted\r\n")]
    [InlineData("MALLCTL-STR arena.0.dss upside-down", "-ERR Invalid argument\r\n")]
    [InlineData("MALLCTL arena.0.dirty_decay_ms often", "-ERR value is not an integer or out of range\r\n")]
    [InlineData("MALLCTL arena.0.dirty_decay_ms -2", "-ERR Bad address\r\n")]
    [InlineData("MALLCTL thread.tcache.enabled 2", "-ERR Invalid argument\r\n")]
    [InlineData("MALLCTL thread.arena 99999", "-ERR Bad address\r\n")]
    [InlineData("MALLCTL", "-ERR unknown subcommand or wrong number of arguments for 'MALLCTL'. Try DEBUG HELP.\r\n")]
    public async Task What_cannot_be_done_is_an_error(string line, string expected)
    {
        await using RespClient client = await ConnectToJemallocAsync();

        Assert.Equal(expected, await client.RawAsync(["DEBUG", .. line.Split(' ')]));
    }

    /// <summary>Names behind which the allocator follows an address, indexes by the number or drops all memory.</summary>
    [SkippableTheory]
    [InlineData("arena.0.extent_hooks")]
    [InlineData("arena.0.dss")]
    [InlineData("arena.0.reset")]
    [InlineData("arena.0.destroy")]
    [InlineData("arena.4096.reset")]
    [InlineData("arenas.create")]
    [InlineData("arenas.lookup")]
    [InlineData("tcache.flush")]
    [InlineData("tcache.destroy")]
    [InlineData("prof.dump")]
    [InlineData("thread.prof.name")]
    [InlineData("experimental.hooks.install")]
    [InlineData("experimental.hooks.remove")]
    [InlineData("experimental.utilization.query")]
    [InlineData("experimental.utilization.batch_query")]
    [InlineData("stats.allocated")]
    [InlineData("arenas.page")]
    public async Task No_name_and_no_value_ends_the_server(string name)
    {
        await using RespClient client = await ConnectToJemallocAsync();
        await client.CallAsync("SET", "key", new string('v', 5000));

        foreach (string value in (string[])["0", "1", "12345678", "-1", "9223372036854775807"])
        {
            string reply = await client.RawAsync("DEBUG", "MALLCTL", name, value);
            Assert.StartsWith("-ERR ", reply, StringComparison.Ordinal);
        }

        foreach (string value in (string[])["", "VOID", "x", new string('y', 100_000)])
        {
            string reply = await client.RawAsync("DEBUG", "MALLCTL-STR", name, value);
            Assert.True(reply[0] == '-' || (name == "arena.0.dss" && value == "VOID"), reply);
        }

        _ = await client.RawAsync("DEBUG", "MALLCTL", name);
        _ = await client.RawAsync("DEBUG", "MALLCTL-STR", name);
        Assert.Equal(new string('v', 5000), await client.TextAsync("GET", "key"));
    }

    [SkippableFact]
    public async Task Names_that_are_long_or_hold_a_NUL_do_not_exist()
    {
        await using RespClient client = await ConnectToJemallocAsync();

        foreach (string name in (string[])["", "arenas.page\0", "arenas.page\0x", new string('a', 127), new string('a', 128), new string('.', 100_000)])
            Assert.Equal("-ERR No such file or directory\r\n", await client.RawAsync("DEBUG", "MALLCTL", name));
    }

    [SkippableFact]
    public async Task Without_jemalloc_the_error_says_so()
    {
        TestEnvironment.SkipIfExternal();
        await using ServerProcess process = await ServerProcess.StartAsync(new ServerOptions { Arguments = ["--allocator", "libc"] });
        await using RespClient client = await process.ConnectAsync();

        foreach (string tool in (string[])["MALLCTL", "MALLCTL-STR"])
        {
            foreach (string[] rest in (string[][])[["arenas.page"], ["arenas.page", "1"], ["thread.tcache.flush", "VOID"]])
            {
                if (tool == "MALLCTL" && rest[^1] == "VOID") continue;
                Assert.Equal(
                    "-ERR jemalloc has this setting, and the server runs with the allocator of the C library\r\n",
                    await client.RawAsync(["DEBUG", tool, .. rest]));
            }
        }
    }

    private async Task<RespClient> ConnectToJemallocAsync(int resp = 2)
    {
        TestEnvironment.SkipIfExternal();
        RespClient client = await server.ConnectAsync(resp);
        string memory = await client.TextAsync("INFO", "memory");
        Skip.IfNot(memory.Contains("mem_allocator:jemalloc", StringComparison.Ordinal), "jemalloc is not installed");
        return client;
    }
}
