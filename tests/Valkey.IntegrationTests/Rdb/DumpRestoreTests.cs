// DUMP and RESTORE on the real server.

namespace Valkey.IntegrationTests.Rdb;

public sealed class DumpRestoreTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [RespVersions]
    public async Task A_dump_comes_back_under_another_key(int respVersion)
    {
        await using RespClient client = await server.ConnectAsync(respVersion);
        await client.CallAsync("SET", "source", "hello");
        byte[] payload = (await client.CallAsync("DUMP", "source")).Bytes!;

        Assert.Equal("+OK\r\n", await client.RawAsync("RESTORE", "target" + respVersion, 0, payload));

        Assert.Equal("hello", await client.TextAsync("GET", "target" + respVersion));
        Assert.Equal(":-1\r\n", await client.RawAsync("PTTL", "target" + respVersion));
        Assert.Equal(respVersion == 3 ? "_\r\n" : "$-1\r\n", await client.RawAsync("DUMP", "not-there"));
    }

    [SkippableFact]
    public async Task A_short_string_has_exactly_the_payload_that_Redis_gives_it()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "n", "123456789");

        byte[] payload = (await client.CallAsync("DUMP", "n")).Bytes!;

        Assert.Equal("00c215cd5b070a00a4b7cb0ce9eb079e"[..16], Convert.ToHexStringLower(payload)[..16]);
        Assert.Equal(16, payload.Length);
    }

    [SkippableFact]
    public async Task Errors_come_in_Valkey_s_words_and_order()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "there", "x");
        byte[] payload = (await client.CallAsync("DUMP", "there")).Bytes!;
        byte[] wrongChecksum = [.. payload[..^1], (byte)~payload[^1]];
        byte[] wrongVersion = [.. payload[..^10], 200, 0, .. payload[^8..]];

        Assert.StartsWith("-BUSYKEY Target key name already exists.", await client.RawAsync("RESTORE", "there", "abc", "junk"));
        Assert.Equal("-ERR value is not an integer or out of range\r\n", await client.RawAsync("RESTORE", "new", "abc", "junk"));
        Assert.Equal("-ERR Invalid TTL value, must be >= 0\r\n", await client.RawAsync("RESTORE", "new", -1, "junk"));
        Assert.Equal("-ERR DUMP payload version or checksum are wrong\r\n", await client.RawAsync("RESTORE", "new", 0, "junk"));
        Assert.Equal("-ERR DUMP payload version or checksum are wrong\r\n", await client.RawAsync("RESTORE", "new", 0, wrongChecksum));
        Assert.Equal("-ERR DUMP payload version or checksum are wrong\r\n", await client.RawAsync("RESTORE", "new", 0, wrongVersion));
        Assert.Equal("-ERR syntax error\r\n", await client.RawAsync("RESTORE", "new", 0, payload, "WHATEVER"));
        Assert.Equal("-ERR syntax error\r\n", await client.RawAsync("RESTORE", "new", 0, payload, "IDLETIME"));
        Assert.Equal("-ERR syntax error\r\n", await client.RawAsync("RESTORE", "new", 0, payload, "IDLETIME", 1, "FREQ", 1));
        Assert.Equal("-ERR Invalid IDLETIME value, must be >= 0\r\n", await client.RawAsync("RESTORE", "new", 0, payload, "IDLETIME", -1));
        Assert.Equal("-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n", await client.RawAsync("RESTORE", "new", 0, payload, "FREQ", 256));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "new"));
    }

    [SkippableFact]
    public async Task Time_to_live_is_taken_as_a_span_or_as_a_moment()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "source", "x");
        byte[] payload = (await client.CallAsync("DUMP", "source")).Bytes!;

        await client.CallAsync("RESTORE", "span", 100_000, payload);
        await client.CallAsync("RESTORE", "moment", 2_569_591_501_000, payload, "ABSTTL");

        Assert.InRange((await client.CallAsync("PTTL", "span")).Integer, 1, 100_000);
        Assert.Equal(":2569591501000\r\n", await client.RawAsync("PEXPIRETIME", "moment"));
    }

    [SkippableFact]
    public async Task REPLACE_overwrites_and_a_moment_in_the_past_deletes()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "source", "new");
        byte[] payload = (await client.CallAsync("DUMP", "source")).Bytes!;
        await client.CallAsync("SET", "target", "old", "EX", 1000);

        Assert.Equal("+OK\r\n", await client.RawAsync("RESTORE", "target", 0, payload, "REPLACE"));
        Assert.Equal("new", await client.TextAsync("GET", "target"));
        Assert.Equal(":-1\r\n", await client.RawAsync("TTL", "target"));
        Assert.Equal("+OK\r\n", await client.RawAsync("RESTORE", "target", 1, payload, "REPLACE", "ABSTTL"));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "target"));
    }

    [SkippableFact]
    public async Task IDLETIME_is_kept()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        await client.CallAsync("SET", "source", "x");
        byte[] payload = (await client.CallAsync("DUMP", "source")).Bytes!;

        await client.CallAsync("RESTORE", "idle", 0, payload, "IDLETIME", 1000);

        Assert.InRange((await client.CallAsync("OBJECT", "IDLETIME", "idle")).Integer, 1000, 1100);
        await client.CallAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
    }

    [SkippableFact]
    public async Task Damaged_payloads_with_a_right_checksum_never_hurt_the_server()
    {
        TestEnvironment.SkipIfExternal();
        await using ServerProcess ours = await ServerProcess.StartAsync();
        await using RespClient client = await ours.ConnectAsync();
        await client.CallAsync("DEBUG", "SET-SKIP-CHECKSUM-VALIDATION", 1);
        byte[][] payloads = await PayloadsAsync(client);
        Random random = new(1106);

        int refusedCount = 0;
        for (int round = 0; round < 4000; round++)
        {
            byte[] payload = [.. payloads[round % payloads.Length]];
            for (int i = random.Next(1, 5); i > 0; i--) payload[random.Next(payload.Length - 10)] = (byte)random.Next(256);
            RespValue reply = await client.CallAsync("RESTORE", "k", 0, payload, "REPLACE");
            if (reply.IsError) refusedCount++;
            else await UseAsync(client);
        }

        Assert.True(refusedCount > 100);
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    /// <summary>Looks at the key in every way, and changes it.</summary>
    private static async Task UseAsync(RespClient client)
    {
        string type = await client.TextAsync("TYPE", "k");
        await client.CallAsync("DUMP", "k");
        object[] read = type switch
        {
            "string" => ["GETRANGE", "k", 0, -1],
            "list" => ["LRANGE", "k", 0, -1],
            "set" => ["SMEMBERS", "k"],
            "hash" => ["HGETALL", "k"],
            _ => ["ZRANGE", "k", 0, -1, "WITHSCORES"],
        };
        object[] write = type switch
        {
            "string" => ["APPEND", "k", "x"],
            "list" => ["RPUSH", "k", "x"],
            "set" => ["SADD", "k", "x"],
            "hash" => ["HSET", "k", "f", "v"],
            _ => ["ZADD", "k", 1, "m"],
        };
        await client.CallAsync(read);
        await client.CallAsync(write);
    }

    private static async Task<byte[][]> PayloadsAsync(RespClient client)
    {
        await client.CallAsync("SET", "string", new string('a', 200));
        await client.CallAsync("RPUSH", "list", "a", 1, new string('b', 70), -100_000, "c");
        await client.CallAsync("SADD", "intset", 1, 2, 70_000, 5_000_000_000);
        await client.CallAsync("SADD", "set", "a", "b", 3, "dddd");
        await client.CallAsync("SADD", "table", "a", new string('x', 100), 3);
        await client.CallAsync("HSET", "hash", "f", "v", "g", 12, "h", new string('h', 30));
        await client.CallAsync("HSET", "fields", "f", new string('h', 100), "g", 12);
        await client.CallAsync("ZADD", "zset", 1, "a", 2.5, "b", "-inf", "c");
        await client.CallAsync("ZADD", "tree", 1, "a", 2.5, new string('b', 100));
        List<byte[]> payloads = [];
        foreach (string key in (string[])["string", "list", "intset", "set", "table", "hash", "fields", "zset", "tree"])
            payloads.Add((await client.CallAsync("DUMP", key)).Bytes ?? throw new InvalidOperationException($"{key} has no payload"));
        await client.CallAsync("FLUSHALL");
        return [.. payloads];
    }
}
