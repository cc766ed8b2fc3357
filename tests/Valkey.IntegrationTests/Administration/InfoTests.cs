// INFO: sections by name, the fields that tools read, and numbers that move when something happens.

using System.Globalization;

namespace Valkey.IntegrationTests.Administration;

public sealed class InfoTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task The_default_has_its_sections_in_order(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        RespValue info = await client.CallAsync("INFO");

        Assert.Equal(resp == 2 ? RespKind.BulkString : RespKind.VerbatimString, info.Kind);
        string[] sections = [.. info.Text.Split("\r\n").Where(line => line.StartsWith("# ", StringComparison.Ordinal))];
        string[] expected =
        [
            "# Server", "# Clients", "# Memory", "# Persistence", "# Stats", "# Replication", "# CPU", "# Modules",
            "# Errorstats", "# Cluster", "# Keyspace",
        ];
        Assert.Equal(expected, sections.Where(section => expected.Contains(section)));
    }

    [SkippableTheory]
    [InlineData("server", "# Server", "process_id,tcp_port,uptime_in_seconds,redis_version,valkey_version,run_id,executable")]
    [InlineData("clients", "# Clients", "connected_clients,maxclients,blocked_clients,total_blocking_keys")]
    [InlineData("memory", "# Memory", "used_memory,used_memory_human,used_memory_rss,used_memory_peak,maxmemory,mem_allocator")]
    [InlineData("persistence", "# Persistence", "loading,rdb_changes_since_last_save,rdb_bgsave_in_progress,aof_enabled")]
    [InlineData("stats", "# Stats", "total_connections_received,total_commands_processed,expired_keys,keyspace_hits")]
    [InlineData("replication", "# Replication", "role,connected_slaves,master_replid,master_repl_offset")]
    [InlineData("cpu", "# CPU", "used_cpu_sys,used_cpu_user")]
    public async Task A_section_can_be_asked_for_by_its_name(string section, string title, string fields)
    {
        await using RespClient client = await server.ConnectAsync();

        string text = (await client.CallAsync("INFO", section.ToUpperInvariant())).Text;

        Assert.StartsWith(title + "\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        Assert.Empty(fields.Split(',').Except(Parse(text).Keys));
    }

    [SkippableFact]
    public async Task Several_sections_can_be_asked_for_at_once()
    {
        await using RespClient client = await server.ConnectAsync();

        string text = (await client.CallAsync("INFO", "cpu", "clients", "nonsense")).Text;

        Assert.Contains("# Clients\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\n# CPU\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("# Memory", text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_unknown_section_is_empty()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("$0\r\n\r\n", await client.RawAsync("INFO", "nonsense"));
    }

    [SkippableFact]
    public async Task Commandstats_counts_calls_failures_and_rejections()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("CONFIG", "RESETSTAT");

        await client.CallAsync("SET", "k", "text");
        await client.CallAsync("INCR", "k");
        await client.CallAsync("INCR");
        await client.CallAsync("CONFIG", "GET", "port");

        Dictionary<string, string> stats = Parse((await client.CallAsync("INFO", "commandstats")).Text);
        Assert.StartsWith("calls=1,usec=", stats["cmdstat_set"], StringComparison.Ordinal);
        Assert.EndsWith(",rejected_calls=1,failed_calls=1", stats["cmdstat_incr"], StringComparison.Ordinal);
        Assert.StartsWith("calls=1,", stats["cmdstat_config|get"], StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Errorstats_counts_errors_by_their_prefix()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.RequireCommandAsync("LPUSH");
        await client.CallAsync("LPUSH", "list", "a");
        await client.CallAsync("CONFIG", "RESETSTAT");

        await client.CallAsync("GET", "list");
        await client.CallAsync("GET");
        await client.CallAsync("NOSUCHCOMMAND");

        Dictionary<string, string> stats = Parse((await client.CallAsync("INFO", "errorstats")).Text);
        Assert.Equal("count=1", stats["errorstat_WRONGTYPE"]);
        Assert.Equal("count=2", stats["errorstat_ERR"]);
    }

    [SkippableFact]
    public async Task The_keyspace_section_counts_keys_and_times_to_live()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "a", "1", "b", "2");
        await client.CallAsync("EXPIRE", "a", 1000);
        await client.CallAsync("SELECT", "3");
        await client.CallAsync("SET", "c", "3");

        Dictionary<string, string> keyspace = Parse((await client.CallAsync("INFO", "keyspace")).Text);

        Assert.StartsWith("keys=2,expires=1,avg_ttl=", keyspace["db0"], StringComparison.Ordinal);
        Assert.StartsWith("keys=1,expires=0,avg_ttl=0", keyspace["db3"], StringComparison.Ordinal);
        Assert.Equal(2, keyspace.Count);
    }

    [SkippableFact]
    public async Task Used_memory_grows_with_the_data_and_comes_back()
    {
        const int ValueBytes = 1_000_000;
        await using RespClient client = await server.ConnectToEmptyAsync();
        long before = await UsedMemoryAsync(client);

        for (int i = 0; i < 20; i++) await client.CallAsync("SET", $"k{i}", new byte[ValueBytes]);
        long filled = await UsedMemoryAsync(client);
        await client.CallAsync("FLUSHALL", "SYNC");

        Assert.InRange(filled - before, 20L * ValueBytes, 60L * ValueBytes);
        await WaitFor.ConditionAsync(
            async () => await UsedMemoryAsync(client) < before + (5L * ValueBytes), "the memory is given back");
    }

    [SkippableFact]
    public async Task Hits_and_misses_are_counted()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v");
        await client.CallAsync("CONFIG", "RESETSTAT");

        await client.CallAsync("GET", "k");
        await client.CallAsync("GET", "missing");
        await client.CallAsync("GET", "missing");

        Dictionary<string, string> stats = Parse((await client.CallAsync("INFO", "stats")).Text);
        Assert.Equal("1", stats["keyspace_hits"]);
        Assert.Equal("2", stats["keyspace_misses"]);
    }

    private static async Task<long> UsedMemoryAsync(RespClient client)
        => long.Parse(Parse((await client.CallAsync("INFO", "memory")).Text)["used_memory"], CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Parse(string info)
    {
        Dictionary<string, string> fields = [];
        foreach (string line in info.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (!line.StartsWith('#')) fields[line[..colon]] = line[(colon + 1)..];
        }

        return fields;
    }
}
