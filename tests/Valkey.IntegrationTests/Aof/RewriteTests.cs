// BGREWRITEAOF, automatic rewrites, and how they get along with saving.

namespace Valkey.IntegrationTests.Aof;

[Trait(Tags.Name, Tags.NeedsSave)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class RewriteTests
{
    private const string Started = "+Background append only file rewriting started\r\n";
    private const string Scheduled = "+Background append only file rewriting scheduled\r\n";

    [SkippableTheory]
    [InlineData("always", "yes", "fork")]
    [InlineData("always", "no", "fork")]
    [InlineData("everysec", "yes", "thread")]
    [InlineData("everysec", "no", "thread")]
    [InlineData("offloaded", "yes", "fork")]
    [InlineData("offloaded", "no", "thread")]
    public async Task A_rewrite_keeps_every_type_and_what_is_written_meanwhile(string policy, string preamble, string provider)
    {
        string[] config =
        [
            .. AofServer.Of(policy), $"aof-use-rdb-preamble {preamble}", "forkless-options-supported yes",
            $"threadsave-enabled-for-backup {(provider == "thread" ? "yes" : "no")}",
        ];
        await using ServerProcess server = await ServerProcess.StartAsync(config);
        string digest;
        await using (RespClient client = await server.ConnectAsync())
        {
            await FillAsync(client);
            Assert.Equal(Started, await client.RawAsync("BGREWRITEAOF"));
            await client.CallAsync("SET", "meanwhile", "1");
            await AofServer.WaitForRewriteAsync(client);
            Assert.Equal("ok", await AofServer.FieldAsync(client, "aof_last_bgrewrite_status"));
            await client.CallAsync("SET", "afterwards", "2");
            await AofServer.SettleAsync(client, policy);
            digest = await client.TextAsync("DEBUG", "DIGEST");
        }

        string suffix = preamble == "yes" ? "rdb" : "aof";
        Assert.Equal([$"appendonly.aof.2.base.{suffix}", "appendonly.aof.2.incr.aof", "appendonly.aof.manifest"], AofServer.FilesOf(server));
        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal(digest, await again.TextAsync("DEBUG", "DIGEST"));
        Assert.Equal("2", await again.TextAsync("GET", "afterwards"));
    }

    [SkippableFact]
    public async Task With_the_log_off_a_rewrite_writes_a_base_only()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "a", "1");

        Assert.Equal(Started, await client.RawAsync("BGREWRITEAOF"));
        await AofServer.WaitForRewriteAsync(client);

        Assert.Equal("file appendonly.aof.1.base.rdb seq 1 type b\n", AofServer.ManifestOf(server));
    }

    [SkippableFact]
    public async Task There_is_one_rewrite_or_save_at_a_time()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.EverySecond);
        await using RespClient client = await server.ConnectAsync();
        for (int i = 0; i < 100; i++) await client.CallAsync("SET", $"key:{i}", "v");
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 20_000);

        Assert.Equal(Started, await client.RawAsync("BGREWRITEAOF"));
        Assert.Equal("1", await AofServer.FieldAsync(client, "aof_rewrite_in_progress"));
        Assert.Equal("-ERR Background append only file rewriting already in progress\r\n", await client.RawAsync("BGREWRITEAOF"));
        Assert.StartsWith(
            "-ERR Another child process is active (AOF?): can't BGSAVE right now.", await client.RawAsync("BGSAVE"), StringComparison.Ordinal);
        Assert.Equal("+Background saving scheduled\r\n", await client.RawAsync("BGSAVE", "SCHEDULE"));
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 0);
        await AofServer.WaitForRewriteAsync(client);
        await WaitFor.ConditionAsync(() => File.Exists(Path.Combine(server.Folder, "dump.rdb")), "the scheduled save is made");
    }

    [SkippableFact]
    public async Task A_rewrite_that_is_asked_for_during_a_save_or_a_transaction_comes_after_it()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.EverySecond);
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "a", "1");
        await client.CallAsync("MULTI");
        await client.CallAsync("BGREWRITEAOF");
        await client.CallAsync("SET", "b", "1");
        Assert.Equal($"*2\r\n{Scheduled}+OK\r\n", await client.RawAsync("EXEC"));
        await AofServer.WaitForRewriteAsync(client);
        Assert.Contains("appendonly.aof.2.base.rdb", AofServer.ManifestOf(server), StringComparison.Ordinal);

        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 300_000);
        await client.CallAsync("BGSAVE");
        Assert.Equal(Scheduled, await client.RawAsync("BGREWRITEAOF"));
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 0);
        await AofServer.WaitForRewriteAsync(client);
        Assert.Contains("appendonly.aof.3.base.rdb", AofServer.ManifestOf(server), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_log_is_rewritten_by_itself_when_it_has_grown()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            [.. AofServer.EverySecond, "auto-aof-rewrite-min-size 10kb", "auto-aof-rewrite-percentage 100"]);
        await using RespClient client = await server.ConnectAsync();

        // In one command: a rewrite that began in the middle of many would rightly be followed by a second.
        await client.CallAsync("SET", "key", new string('x', 30_000));

        await WaitFor.ConditionAsync(() => server.Log.Contains("Background AOF rewrite finished successfully", StringComparison.Ordinal), "it is rewritten");
        Assert.Contains("Starting automatic rewriting of AOF on ", server.Log, StringComparison.Ordinal);
        await AofServer.WaitForRewriteAsync(client);
        Assert.Equal("1", await AofServer.FieldAsync(client, "aof_rewrites"));
    }

    [SkippableFact]
    public async Task A_child_that_is_killed_leaves_the_log_as_it_was()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.Always);
        await using (RespClient client = await server.ConnectAsync())
        {
            for (int i = 0; i < 100; i++) await client.CallAsync("SET", $"key:{i}", "v");
            await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 50_000);
            await client.CallAsync("BGREWRITEAOF");
            await client.CallAsync("SET", "meanwhile", "1");
            int start = server.Log.IndexOf("rewriting started by pid ", StringComparison.Ordinal) + "rewriting started by pid ".Length;
            int childId = int.Parse(
                server.Log.AsSpan(start, server.Log.AsSpan(start).IndexOfAnyExceptInRange('0', '9')), System.Globalization.CultureInfo.InvariantCulture);
            using System.Diagnostics.Process child = System.Diagnostics.Process.GetProcessById(childId);
            child.Kill();
            await AofServer.WaitForFieldAsync(client, "aof_rewrite_in_progress", "0");
            Assert.Equal("err", await AofServer.FieldAsync(client, "aof_last_bgrewrite_status"));
            Assert.Equal("1", await AofServer.FieldAsync(client, "aof_rewrites_consecutive_failures"));
        }

        Assert.DoesNotContain(Directory.GetFiles(server.Folder), path => path.Contains("temp-", StringComparison.Ordinal));
        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal(":101\r\n", await again.RawAsync("DBSIZE"));
    }

    [SkippableFact]
    public async Task A_server_that_writes_its_first_base_ends_only_by_force()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        for (int i = 0; i < 100; i++) await client.CallAsync("SET", $"key:{i}", "v");
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 100_000);
        await client.CallAsync("CONFIG", "SET", "appendonly", "yes");

        Assert.StartsWith("-ERR Errors trying to SHUTDOWN", await client.RawAsync("SHUTDOWN"), StringComparison.Ordinal);
        Assert.Contains("Writing initial AOF, can't exit", server.Log, StringComparison.Ordinal);
        await client.SendAsync("SHUTDOWN", "FORCE");
        await WaitFor.ConditionAsync(() => server.HasExited, "the server ends");
        Assert.Contains("Writing initial AOF. Exit anyway.", server.Log, StringComparison.Ordinal);
    }

    private static async Task FillAsync(RespClient client)
    {
        await client.CallAsync("SET", "number", "12345");
        await client.CallAsync("SET", "short", "value", "EX", 10_000);
        await client.CallAsync("SET", "long", new string('x', 10_000));
        await client.CallAsync("SET", "", "of the empty key");
        for (int i = 0; i < 200; i++)
        {
            await client.CallAsync("RPUSH", "list", i, $"element {i}", new string('y', 300));
            await client.CallAsync("SADD", "numbers", i);
            await client.CallAsync("SADD", "members", $"member {i}");
            await client.CallAsync("ZADD", "scores", i * 0.1, $"member {i}");
            await client.CallAsync("HSET", "fields", $"field {i}", $"value {i}");
        }

        await client.CallAsync("RPUSH", "few", "a", "1");
        await client.CallAsync("SADD", "some", "a", "1");
        await client.CallAsync("ZADD", "ranks", "inf", "a", "-inf", "b", "3", "c");
        await client.CallAsync("HSET", "pairs", "a", "1");
        await client.CallAsync("HSET", "fleeting", "stays", "1", "goes", "2");
        await client.CallAsync("HEXPIRE", "fleeting", 10_000, "FIELDS", 1, "goes");
        await client.CallAsync("SELECT", 3);
        await client.CallAsync("SET", "elsewhere", "1");
        await client.CallAsync("SELECT", 0);
    }
}
