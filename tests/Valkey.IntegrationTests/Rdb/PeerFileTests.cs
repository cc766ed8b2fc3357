// Files between servers: what redis-server 7.0 wrote is loaded here, and what we write is loaded there.

namespace Valkey.IntegrationTests.Rdb;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class PeerFileTests
{
    private static readonly object[][] s_commands =
    [
        ["SET", "string", new string('s', 300)], ["SET", "number", -12345], ["SET", "expiring", "x", "PXAT", 2_569_591_501_000],
        ["RPUSH", "list", "a", 1, new string('l', 100)], ["SADD", "ints", 1, 70_000, 5_000_000_000], ["SADD", "set", "a", 2, "c"],
        ["SADD", "table", new string('t', 100), "b"], ["HSET", "hash", "f", "v", "g", 12], ["HSET", "fields", "f", new string('f', 100)],
        ["ZADD", "zset", 1, "a", -2.5, "b", "inf", "c"], ["ZADD", "tree", 0.5, new string('z', 100)],
    ];

    private static readonly object[][] s_questions =
    [
        ["GET", "string"], ["GET", "number"], ["GET", "expiring"], ["PEXPIRETIME", "expiring"], ["LRANGE", "list", 0, -1],
        ["SORT", "ints"], ["SORT", "set", "ALPHA"], ["SORT", "table", "ALPHA"], ["HGET", "hash", "f"], ["HGET", "hash", "g"], ["HGET", "fields", "f"],
        ["ZRANGE", "zset", 0, -1], ["ZSCORE", "zset", "b"], ["ZSCORE", "tree", new string('z', 100)], ["DBSIZE"],
    ];

    [SkippableFact]
    public async Task A_file_of_redis_server_is_loaded()
    {
        await using ServerProcess redis = await StartRedisAsync();
        await using ServerProcess ours = await ServerProcess.StartAsync();
        string[] expected = await FillAndSaveAsync(redis);
        ours.Kill();
        File.Copy(Path.Combine(redis.Folder, "dump.rdb"), Path.Combine(ours.Folder, "dump.rdb"));

        await ours.StartAgainAsync();

        Assert.Equal(expected, await AskAsync(ours));
    }

    [SkippableFact]
    public async Task A_file_of_ours_is_loaded_by_redis_server()
    {
        await using ServerProcess redis = await StartRedisAsync();
        await using ServerProcess ours = await ServerProcess.StartAsync();
        string[] expected = await FillAndSaveAsync(ours);
        redis.Kill();
        File.Copy(Path.Combine(ours.Folder, "dump.rdb"), Path.Combine(redis.Folder, "dump.rdb"));

        await redis.StartAgainAsync();

        Assert.Equal(expected, await AskAsync(redis));
    }

    [SkippableFact]
    public async Task Payloads_go_both_ways()
    {
        await using ServerProcess redis = await StartRedisAsync();
        await using ServerProcess ours = await ServerProcess.StartAsync();
        await using RespClient there = await redis.ConnectAsync();
        await using RespClient here = await ours.ConnectAsync();
        foreach (object[] command in s_commands)
        {
            await there.CallAsync(command);
            byte[] payload = (await there.CallAsync("DUMP", command[1])).Bytes!;
            Assert.Equal("+OK\r\n", await here.RawAsync("RESTORE", command[1], 0, payload));
            byte[] back = (await here.CallAsync("DUMP", command[1])).Bytes!;
            bool isNewer = back[^10] > 10; // sets in listpacks came with 7.2
            if (!isNewer) Assert.Equal("+OK\r\n", await there.RawAsync("RESTORE", command[1], 0, back, "REPLACE"));
        }
    }

    private static Task<ServerProcess> StartRedisAsync() =>
        ServerProcess.StartAsync(new ServerOptions { Executable = RedisTools.Server, Config = ["enable-debug-command yes"] });

    private static async Task<string[]> FillAndSaveAsync(ServerProcess server)
    {
        await using RespClient client = await server.ConnectAsync();
        foreach (object[] command in s_commands) Assert.False((await client.CallAsync(command)).IsError);
        Assert.Equal("+OK\r\n", await client.RawAsync("SAVE"));
        string[] answers = await AskAsync(server);
        server.Kill();
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
