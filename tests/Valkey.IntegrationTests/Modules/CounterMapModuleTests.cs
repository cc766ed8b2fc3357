// The CounterMap sample on the real server: a type of a module's own among the server's commands about keys.

namespace Valkey.IntegrationTests.Modules;

/// <summary>A server with the CounterMap module.</summary>
public sealed class CounterMapModuleFixture : ValkeyServerFixture
{
    /// <inheritdoc/>
    protected override ServerOptions Options => BuiltModules.With("CounterMapModule");
}

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class CounterMapModuleTests(CounterMapModuleFixture server) : IClassFixture<CounterMapModuleFixture>
{
    private const string WrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

    [SkippableTheory]
    [RespVersions]
    public async Task Counters_are_created_read_and_removed(int respVersion)
    {
        await using RespClient client = await server.ConnectAsync(respVersion);
        string key = "counters" + respVersion;

        Assert.Equal(":3\r\n", await client.RawAsync("CMAP.INCRBY", key, "home", 3));
        Assert.Equal(":1\r\n", await client.RawAsync("CMAP.INCRBY", key, "home", -2));
        Assert.Equal(respVersion == 3 ? "%1\r\n$4\r\nhome\r\n:1\r\n" : "*2\r\n$4\r\nhome\r\n:1\r\n",
            await client.RawAsync("CMAP.GETALL", key));
        Assert.Equal(respVersion == 3 ? "_\r\n" : "$-1\r\n", await client.RawAsync("CMAP.GET", key, "nobody"));
        Assert.Equal(":1\r\n", await client.RawAsync("CMAP.LEN", key));
        Assert.Equal(":1\r\n", await client.RawAsync("CMAP.DEL", key, "home", "nobody"));
        Assert.Equal(":0\r\n", await client.RawAsync("CMAP.LEN", key));
    }

    [SkippableFact]
    public async Task An_overflow_is_refused_and_changes_nothing()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("CMAP.INCRBY", "full", "f", long.MaxValue);

        Assert.Equal("-ERR increment or decrement would overflow\r\n", await client.RawAsync("CMAP.INCRBY", "full", "f", 1));
        Assert.Equal($":{long.MaxValue}\r\n", await client.RawAsync("CMAP.GET", "full", "f"));
    }

    [SkippableFact]
    public async Task Strings_and_counter_maps_refuse_each_other_s_keys()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "a-string", "v");
        await client.CallAsync("CMAP.INCRBY", "a-map", "f", 1);

        Assert.Equal(WrongType, await client.RawAsync("CMAP.INCRBY", "a-string", "f", 1));
        Assert.Equal(WrongType, await client.RawAsync("CMAP.GETALL", "a-string"));
        Assert.Equal(WrongType, await client.RawAsync("GET", "a-map"));
        Assert.Equal(WrongType, await client.RawAsync("APPEND", "a-map", "x"));
        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "a-map", "now a string"));
        Assert.Equal("now a string", await client.TextAsync("GET", "a-map"));
    }

    [SkippableFact]
    public async Task The_server_knows_the_type_and_the_encoding()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("object");
        await client.CallAsync("CMAP.INCRBY", "typed", "f", 1);

        Assert.Equal("+cmap\r\n", await client.RawAsync("TYPE", "typed"));
        Assert.Equal("raw", await client.TextAsync("OBJECT", "ENCODING", "typed"));
    }

    [SkippableFact]
    public async Task MEMORY_USAGE_grows_with_the_fields()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("memory");
        await client.CallAsync("CMAP.INCRBY", "growing", "f", 1);
        long small = (await client.CallAsync("MEMORY", "USAGE", "growing")).Integer;

        for (int i = 0; i < 1000; i++) await client.CallAsync("CMAP.INCRBY", "growing", "field" + i, 1);

        long large = (await client.CallAsync("MEMORY", "USAGE", "growing")).Integer;
        Assert.InRange(large - small, 1000 * 24, 1000 * 200);
    }

    [SkippableFact]
    public async Task DEL_UNLINK_and_FLUSHALL_take_counter_maps_away()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("unlink");
        await FillAsync(client, "one", 200);
        await FillAsync(client, "two", 200);
        await FillAsync(client, "three", 3);

        Assert.Equal(":1\r\n", await client.RawAsync("DEL", "one"));
        Assert.Equal(":1\r\n", await client.RawAsync("UNLINK", "two"));
        Assert.Equal("+OK\r\n", await client.RawAsync("FLUSHALL"));

        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "one", "two", "three"));
        Assert.Equal(":1\r\n", await client.RawAsync("CMAP.INCRBY", "one", "f", 1));
    }

    [SkippableFact]
    public async Task A_counter_map_expires()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("pexpire");
        await FillAsync(client, "short-lived", 100);

        Assert.Equal(":1\r\n", await client.RawAsync("PEXPIRE", "short-lived", 30));

        await WaitFor.ConditionAsync(
            async () => (await client.CallAsync("CMAP.LEN", "short-lived")).Integer == 0, "the counter map has expired");
    }

    [SkippableFact]
    public async Task A_time_to_live_survives_a_change()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("expire");
        await client.CallAsync("CMAP.INCRBY", "kept", "f", 1);
        await client.CallAsync("EXPIRE", "kept", 1000);

        await FillAsync(client, "kept", 100); // grows: the value moves

        Assert.InRange((await client.CallAsync("TTL", "kept")).Integer, 990, 1000);
    }

    [SkippableFact]
    public async Task COPY_RENAME_and_MOVE_keep_the_counters()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("copy");
        await client.CallAsync("CMAP.INCRBY", "{c}source", "f", 7);

        Assert.Equal(":1\r\n", await client.RawAsync("COPY", "{c}source", "{c}copy"));
        await client.CallAsync("CMAP.INCRBY", "{c}copy", "f", 1);
        Assert.Equal("+OK\r\n", await client.RawAsync("RENAME", "{c}copy", "{c}renamed"));
        Assert.Equal(":1\r\n", await client.RawAsync("MOVE", "{c}renamed", 9));

        Assert.Equal(":7\r\n", await client.RawAsync("CMAP.GET", "{c}source", "f"));
        await client.CallAsync("SELECT", 9);
        Assert.Equal(":8\r\n", await client.RawAsync("CMAP.GET", "{c}renamed", "f"));
    }

    [SkippableFact]
    public async Task The_module_stays_while_its_values_live_and_comes_back_after_it_left()
    {
        await using ServerProcess own = await ServerProcess.StartAsync(BuiltModules.With("CounterMapModule"));
        await using RespClient client = await own.ConnectAsync();
        await client.CallAsync("CMAP.INCRBY", "a", "f", 1);
        await client.CallAsync("SELECT", 5);
        await client.CallAsync("CMAP.INCRBY", "b", "f", 1);

        Assert.Equal(
            "-ERR Error unloading module: the module exports one or more module-side data types, can't unload: "
            + "2 value(s) of type 'cmap' are alive\r\n",
            await client.RawAsync("MODULE", "UNLOAD", "cmap"));
        Assert.Equal(":1\r\n", await client.RawAsync("CMAP.GET", "b", "f"));

        await client.CallAsync("CMAP.DEL", "b", "f");
        await client.CallAsync("SELECT", 0);
        await client.CallAsync("CMAP.DEL", "a", "f");
        Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "UNLOAD", "cmap"));
        Assert.StartsWith("-ERR unknown command", await client.RawAsync("CMAP.LEN", "a"), StringComparison.Ordinal);
        await own.WaitForLogAsync("The code of module cmap is out of memory");

        Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "LOAD", BuiltModules.Sample("CounterMapModule")));
        Assert.Equal(":5\r\n", await client.RawAsync("CMAP.INCRBY", "a", "f", 5));
    }

    [SkippableFact]
    public async Task A_module_leaves_memory_although_its_values_were_saved()
    {
        await using ServerProcess own = await ServerProcess.StartAsync(BuiltModules.With("CounterMapModule"));
        await using RespClient client = await own.ConnectAsync();
        await client.CallAsync("CMAP.INCRBY", "a", "f", 1);
        await client.CallAsync("BGSAVE");
        await WaitFor.ConditionAsync(
            async () => (await client.TextAsync("INFO", "persistence")).Contains("rdb_saves:1", StringComparison.Ordinal), "it is saved");
        Assert.Equal("+OK\r\n", await client.RawAsync("FLUSHALL", "SYNC"));

        Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "UNLOAD", "cmap"));

        await own.WaitForLogAsync("The code of module cmap is out of memory");
    }

    private static async Task FillAsync(RespClient client, string key, int fieldCount)
    {
        for (int i = 0; i < fieldCount; i++) await client.CallAsync("CMAP.INCRBY", key, "field" + i, i);
    }
}
