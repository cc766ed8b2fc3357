// BGSAVE THREAD against the real server: the file is the dataset of the moment at which it began, and nobody is harmed.

using System.Globalization;

namespace Valkey.IntegrationTests.ThreadSnapshots;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
[Trait(Tags.Name, Tags.NeedsSave)]
[Trait(Tags.Name, Tags.NeedsDebug)]
public sealed class ThreadSnapshotTests
{
    private const string Supported = "forkless-options-supported yes";
    private static readonly string s_large = new('L', 100_000);

    [SkippableFact]
    public async Task Without_the_option_BGSAVE_THREAD_is_refused_by_an_error_that_names_it()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();

        string error = await client.RawAsync("BGSAVE", "THREAD");

        Assert.StartsWith("-ERR", error, StringComparison.Ordinal);
        Assert.Contains("forkless-options-supported", error, StringComparison.Ordinal);
        Assert.Equal("no", (await client.CallAsync("CONFIG", "GET", "forkless-options-supported")).Items[1].Text);
        Assert.StartsWith("-ERR", await client.RawAsync("CONFIG", "SET", "forkless-options-supported", "yes"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_file_holds_the_dataset_of_the_beginning_although_writers_go_on(int seed)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(Supported);
        await using RespClient client = await server.ConnectAsync();
        await FillAsync(client, seed);
        using CancellationTokenSource end = new();
        using ManualResetEventSlim saveBegan = new();
        Task[] writers = [.. Enumerable.Range(1, 4).Select(i => WriteAsync(server, (seed * 10) + i, saveBegan, end.Token))];

        await client.CallAsync("CLIENT", "PAUSE", 60_000, "WRITE"); // digest and beginning are one moment
        string digest = await client.TextAsync("DEBUG", "DIGEST");
        Assert.Equal("Background saving started", await client.TextAsync("BGSAVE", "THREAD"));
        saveBegan.Set();
        await client.CallAsync("CLIENT", "UNPAUSE");
        await EndOfSaveAsync(client);
        Assert.Equal("ok", await FieldAsync(client, "persistence", "rdb_last_bgsave_status"));
        Assert.Equal("thread", await FieldAsync(client, "persistence", "rdb_last_bgsave_type"));
        await end.CancelAsync();
        await Task.WhenAll(writers);

        await using ServerProcess other = await ServerProcess.StartAsync();
        await other.StopAsync();
        File.Copy(Path.Combine(server.Folder, "dump.rdb"), Path.Combine(other.Folder, "dump.rdb"), overwrite: true);
        await other.StartAgainAsync();
        await using RespClient reader = await other.ConnectAsync();
        Assert.Equal(digest, await reader.TextAsync("DEBUG", "DIGEST"));
    }

    [SkippableFact]
    public async Task While_it_runs_INFO_says_so_and_a_second_one_is_refused()
    {
        await using ServerProcess server = await StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        for (int i = 0; i < 50; i++) await client.CallAsync("SET", $"key{i}", i);

        Assert.Equal("Background saving started", await client.TextAsync("BGSAVE", "THREAD"));

        Assert.Equal("-ERR Background save already in progress\r\n", await client.RawAsync("BGSAVE", "THREAD"));
        Assert.Equal("1", await FieldAsync(client, "persistence", "rdb_bgsave_in_progress"));
        Assert.Equal("thread", await FieldAsync(client, "persistence", "rdb_current_bgsave_type"));
        Assert.Equal("0", await FieldAsync(client, "persistence", "threadsave_current_item_seconds"));
        Assert.NotEqual("", await FieldAsync(client, "persistence", "threadsave_estimated_seconds_remaining"));
        await WaitFor.ConditionAsync(async () => await FieldAsync(client, "debug", "threadsave_dbentries_queued") == "50", "all are queued");
        Assert.Equal("0", await FieldAsync(client, "debug", "threadsave_dbentries_processed"));
        Assert.Equal("50", await FieldAsync(client, "debug", "threadsave_current_queue_length"));
        Assert.True(int.Parse(await FieldAsync(client, "debug", "threadsave_queue_length_target"), CultureInfo.InvariantCulture) > 0);
        Assert.Equal("+Background saving cancelled\r\n", await client.RawAsync("BGSAVE", "CANCEL"));
        await EndOfSaveAsync(client);
        Assert.Equal("none", await FieldAsync(client, "persistence", "rdb_current_bgsave_type"));
        Assert.Equal("", await FieldAsync(client, "persistence", "threadsave_current_item_seconds"));
        Assert.Empty(Directory.GetFiles(server.Folder, "*.rdb"));
    }

    [SkippableFact]
    public async Task A_client_that_writes_to_a_large_unsaved_key_waits_and_others_do_not()
    {
        await using ServerProcess server = await StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient killed = await server.ConnectAsync();
        for (int i = 0; i < 20; i++) await client.CallAsync("SET", $"large{i}", s_large);
        long killedId = (await killed.CallAsync("CLIENT", "ID")).Integer;
        await client.CallAsync("BGSAVE", "THREAD");

        await writer.SendAsync("APPEND", "large7", "x");
        await killed.SendAsync("APPEND", "large9", "x");

        await WaitFor.ConditionAsync(async () => await FieldAsync(client, "clients", "blocked_clients") == "2", "two clients wait");
        Assert.Equal(s_large.Length, (await client.CallAsync("STRLEN", "large7")).Integer);
        Assert.Equal(1, (await client.CallAsync("DEL", "large8")).Integer);
        Assert.Equal("OK", await client.TextAsync("SET", "large10", s_large.ToLowerInvariant()));
        Assert.Equal("OK", await client.TextAsync("SET", "new", "value"));
        Assert.Equal("OK", await client.TextAsync("CONFIG", "SET", "rdbcompression", "no"));
        Assert.Equal(1, (await client.CallAsync("CLIENT", "KILL", "ID", killedId)).Integer);
        await WaitFor.ConditionAsync(async () => await FieldAsync(client, "clients", "blocked_clients") == "1", "one client waits");
        await client.CallAsync("BGSAVE", "CANCEL");
        Assert.Equal(s_large.Length + 1, (await writer.ReadAsync()).Integer);
        Assert.Equal(s_large.Length, (await client.CallAsync("STRLEN", "large9")).Integer);
    }

    [SkippableFact]
    public async Task FLUSHALL_ends_it_and_the_server_goes_on()
    {
        await using ServerProcess server = await StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        for (int i = 0; i < 200; i++) await client.CallAsync("SET", $"large{i}", s_large);
        await client.CallAsync("BGSAVE", "THREAD");

        Assert.Equal("OK", await client.TextAsync("FLUSHALL", "SYNC"));

        await EndOfSaveAsync(client);
        Assert.Equal(0, (await client.CallAsync("DBSIZE")).Integer);
        Assert.Empty(Directory.GetFiles(server.Folder, "temp-*"));
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 0);
        await client.CallAsync("SET", "key", "value");
        Assert.Equal("Background saving started", await client.TextAsync("BGSAVE", "THREAD"));
        await EndOfSaveAsync(client);
        Assert.Equal("ok", await FieldAsync(client, "persistence", "rdb_last_bgsave_status"));
    }

