// Logs between servers: what redis-server 7.0 wrote is loaded here, and what we write is loaded there.

using static Valkey.IntegrationTests.Aof.LogFiles;

namespace Valkey.IntegrationTests.Aof;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class PeerLogTests
{
    private static readonly object[][] s_before =
    [
        ["SET", "string", new string('s', 300)], ["SET", "number", -12345], ["SET", "expiring", "x", "PXAT", 2_569_591_501_000],
        ["RPUSH", "list", "a", 1, new string('l', 100)], ["SADD", "ints", 1, 70_000, 5_000_000_000], ["SADD", "set", "a", 2, "c"],
        ["HSET", "hash", "f", "v", "g", 12], ["HSET", "fields", "f", new string('f', 100)],
        ["ZADD", "zset", 1, "a", -2.5, "b", "inf", "c"], ["ZADD", "tree", 0.5, new string('z', 100)],
    ];

    private static readonly object[][] s_after =
    [
        ["APPEND", "string", "more"], ["INCRBYFLOAT", "number", "0.5"], ["EXPIRE", "list", 100_000_000], ["LPOP", "list"], ["SPOP", "ints"],
        ["HINCRBY", "hash", "g", 30], ["ZINCRBY", "zset", 2.25, "a"], ["SETBIT", "bits", 100, 1], ["GETEX", "expiring", "PERSIST"],
        ["LMOVE", "list", "list2", "LEFT", "RIGHT"], ["ZPOPMAX", "zset"], ["COPY", "hash", "hash2"], ["DEL", "fields"],
    ];

    private static readonly object[][] s_questions =
    [
        ["GET", "string"], ["GET", "number"], ["GET", "expiring"], ["PTTL", "expiring"], ["PEXPIRETIME", "list"], ["LRANGE", "list", 0, -1],
        ["LRANGE", "list2", 0, -1], ["SORT", "ints"], ["SORT", "set", "ALPHA"], ["HGET", "hash", "g"], ["HGET", "hash2", "f"],
        ["ZRANGE", "zset", 0, -1, "WITHSCORES"], ["ZSCORE", "tree", new string('z', 100)], ["BITCOUNT", "bits"], ["DBSIZE"],
    ];

    [SkippableTheory]
    [InlineData("yes")]
    [InlineData("no")]
    public async Task A_log_of_redis_server_is_loaded(string usesSnapshot)
    {
        await using ServerProcess redis = await ServerProcess.StartAsync(
            new ServerOptions { Executable = RedisTools.Server, Config = ["appendonly yes", $"aof-use-rdb-preamble {usesSnapshot}", "aof-timestamp-enabled yes"] });
        await using ServerProcess ours = await KilledServerAsync();
        string[] expected = await FillAsync(redis);
        Directory.Move(FolderOf(redis), FolderOf(ours));

        await ours.StartAgainAsync();

        Assert.Equal(expected, await AskAsync(ours));
    }

    [SkippableFact]
    public async Task A_log_as_redis_5_and_6_wrote_it_is_loaded()
    {
        await using ServerProcess redis = await ServerProcess.StartAsync(new ServerOptions { Executable = RedisTools.Server, Config = ["appendonly yes"] });
        await using ServerProcess ours = await KilledServerAsync();
        string[] expected = await FillAsync(redis);
        byte[] snapshot = await File.ReadAllBytesAsync(Directory.GetFiles(FolderOf(redis), "*.base.rdb")[0]);
        byte[] commands = await File.ReadAllBytesAsync(Directory.GetFiles(FolderOf(redis), "*.incr.aof")[0]);
        await File.WriteAllBytesAsync(Path.Combine(ours.Folder, "appendonly.aof"), [.. snapshot, .. commands]);

        await ours.StartAgainAsync();

        Assert.Equal(expected, await AskAsync(ours));
        Assert.Contains("Reading RDB preamble from AOF file...", ours.Log, StringComparison.Ordinal);
        Assert.Contains("Reading the remaining AOF tail...", ours.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_log_of_ours_is_loaded_by_redis_server()
    {
        await using ServerProcess redis = await ServerProcess.StartAsync(new ServerOptions { Executable = RedisTools.Server, Config = ["appendonly yes"] });
        await using ServerProcess ours = await ServerProcess.StartAsync("appendonly yes");
        string[] expected = await FillAsync(ours);
        redis.Kill();
        Directory.Delete(FolderOf(redis), recursive: true);
        Directory.Move(FolderOf(ours), FolderOf(redis));

        await redis.StartAgainAsync();

        Assert.Equal(expected, await AskAsync(redis));
    }

    private static async Task<string[]> FillAsync(ServerProcess server)
    {
        await using (RespClient client = await server.ConnectAsync())
        {
            foreach (object[] command in s_before) Assert.False((await client.CallAsync(command)).IsError);
            await client.CallAsync("BGREWRITEAOF");
            await WaitFor.ConditionAsync(
                async () => await client.TextAsync("INFO", "persistence") is var info
                    && info.Contains("aof_rewrite_in_progress:0", StringComparison.Ordinal)
                    && info.Contains("aof_rewrite_scheduled:0", StringComparison.Ordinal),
                "the rewrite is over");
            await client.CallAsync("MULTI");
            await client.CallAsync("SET", "in", "transaction");
            await client.CallAsync("INCR", "count");
            await client.CallAsync("EXEC");
            foreach (object[] command in s_after) Assert.False((await client.CallAsync(command)).IsError, (string)command[0]);
        }

        string[] answers = await AskAsync(server);
        Assert.Equal(0, await server.StopAsync());
        return answers;
    }

    private static async Task<string[]> AskAsync(ServerProcess server)
    {
        await using RespClient client = await server.ConnectAsync();
        List<string> answers = [];
        foreach (object[] question in s_questions) answers.Add(await client.RawAsync(question));
        return [.. answers];
    }
}
