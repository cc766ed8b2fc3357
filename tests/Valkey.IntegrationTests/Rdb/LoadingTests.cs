// Loading dir/dbfilename when the server starts: what is found, what stops the start, and what clients see meanwhile.

using System.Text;

namespace Valkey.IntegrationTests.Rdb;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class LoadingTests
{
    [SkippableFact]
    public async Task What_was_saved_is_there_after_a_restart()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("SET", "a", "1");
            await client.CallAsync("SET", "b", new string('b', 5000), "PXAT", 2_569_591_501_000);
            await client.CallAsync("SET", "short-lived", "x", "PX", 1);
            await client.CallAsync("SELECT", 5);
            await client.CallAsync("HSET", "h", "f", "v");
            await client.CallAsync("ZADD", "z", 1.5, "m", "-inf", "n");
            await client.CallAsync("SADD", "s", "x", 1);
            await client.CallAsync("RPUSH", "l", "x", 1, "y");
            Assert.Equal("+OK\r\n", await client.RawAsync("SAVE"));
        }

        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("1", await again.TextAsync("GET", "a"));
        Assert.Equal(5000, (await again.CallAsync("STRLEN", "b")).Integer);
        Assert.Equal(2_569_591_501_000, (await again.CallAsync("PEXPIRETIME", "b")).Integer);
        Assert.Equal(":0\r\n", await again.RawAsync("EXISTS", "short-lived"));
        await again.CallAsync("SELECT", 5);
        Assert.Equal("v", await again.TextAsync("HGET", "h", "f"));
        Assert.Equal("-inf", await again.TextAsync("ZSCORE", "z", "n"));
        Assert.Equal(":2\r\n", await again.RawAsync("SCARD", "s"));
        Assert.Equal("*3\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\ny\r\n", await again.RawAsync("LRANGE", "l", 0, -1));
        Assert.Contains("Loading RDB produced by Valkey version", server.Log, StringComparison.Ordinal);
        Assert.Contains("DB loaded from disk:", server.Log, StringComparison.Ordinal);
        Assert.Contains("rdb_last_load_keys_loaded:6", await again.TextAsync("INFO", "persistence"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Fields_that_expire_survive_a_restart()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("HSET", "h", "f", "v", "g", "w");
            await client.CallAsync("HPEXPIREAT", "h", 2_569_591_501_000, "FIELDS", 1, "f");
            await client.CallAsync("SAVE");
        }

        byte[] file = await File.ReadAllBytesAsync(Path.Combine(server.Folder, "dump.rdb"));
        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("VALKEY080", Encoding.ASCII.GetString(file[..9]));
        Assert.Equal("*2\r\n:2569591501000\r\n:-1\r\n", await again.RawAsync("HPEXPIRETIME", "h", "FIELDS", 2, "f", "g"));
    }

    [SkippableFact]
    public async Task A_damaged_file_stops_the_start_with_offset_key_and_reason_and_stays_as_it_is()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("SET", "the-key", new string('v', 30));
            await client.CallAsync("CONFIG", "SET", "rdbcompression", "no");
            await client.CallAsync("SAVE");
        }

        server.Kill();
        string path = Path.Combine(server.Folder, "dump.rdb");
        byte[] file = await File.ReadAllBytesAsync(path);
        byte[] cut = file[..^25];
        await File.WriteAllBytesAsync(path, cut);

        await Assert.ThrowsAsync<InvalidOperationException>(server.StartAgainAsync);

        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains("Internal error in RDB reading offset", server.Log, StringComparison.Ordinal);
        Assert.Contains("key 'the-key' -> Unexpected EOF reading RDB file", server.Log, StringComparison.Ordinal);
        Assert.Contains("Terminating server after rdb file reading failure.", server.Log, StringComparison.Ordinal);
        Assert.Equal(cut, await File.ReadAllBytesAsync(path));
    }

    [SkippableFact]
    public async Task A_wrong_checksum_stops_the_start()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using (RespClient client = await server.ConnectAsync()) await client.CallAsync("SAVE");
        server.Kill();
        string path = Path.Combine(server.Folder, "dump.rdb");
        byte[] file = await File.ReadAllBytesAsync(path);
        "foobar00"u8.CopyTo(file.AsSpan(file.Length - 8));
        await File.WriteAllBytesAsync(path, file);

        await Assert.ThrowsAsync<InvalidOperationException>(server.StartAgainAsync);

        Assert.Contains("CRC error", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_is_no_snapshot_stops_the_start()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        server.Kill();
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "dump.rdb"), "this is no snapshot");

        await Assert.ThrowsAsync<InvalidOperationException>(server.StartAgainAsync);

        Assert.Contains("Wrong signature trying to load DB from file", server.Log, StringComparison.Ordinal);
        Assert.Contains("Fatal error loading the DB, check server logs. Exiting.", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Clients_are_answered_LOADING_while_the_file_is_read()
    {
        string[] config = ["key-load-delay 50000", "loading-process-events-interval-bytes 1024", "rdbcompression no"];
        await using ServerProcess server = await ServerProcess.StartAsync(config);
        await using (RespClient client = await server.ConnectAsync())
        {
            for (int i = 0; i < 400; i++) await client.CallAsync("SET", $"key:{i}", new string('x', 200));
            await client.CallAsync("SAVE");
        }

        server.Kill();
        Task starting = server.StartAgainAsync();
        await using RespClient early = await ConnectSoonAsync(server);
        string info = await early.TextAsync("INFO", "persistence");
        string refused = await early.RawAsync("GET", "key:1");
        await early.CallAsync("CONFIG", "SET", "key-load-delay", 0);
        await starting;

        Assert.StartsWith("-LOADING Valkey is loading the dataset in memory", refused);
        Assert.Contains("loading:1", info, StringComparison.Ordinal);
        Assert.Contains("loading_total_bytes:", info, StringComparison.Ordinal);
        Assert.Contains("loading_loaded_perc:", info, StringComparison.Ordinal);
        await WaitFor.ConditionAsync(async () => (await early.RawAsync("GET", "key:399")).StartsWith('$'), "the file is loaded");
        Assert.Equal(":400\r\n", await early.RawAsync("DBSIZE"));
    }

    [SkippableFact]
    public async Task A_shutdown_in_the_middle_of_loading_leaves_the_file_as_it_is()
    {
        string[] config = ["key-load-delay 50000", "loading-process-events-interval-bytes 1024", "save 3600 1"];
        await using ServerProcess server = await ServerProcess.StartAsync(config);
        await using (RespClient client = await server.ConnectAsync())
        {
            for (int i = 0; i < 400; i++) await client.CallAsync("SET", $"key:{i}", new string((char)('a' + (i % 26)), 20));
            await client.CallAsync("SAVE");
        }

        server.Kill();
        byte[] file = await File.ReadAllBytesAsync(Path.Combine(server.Folder, "dump.rdb"));
        Task starting = server.StartAgainAsync();
        await using RespClient early = await ConnectSoonAsync(server);

        Assert.Equal(0, await server.StopAsync());

        await Assert.ThrowsAnyAsync<Exception>(() => starting);
        Assert.Equal(file, await File.ReadAllBytesAsync(Path.Combine(server.Folder, "dump.rdb")));
    }

    [SkippableFact]
    public async Task DEBUG_RELOAD_brings_everything_back()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "a", "1");
        await client.CallAsync("HSET", "h", "f", "v");
        string before = await client.RawAsync("DEBUG", "DIGEST");

        Assert.Equal("+OK\r\n", await client.RawAsync("DEBUG", "RELOAD"));
        Assert.Equal(before, await client.RawAsync("DEBUG", "DIGEST"));

        await client.CallAsync("SET", "a", "2");
        Assert.Equal("+OK\r\n", await client.RawAsync("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE"));
        Assert.Equal("1", await client.TextAsync("GET", "a"));
        Assert.StartsWith("-ERR Error trying to load the RDB dump", await client.RawAsync("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH"));
    }

    private static async Task<RespClient> ConnectSoonAsync(ServerProcess server)
    {
        RespClient? client = null;
        await WaitFor.ConditionAsync(
            async () =>
            {
                try
                {
                    client = await server.ConnectAsync();
                    return (await client.TextAsync("INFO", "persistence")).Contains("loading:1", StringComparison.Ordinal);
                }
                catch (Exception exception) when (exception is System.Net.Sockets.SocketException or IOException)
                {
                    return false;
                }
            },
            "the server loads");
        return client!;
    }
}
