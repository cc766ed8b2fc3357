// INFO: its sections, who shows when, and some numbers that must be right.

using System.Globalization;

namespace Valkey.IntegrationTests.Administration;

public sealed class InfoSectionTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task It_is_a_text(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        RespValue reply = await client.CallAsync("INFO", "cluster");

        Assert.Equal(resp == 3 ? RespKind.VerbatimString : RespKind.BulkString, reply.Kind);
        Assert.Equal("# Cluster\r\ncluster_enabled:0\r\n", reply.Text);
        if (resp == 3) Assert.StartsWith("=34\r\ntxt:", reply.Raw, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("", false, false)]
    [InlineData("default", false, false)]
    [InlineData("all", true, false)]
    [InlineData("everything", true, false)]
    [InlineData("ALL debug", true, true)]
    [InlineData("debug", false, true)]
    public async Task Each_word_shows_its_sections(string words, bool showsCommands, bool showsDebug)
    {
        await using RespClient client = await server.ConnectAsync();

        string text = await client.TextAsync(["INFO", .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal(showsCommands, text.Contains("# Commandstats", StringComparison.Ordinal));
        Assert.Equal(showsDebug, text.Contains("eventloop_cmd_per_cycle_max", StringComparison.Ordinal));
        Assert.Equal(words != "debug", text.Contains("redis_version:7.2.4\r\n", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Sections_come_once_and_whatever_their_case()
    {
        await using RespClient client = await server.ConnectAsync();

        string text = await client.TextAsync("INFO", "KEYSPACE", "keyspace", "nonesuch", "cpu");

        Assert.Equal(2, text.Split("# ").Length - 1);
        Assert.Contains("# Keyspace\r\n", text, StringComparison.Ordinal);
        Assert.Contains("used_cpu_user_main_thread:", text, StringComparison.Ordinal);
        Assert.Equal("", await client.TextAsync("INFO", "nonesuch"));
    }

    [SkippableFact]
    public async Task Keys_are_counted_by_database()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "a", "1", "b", "2");
        await client.CallAsync("SET", "c", "3", "EX", "100");

        string text = await client.TextAsync("INFO", "keyspace");

        Assert.Contains("db0:keys=3,expires=1,avg_ttl=", text, StringComparison.Ordinal);
        Assert.Contains("keys_with_volatile_items=0\r\n", text, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task Commands_and_errors_are_counted_until_the_reset()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("CONFIG", "RESETSTAT");
        await client.CallAsync("SET", "key", "text");
        await client.CallAsync("INCR", "key");
        await client.CallAsync("GET");

        string text = await client.TextAsync("INFO", "commandstats", "errorstats", "latencystats", "stats");

        Assert.Matches("cmdstat_set:calls=1,usec=[0-9]+,usec_per_call=[0-9.]+,rejected_calls=0,failed_calls=0\r\n", text);
        Assert.Matches("cmdstat_incr:calls=1,.*,rejected_calls=0,failed_calls=1\r\n", text);
        Assert.Matches("cmdstat_get:calls=0,.*,rejected_calls=1,failed_calls=0\r\n", text);
        Assert.Contains("errorstat_ERR:count=2\r\n", text, StringComparison.Ordinal);
        Assert.Matches("latency_percentiles_usec_set:p50=[0-9.]+,p99=[0-9.]+,p99.9=[0-9.]+\r\n", text);
        Assert.Equal(2, Number(text, "total_error_replies"));

        await client.CallAsync("CONFIG", "RESETSTAT");
        text = await client.TextAsync("INFO", "commandstats", "errorstats");

        Assert.DoesNotContain("cmdstat_set", text, StringComparison.Ordinal);
        Assert.DoesNotContain("errorstat_", text, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task An_error_in_a_transaction_belongs_to_its_command()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "key", "text");
        await client.CallAsync("CONFIG", "RESETSTAT");
        foreach (string line in (string[])["MULTI", "INCR key", "SET key 1", "EXEC"]) await client.CallAsync([.. line.Split(' ')]);

        string text = await client.TextAsync("INFO", "commandstats");

        Assert.Matches("cmdstat_incr:calls=1,.*,failed_calls=1\r\n", text);
        Assert.Matches("cmdstat_set:calls=1,.*,failed_calls=0\r\n", text);
        Assert.Matches("cmdstat_exec:calls=1,.*,failed_calls=0\r\n", text);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task Memory_follows_what_is_stored()
    {
        const int ValueBytes = 4_000_000;
        await using RespClient client = await server.ConnectToEmptyAsync();
        long before = Number(await client.TextAsync("INFO", "memory"), "used_memory");

        await client.CallAsync("SET", "large", new string('x', ValueBytes));
        string text = await client.TextAsync("INFO", "memory");

        Assert.InRange(Number(text, "used_memory") - before, ValueBytes, ValueBytes * 3);
        Assert.True(Number(text, "used_memory_peak") >= Number(text, "used_memory"));
        Assert.True(Number(text, "used_memory_dataset") >= ValueBytes);
        Assert.True(Number(text, "used_memory_rss") > Number(text, "used_memory"));
        Assert.True(Number(text, "total_system_memory") > 0);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task The_process_tells_who_it_is()
    {
        await using RespClient client = await server.ConnectAsync();

        string text = await client.TextAsync("INFO", "server");

        Assert.Equal(server.Server.ProcessId, Number(text, "process_id"));
        Assert.Equal(server.Port, Number(text, "tcp_port"));
        Assert.Matches($"listener[01]:name=tcp,.*port={server.Port}\r\n", text);
        Assert.Matches("run_id:[0-9a-f]{40}\r\n", text);
        Assert.Contains("multiplexing_api:epoll\r\n", text, StringComparison.Ordinal);
    }

    private static long Number(string info, string name)
    {
        foreach (string line in info.Split("\r\n"))
        {
            if (line.StartsWith(name + ":", StringComparison.Ordinal))
                return long.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
        }

        throw new KeyNotFoundException($"INFO has no field {name}.");
    }
}