    [SkippableFact]
    public async Task DEBUG_RELOAD_while_it_runs_loses_nothing()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(Supported);
        await using RespClient client = await server.ConnectAsync();
        await FillAsync(client, 5);
        string digest = await client.TextAsync("DEBUG", "DIGEST");
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 1000);
        await client.CallAsync("BGSAVE", "THREAD");
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 0); // for the save that DEBUG RELOAD makes

        Assert.Equal("OK", await client.TextAsync("DEBUG", "RELOAD"));

        Assert.Equal(digest, await client.TextAsync("DEBUG", "DIGEST"));
        await client.CallAsync("BGSAVE", "CANCEL");
        await EndOfSaveAsync(client);
        Assert.Equal(digest, await client.TextAsync("DEBUG", "DIGEST"));
    }

    [SkippableFact]
    public async Task In_a_transaction_it_is_scheduled()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(Supported);
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "key", "value");
        await client.CallAsync("BGSAVE", "THREAD");

        Assert.Equal("*2\r\n+OK\r\n+Background saving scheduled\r\n", await client.RawAsync("EXEC"));

        await WaitFor.ConditionAsync(() => File.Exists(Path.Combine(server.Folder, "dump.rdb")), "the file is there");
        await EndOfSaveAsync(client);
        Assert.Equal("thread", await FieldAsync(client, "persistence", "rdb_last_bgsave_type"));
    }

    [SkippableFact]
    public async Task The_server_can_be_shut_down_while_it_runs()
    {
        await using ServerProcess server = await StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        for (int i = 0; i < 20; i++) await client.CallAsync("SET", $"large{i}", s_large);
        await client.CallAsync("BGSAVE", "THREAD");
        await using RespClient writer = await server.ConnectAsync();
        await writer.SendAsync("APPEND", "large7", "x");

        await client.SendAsync("SHUTDOWN", "NOSAVE");

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Empty(Directory.GetFiles(server.Folder, "temp-*"));
    }

    /// <summary>A server whose thread stands still for a minute at each key, unless the save is given up.</summary>
    private static Task<ServerProcess> StartSlowAsync() => ServerProcess.StartAsync(Supported, "rdb-key-save-delay 60000000");

    private static async Task EndOfSaveAsync(RespClient client) => await WaitFor.ConditionAsync(
        async () => await FieldAsync(client, "persistence", "rdb_bgsave_in_progress") == "0", "the save has ended", TimeSpan.FromSeconds(60));

    private static async Task<string> FieldAsync(RespClient client, string section, string name)
    {
        string info = await client.TextAsync("INFO", section);
        string? line = info.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return line is null ? "" : line[(name.Length + 1)..];
    }

    private static async Task FillAsync(RespClient client, int seed)
    {
        Random random = new(seed);
        for (int database = 0; database < 3; database++)
        {
            await client.CallAsync("SELECT", database);
            for (int i = 0; i < 1500; i++)
            {
                await client.CallAsync("SET", $"s{i}", new string('v', random.Next(1, 1500)));
                if (i % 3 == 0) await client.CallAsync("RPUSH", $"l{i}", "a", new string('b', random.Next(1, 700)), i);
                if (i % 4 == 0) await client.CallAsync("HSET", $"h{i}", "f", i, "g", new string('w', random.Next(1, 700)));
                if (i % 5 == 0) await client.CallAsync("SADD", $"e{i}", i, i + 1, "x");
                if (i % 6 == 0) await client.CallAsync("ZADD", $"z{i}", i, "m", 2, "n");
                if (i % 7 == 0) await client.CallAsync("PEXPIRE", $"s{i}", 100_000_000);
            }
        }

        await client.CallAsync("SELECT", 0);
    }

    /// <summary>Writes at random. Keys expire soon only once the save has begun: what is over before it is loaded is not in the digest.</summary>
    private static async Task WriteAsync(ServerProcess server, int seed, ManualResetEventSlim saveBegan, CancellationToken end)
    {
        await using RespClient client = await server.ConnectAsync();
        client.Timeout = TimeSpan.FromSeconds(90);
        Random random = new(seed);
        while (!end.IsCancellationRequested)
        {
            int i = random.Next(1500);
            object[] command = random.Next(14) switch
            {
                0 => ["SET", $"s{i}", new string('n', random.Next(1, 1500))],
                1 => ["APPEND", $"s{i}", "more"],
                2 => ["DEL", $"s{i}", $"l{i}"],
                3 => ["RPUSH", $"l{i}", "new"],
                4 => ["LPOP", $"l{i}"],
                5 => ["HSET", $"h{i}", "f", "new", "more", new string('x', 600)],
                6 => ["SADD", $"e{i}", random.Next()],
                7 => ["ZINCRBY", $"z{i}", 3, "m"],
                8 => ["RENAME", $"s{i}", $"s{random.Next(1500)}"],
                9 => ["MOVE", $"l{i}", random.Next(3)],
                10 => ["COPY", $"h{i}", $"h{random.Next(1500)}", "DB", random.Next(3), "REPLACE"],
                11 => ["SWAPDB", random.Next(3), random.Next(3)],
                12 => ["PEXPIRE", $"s{i}", saveBegan.IsSet ? 5 : 100_000_000],
                _ => ["SELECT", random.Next(3)],
            };
            await client.CallAsync(command);
        }
    }
}
