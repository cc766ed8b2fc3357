// The log is repeated when the server starts: what is found then, what stops the start, and what clients see meanwhile.

using static Valkey.IntegrationTests.Aof.LogFiles;

namespace Valkey.IntegrationTests.Aof;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class LogLoadingTests
{
    [SkippableFact]
    public async Task Commands_transactions_and_databases_are_repeated_in_order()
    {
        await using ServerProcess server = await KilledServerAsync();
        Write(server, "base.aof", Command("SET", "n", 40), "#TS:1628217470\r\n", Command("select", 3), Command("RPUSH", "l", "a", "b"));
        Write(server, OneIncrement, Command("INCR", "n"), Command("MULTI"), Command("INCR", "n"), Command("SELECT", 9), Command("SET", "k", "v"), Command("EXEC"));
        await File.WriteAllTextAsync(ManifestPathOf(server), $"file base.aof seq 1 type b\nfile {OneIncrement} seq 1 type i\n");

        await server.StartAgainAsync();

        await using RespClient client = await server.ConnectAsync();
        Assert.Equal("42", await client.TextAsync("GET", "n"));
        Assert.Equal(":1\r\n", await client.RawAsync("DBSIZE"));
        await client.CallAsync("SELECT", 3);
        Assert.Equal("*2\r\n$1\r\na\r\n$1\r\nb\r\n", await client.RawAsync("LRANGE", "l", 0, -1));
        await client.CallAsync("SELECT", 9);
        Assert.Equal("v", await client.TextAsync("GET", "k"));
        Assert.Contains("DB loaded from base file base.aof:", server.Log, StringComparison.Ordinal);
        Assert.Contains($"DB loaded from incr file {OneIncrement}:", server.Log, StringComparison.Ordinal);
        Assert.Contains("DB loaded from append only file:", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_was_logged_and_loaded_is_logged_on_and_loaded_again()
    {
        await using ServerProcess server = await KilledServerAsync("appendfsync always");
        WriteOnly(server, Command("SET", "n", 1), Command("MULTI"), Command("INCR", "n"), Command("IN")[..9]);

        await server.StartAgainAsync();
        await using (RespClient client = await server.ConnectAsync()) Assert.Equal(":11\r\n", await client.RawAsync("INCRBY", "n", 10));
        Assert.Contains($"AOF {OneIncrement} loaded anyway because aof-load-truncated is enabled", server.Log, StringComparison.Ordinal);
        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("11", await again.TextAsync("GET", "n"));
        Assert.DoesNotContain("short read", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Without_aof_load_truncated_an_incomplete_end_stops_the_start()
    {
        await using ServerProcess server = await KilledServerAsync("aof-load-truncated no");
        WriteOnly(server, Command("SET", "n", 1), "*2\r\n$4\r\nIN");
        long sizeBytes = new FileInfo(PathOf(server, OneIncrement)).Length;

        await Assert.ThrowsAsync<InvalidOperationException>(server.StartAgainAsync);

        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains("Unexpected end of file reading the append only file", server.Log, StringComparison.Ordinal);
        Assert.Equal(sizeBytes, new FileInfo(PathOf(server, OneIncrement)).Length);
    }

    [SkippableTheory]
    [InlineData("nonsense", "Bad file format reading the append only file appendonly.aof.1.incr.aof: make a backup of your AOF file")]
    [InlineData("*1\r\n$99999999999999999999\r\n", "Bad file format reading the append only file")]
    [InlineData("*2\r\n$3\r\nbla\r\n$1\r\nx\r\n", "error: unknown command 'bla', with args beginning with: 'x'")]
    [InlineData("*1\r\n$3\r\nSET\r\n", "error: wrong number of arguments for 'set' command")]
    [InlineData("*2\r\n$6\r\nCLIENT\r\n$3\r\nbla\r\n", "error: unknown subcommand 'bla'. Try CLIENT HELP.")]
    public async Task What_cannot_be_repeated_stops_the_start_and_the_log_says_why(string piece, string reason)
    {
        await using ServerProcess server = await KilledServerAsync();
        WriteOnly(server, Command("SET", "n", 1), piece, Command("INCR", "n"));

        await Assert.ThrowsAsync<InvalidOperationException>(server.StartAgainAsync);

        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains(reason, server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_manifest_that_is_damaged_stops_the_start_even_while_the_log_is_off()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        server.Kill();
        Directory.CreateDirectory(FolderOf(server));
        await File.WriteAllTextAsync(ManifestPathOf(server), "file a.aof seq 1 type b\nfile b.aof seq 2\n");

        await Assert.ThrowsAsync<InvalidOperationException>(server.StartAgainAsync);

        Assert.Contains("*** FATAL AOF MANIFEST FILE ERROR ***", server.Log, StringComparison.Ordinal);
        Assert.Contains("Reading the manifest file, at line 2", server.Log, StringComparison.Ordinal);
        Assert.Contains(">>> 'file b.aof seq 2'", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_file_that_the_manifest_names_must_be_there()
    {
        await using ServerProcess server = await KilledServerAsync();
        WriteOnly(server, Command("SET", "n", 1));
        await File.AppendAllTextAsync(ManifestPathOf(server), "file gone.aof seq 2 type i\n");

        await Assert.ThrowsAsync<InvalidOperationException>(server.StartAgainAsync);

        Assert.Contains("Unable to obtain the AOF file gone.aof length. stat: No such file or directory", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Nothing_expires_before_the_whole_log_is_loaded()
    {
        await using ServerProcess server = await KilledServerAsync();
        WriteOnly(
            server, Command("SET", "a", 1, "PXAT", 1), Command("RENAME", "a", "b"), Command("PERSIST", "b"), Command("SET", "c", 1, "PXAT", 1),
            Command("HSET", "h", "f", "v", "g", "w"), Command("HPEXPIREAT", "h", 2_569_591_501_000, "FIELDS", 1, "f"));

        await server.StartAgainAsync();

        await using RespClient client = await server.ConnectAsync();
        Assert.Equal("1", await client.TextAsync("GET", "b"));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "c"));
        Assert.Equal("*1\r\n:2569591501000\r\n", await client.RawAsync("HPEXPIRETIME", "h", "FIELDS", 1, "f"));
    }

    [SkippableFact]
    public async Task A_command_that_fails_this_time_is_told_and_the_rest_is_loaded()
    {
        await using ServerProcess server = await KilledServerAsync();
        WriteOnly(server, Command("SET", "a", "x"), Command("MULTI"), Command("INCR", "a"), Command("SET", "b", 1), Command("EXEC"), Command("LPUSH", "a", 1));

        await server.StartAgainAsync();

        await using RespClient client = await server.ConnectAsync();
        Assert.Equal("1", await client.TextAsync("GET", "b"));
        Assert.Contains(
            "== CRITICAL == This server is sending an error to its AOF-loading-client: "
            + "'-ERR value is not an integer or out of range' after processing the command 'incr'", server.Log, StringComparison.Ordinal);
        Assert.Contains("'-WRONGTYPE Operation against a key holding the wrong kind of value' after processing the command 'lpush'", server.Log, StringComparison.Ordinal);
        Assert.Contains("unexpected_error_replies:2", await client.TextAsync("INFO", "stats"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_is_repeated_is_not_counted_again()
    {
        await using ServerProcess server = await KilledServerAsync("commandlog-execution-slower-than 0");
        string[] commands = new string[5000];
        for (int i = 0; i < commands.Length; i++) commands[i] = i % 10 == 3 ? Command("MULTI") : i % 10 == 7 ? Command("EXEC") : Command("SET", i, i);
        WriteOnly(server, commands);

        await server.StartAgainAsync();

        await using RespClient client = await server.ConnectAsync();
        string stats = await client.TextAsync("INFO", "commandstats");
        Assert.DoesNotContain("cmdstat_set:", stats, StringComparison.Ordinal);
        Assert.DoesNotContain("cmdstat_exec:", stats, StringComparison.Ordinal);
        Assert.DoesNotContain("$3\r\nSET\r\n", await client.RawAsync("COMMANDLOG", "GET", -1, "slow"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_single_file_of_an_old_server_is_taken_over()
    {
        await using ServerProcess server = await KilledServerAsync();
        string old = Path.Combine(server.Folder, "appendonly.aof");
        await File.WriteAllTextAsync(old, Command("SET", "n", 1) + Command("INCR", "n"));

        await server.StartAgainAsync();

        await using RespClient client = await server.ConnectAsync();
        Assert.Equal("2", await client.TextAsync("GET", "n"));
        Assert.False(File.Exists(old));
        Assert.Equal(
            $"file appendonly.aof seq 1 type b\nfile {OneIncrement} seq 1 type i\n", await File.ReadAllTextAsync(ManifestPathOf(server)));
        Assert.Contains("Successfully migrated an old-style AOF file (appendonly.aof) into the AOF directory (appendonlydir).", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Clients_are_answered_LOADING_while_the_log_is_repeated()
    {
        await using ServerProcess server = await KilledServerAsync("key-load-delay 100");
        string[] commands = new string[100_000];
        for (int i = 0; i < commands.Length; i++) commands[i] = Command("SET", $"key:{i}", "value");
        WriteOnly(server, commands);

        Task starting = server.StartAgainAsync();
        RespClient? connected = null;
        await WaitFor.ConditionAsync(async () => (connected = await TryConnectAsync(server)) is not null, "a client can connect");
        await using RespClient early = connected!;
        string refused = await early.RawAsync("GET", "key:1");
        string info = await early.TextAsync("INFO", "persistence");
        string appendOnly = await early.RawAsync("CONFIG", "SET", "appendonly", "no");
        await early.CallAsync("CONFIG", "SET", "key-load-delay", 0);
        await starting;

        Assert.StartsWith("-LOADING Valkey is loading the dataset in memory", refused);
        Assert.Contains("loading:1\r\n", info, StringComparison.Ordinal);
        Assert.Contains($"loading_total_bytes:{new FileInfo(PathOf(server, OneIncrement)).Length}\r\n", info, StringComparison.Ordinal);
        Assert.StartsWith("-LOADING Valkey is loading the dataset in memory", appendOnly);
        Assert.Equal(":100000\r\n", await early.RawAsync("DBSIZE"));
        Assert.Contains("loading:0\r\n", await early.TextAsync("INFO", "persistence"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_server_that_is_told_to_stop_while_it_loads_stops()
    {
        await using ServerProcess server = await KilledServerAsync("key-load-delay 100");
        string[] commands = new string[100_000];
        for (int i = 0; i < commands.Length; i++) commands[i] = Command("SET", $"key:{i}", "value");
        WriteOnly(server, commands);
        long sizeBytes = new FileInfo(PathOf(server, OneIncrement)).Length;

        Task starting = server.StartAgainAsync();
        await WaitFor.ConditionAsync(async () => await TryConnectAsync(server) is not null, "a client can connect");
        int exitCode = await server.StopAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => starting);

        Assert.Equal(0, exitCode);
        Assert.Equal(sizeBytes, new FileInfo(PathOf(server, OneIncrement)).Length);
    }

    [SkippableFact]
    public async Task DEBUG_LOADAOF_brings_the_dataset_back_as_it_was()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("appendonly yes");
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "string", "value", "PXAT", 2_569_591_501_000);
        await client.CallAsync("RPUSH", "list", "a", 1, new string('l', 100));
        await client.CallAsync("BGREWRITEAOF");
        await WaitFor.ConditionAsync(
            async () => (await client.TextAsync("INFO", "persistence")).Contains("aof_rewrite_in_progress:0", StringComparison.Ordinal), "the rewrite is over");
        await client.CallAsync("HSET", "hash", "f", "v", "g", 12);
        await client.CallAsync("SADD", "set", "a", 2, "c");
        await client.CallAsync("SELECT", 5);
        await client.CallAsync("ZADD", "zset", 1, "a", -2.5, "b", "inf", "c");
        string digest = await client.TextAsync("DEBUG", "DIGEST");

        string reply = await client.RawAsync("DEBUG", "LOADAOF");

        Assert.Equal("+OK\r\n", reply);
        Assert.Equal(digest, await client.TextAsync("DEBUG", "DIGEST"));
        await client.CallAsync("SET", "later", 1);
        Assert.Equal("+OK\r\n", await client.RawAsync("DEBUG", "LOADAOF"));
        Assert.Equal("1", await client.TextAsync("GET", "later"));
    }

    private static async Task<RespClient?> TryConnectAsync(ServerProcess server)
    {
        try
        {
            RespClient client = await server.ConnectAsync();
            bool isLoading = (await client.RawAsync("GET", "nothing")).StartsWith("-LOADING", StringComparison.Ordinal);
            if (isLoading) return client;
            await client.DisposeAsync();
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException or TimeoutException)
        {
        }

        return null;
    }
}
