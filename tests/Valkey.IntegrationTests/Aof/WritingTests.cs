// What is logged, when it is safe, and turning it on and off.

namespace Valkey.IntegrationTests.Aof;

[Trait(Tags.Name, Tags.NeedsSave)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class WritingTests
{
    private const string NotEnabled = "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n";

    [SkippableTheory]
    [InlineData("always")]
    [InlineData("everysec")]
    [InlineData("no")]
    [InlineData("offloaded")]
    public async Task What_was_acknowledged_is_there_after_a_kill(string policy)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.Of(policy));
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("SET", "text", "v", "EX", 1000);
            await client.CallAsync("RPUSH", "list", "a", "b");
            await client.CallAsync("SELECT", 5);
            await client.CallAsync("HSET", "hash", "f", "1");
            await client.CallAsync("MULTI");
            await client.CallAsync("INCR", "n");
            await client.CallAsync("INCR", "n");
            await client.CallAsync("EXEC");
            await AofServer.SettleAsync(client, policy);
        }

        server.Kill(); // what was written to the system survives the process
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("v", await again.TextAsync("GET", "text"));
        Assert.InRange(long.Parse(await again.TextAsync("TTL", "text"), System.Globalization.CultureInfo.InvariantCulture), 1, 1000);
        Assert.Equal(":2\r\n", await again.RawAsync("LLEN", "list"));
        await again.CallAsync("SELECT", 5);
        Assert.Equal("1", await again.TextAsync("HGET", "hash", "f"));
        Assert.Equal("2", await again.TextAsync("GET", "n"));
    }

    [SkippableFact]
    public async Task Commands_are_logged_as_RESP_with_a_SELECT_where_the_database_changes()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.Always);
        await using RespClient client = await server.ConnectAsync();

        await client.CallAsync("SET", "a", "1");
        await client.CallAsync("SET", "b", "2");
        await client.CallAsync("GET", "a");
        await client.CallAsync("DEL", "missing");
        await client.CallAsync("SELECT", 11);
        await client.CallAsync("SET", "c", "3");

        Assert.Equal(
            "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"
            + "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
            + "*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n"
            + "*2\r\n$6\r\nSELECT\r\n$2\r\n11\r\n"
            + "*3\r\n$3\r\nSET\r\n$1\r\nc\r\n$1\r\n3\r\n",
            AofServer.IncrementOf(server, 1));
    }

    [SkippableFact]
    public async Task With_timestamps_the_log_says_when_it_was_written()
    {
        await using ServerProcess server = await ServerProcess.StartAsync([.. AofServer.Always, "aof-timestamp-enabled yes"]);
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("SET", "a", "1");
            Assert.Matches("^#TS:[0-9]+\r\n\\*2\r\n", AofServer.IncrementOf(server, 1));
        }

        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("1", await again.TextAsync("GET", "a"));
    }

    [SkippableFact]
    public async Task A_new_server_begins_with_an_empty_base_and_an_empty_increment()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.EverySecond);

        Assert.Equal(["appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof", "appendonly.aof.manifest"], AofServer.FilesOf(server));
        Assert.Equal(
            "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n", AofServer.ManifestOf(server));
    }

    [SkippableTheory]
    [InlineData("everysec", "no")]
    [InlineData("always", "no")]
    [InlineData("always", "yes")]
    public async Task It_is_turned_on_and_off_while_the_server_runs(string policy, string offload)
    {
        await using ServerProcess server = await ServerProcess.StartAsync($"appendfsync {policy}", $"bio-aof-offload-enabled {offload}");
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("SET", "before", "1");
            Assert.Equal("0", await AofServer.FieldAsync(client, "aof_enabled"));
            Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "SET", "appendonly", "yes"));
            await client.CallAsync("SET", "during", "2");
            Assert.Equal("1", await AofServer.FieldAsync(client, "aof_enabled"));
            await AofServer.WaitForRewriteAsync(client);
            await client.CallAsync("SET", "after", "3");
            Assert.Equal("*2\r\n:1\r\n:0\r\n", await client.RawAsync("WAITAOF", 1, 0, 10_000));
            Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "SET", "appendonly", "no"));
            Assert.Equal("0", await AofServer.FieldAsync(client, "aof_enabled"));
            Assert.Equal(NotEnabled, await client.RawAsync("WAITAOF", 1, 0, 0));
            await client.CallAsync("SET", "later", "4");
            Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "SET", "appendonly", "yes"));
            await AofServer.WaitForRewriteAsync(client);
            await client.CallAsync("CONFIG", "REWRITE");
        }

        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("1 2 3 4", string.Join(' ', [
            await again.TextAsync("GET", "before"), await again.TextAsync("GET", "during"),
            await again.TextAsync("GET", "after"), await again.TextAsync("GET", "later")]));
    }

    [SkippableFact]
    public async Task The_way_of_writing_changes_while_clients_write()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.Always);
        await using RespClient client = await server.ConnectAsync();
        await using RespClient admin = await server.ConnectAsync();
        long acknowledged = 0;
        using CancellationTokenSource end = new();
        Task writer = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                Assert.Equal($":{acknowledged + 1}\r\n", await client.RawAsync("INCR", "n"));
                acknowledged++;
            }
        });

        string[][] changes =
        [
            ["bio-aof-offload-enabled", "yes"], ["appendfsync", "everysec"], ["appendfsync", "always"], ["appendfsync", "no"],
            ["bio-aof-offload-enabled", "no"], ["appendfsync", "always"], ["bio-aof-offload-enabled", "yes"],
        ];
        foreach (string[] change in changes)
        {
            Assert.Equal("+OK\r\n", await admin.RawAsync("CONFIG", "SET", change[0], change[1]));
            long target = Volatile.Read(ref acknowledged) + 20;
            await WaitFor.ConditionAsync(() => Volatile.Read(ref acknowledged) >= target || writer.IsCompleted, "the writer goes on");
        }

        await end.CancelAsync();
        await writer;
        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal($"{acknowledged}", await again.TextAsync("GET", "n"));
    }

    [SkippableFact]
    public async Task WAITAOF_waits_for_the_disk_and_not_for_replicas_that_are_not_there()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.EverySecond);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("*2\r\n:1\r\n:0\r\n", await client.RawAsync("WAITAOF", 1, 0, 0)); // nothing was written
        await client.CallAsync("SET", "a", "1");
        Assert.Equal("*2\r\n:1\r\n:0\r\n", await client.RawAsync("WAITAOF", 1, 0, 0));
        Assert.Equal("*2\r\n:1\r\n:0\r\n", await client.RawAsync("WAITAOF", 0, 1, 10));
        Assert.Equal("-ERR value is out of range, value must between 0 and 1\r\n", await client.RawAsync("WAITAOF", 2, 0, 0));
        Assert.Equal("-ERR timeout is negative\r\n", await client.RawAsync("WAITAOF", 1, 0, -1));
        Assert.Equal("-ERR value is out of range, must be positive\r\n", await client.RawAsync("WAITAOF", 1, -1, 0));
    }

    [SkippableFact]
    public async Task WAITAOF_ends_when_the_log_is_turned_off_and_when_its_client_is_unblocked()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.Never);
        await using RespClient client = await server.ConnectAsync();
        await using RespClient other = await server.ConnectAsync();
        await using RespClient admin = await server.ConnectAsync();
        await client.CallAsync("SET", "a", "1");
        await other.CallAsync("SET", "a", "1");
        string otherId = await other.TextAsync("CLIENT", "ID");

        await client.SendAsync("WAITAOF", 0, 1, 0);
        await other.SendAsync("WAITAOF", 1, 0, 0);
        await WaitFor.ConditionAsync(
            async () => (await admin.TextAsync("INFO", "clients")).Contains("blocked_clients:2", StringComparison.Ordinal), "both wait");
        Assert.Equal(":1\r\n", await admin.RawAsync("CLIENT", "UNBLOCK", otherId));
        Assert.Equal("*2\r\n:0\r\n:0\r\n", (await other.ReadAsync()).Raw);

        await other.SendAsync("WAITAOF", 1, 0, 0);
        await WaitFor.ConditionAsync(
            async () => (await admin.TextAsync("INFO", "clients")).Contains("blocked_clients:2", StringComparison.Ordinal), "both wait");
        await admin.CallAsync("CONFIG", "SET", "appendonly", "no");
        Assert.Equal(NotEnabled.Replace("-ERR", "-ERR", StringComparison.Ordinal), (await other.ReadAsync()).Raw);
        Assert.Contains("blocked_clients:1", await admin.TextAsync("INFO", "clients"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_expires_and_what_is_evicted_is_logged_as_a_deletion()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.Always);
        await using RespClient client = await server.ConnectAsync();

        await client.CallAsync("SET", "gone", "1", "PX", 1);
        await WaitFor.ConditionAsync(
            () => AofServer.IncrementOf(server, 1).Contains("\r\n$4\r\ngone\r\n*2\r\n", StringComparison.Ordinal)
                || AofServer.IncrementOf(server, 1).EndsWith("$4\r\ngone\r\n", StringComparison.Ordinal),
            "the deletion is logged");
        Assert.Matches("(DEL|UNLINK)\r\n\\$4\r\ngone\r\n$", AofServer.IncrementOf(server, 1));
    }

    [SkippableTheory]
    [InlineData("everysec")]
    [InlineData("offloaded")]
    public async Task SHUTDOWN_brings_everything_to_the_disk(string policy)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.Of(policy));
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.SendRawAsync(
                "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$8\r\nSHUTDOWN\r\n$6\r\nNOSAVE\r\n");
            await client.ReadToEndAsync();
        }

        await WaitFor.ConditionAsync(() => server.HasExited, "the server ends");
        Assert.Contains("Calling fsync() on the AOF file.", server.Log, StringComparison.Ordinal);
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("1", await again.TextAsync("GET", "a"));
    }
}
