// Saving: by command, by itself, at the end; and what happens when it fails. Which provider does it makes no difference.

using System.Diagnostics;
using System.Globalization;

namespace Valkey.IntegrationTests.Snapshots;

[Trait(Tags.Name, Tags.NeedsSave)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class SavingTests
{
    private const string InProgress = "-ERR Background save already in progress\r\n";
    private static readonly string[] s_forkless = ["forkless-options-supported yes", "save 3600 100000", "enable-protected-configs yes"];

    [SkippableTheory]
    [InlineData("SAVE")]
    [InlineData("BGSAVE")]
    [InlineData("BGSAVE FORK")]
    [InlineData("BGSAVE thread")]
    [InlineData("BGSAVE SCHEDULE")]
    [InlineData("BGSAVE SCHEDULE THREAD")]
    public async Task What_was_saved_is_there_after_a_crash(string command)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("SET", "kept", "v");
            string before = await client.TextAsync("DEBUG", "DIGEST");
            string reply = await client.RawAsync([.. command.Split(' ')]);
            Assert.Equal(command == "SAVE" ? "+OK\r\n" : "+Background saving started\r\n", reply);
            await WaitUntilIdleAsync(client);
            Assert.Equal("ok", await FieldAsync(client, "rdb_last_bgsave_status"));
            Assert.Equal("0", await FieldAsync(client, "rdb_changes_since_last_save"));
            Assert.Equal(before, await client.TextAsync("DEBUG", "DIGEST"));
        }

        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("v", await again.TextAsync("GET", "kept"));
        Assert.Empty(TemporaryFiles(server));
    }

    [SkippableTheory]
    [InlineData("fork")]
    [InlineData("thread")]
    public async Task While_one_is_saved_there_is_no_second_one_and_INFO_tells_how_far_it_is(string provider)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using RespClient client = await server.ConnectAsync();
        await FillAsync(client, 100);
        await BeginSlowAsync(client, provider);

        Assert.Equal(InProgress, await client.RawAsync("BGSAVE"));
        Assert.Equal(InProgress, await client.RawAsync("SAVE"));
        Assert.Equal(provider, await FieldAsync(client, "rdb_current_bgsave_type"));
        Assert.Equal("none", await FieldAsync(client, "rdb_last_bgsave_type"));
        Assert.Equal("100", await FieldAsync(client, "current_save_keys_total"));
        Assert.NotEqual("-1", await FieldAsync(client, "rdb_current_bgsave_time_sec"));
        await WaitFor.ConditionAsync(
            async () => int.Parse(await FieldAsync(client, "current_save_keys_processed"), CultureInfo.InvariantCulture) > 1, "keys are counted");
        await client.CallAsync("SET", "later", "v");
        Assert.Equal("+Background saving cancelled\r\n", await client.RawAsync("BGSAVE", "CANCEL"));

        await WaitUntilIdleAsync(client);
        Assert.Equal("ok", await FieldAsync(client, "rdb_last_bgsave_status"));
        Assert.Equal("101", await FieldAsync(client, "rdb_changes_since_last_save"));
        Assert.Equal(provider, await FieldAsync(client, "rdb_last_bgsave_type"));
        Assert.Empty(TemporaryFiles(server));
        Assert.False(File.Exists(DumpPath(server)));
    }

    [SkippableFact]
    public async Task Changes_made_while_it_is_saved_are_not_counted_as_saved()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using RespClient client = await server.ConnectAsync();
        await FillAsync(client, 10);
        await BeginSlowAsync(client, "fork");

        await FillAsync(client, 3);
        await WaitUntilIdleAsync(client);

        Assert.Equal("3", await FieldAsync(client, "rdb_changes_since_last_save"));
    }

    [SkippableFact]
    public async Task A_saving_child_that_is_killed_is_a_failed_save_and_writes_are_refused_until_one_succeeds()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using RespClient client = await server.ConnectAsync();
        await FillAsync(client, 100);
        await BeginSlowAsync(client, "fork");

        Process.GetProcessById(ChildIdOf(server)).Kill();
        await WaitUntilIdleAsync(client);

        Assert.Equal("err", await FieldAsync(client, "rdb_last_bgsave_status"));
        Assert.Contains("Background saving terminated by signal 9", server.Log, StringComparison.Ordinal);
        Assert.Empty(TemporaryFiles(server));
        Assert.StartsWith("-MISCONF Valkey is configured to save RDB snapshots, but", await client.RawAsync("SET", "k", "v"));
        Assert.StartsWith("-MISCONF", await client.RawAsync("PING"));
        Assert.Equal("value", await client.TextAsync("GET", "key:1"));
        await client.CallAsync("MULTI");
        Assert.StartsWith("-MISCONF", await client.RawAsync("SET", "k", "v"));
        Assert.StartsWith("-EXECABORT", await client.RawAsync("EXEC"));

        await client.CallAsync("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "k", "v"));
        await client.CallAsync("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes", "rdb-key-save-delay", 0);
        Assert.StartsWith("-MISCONF", await client.RawAsync("SET", "k", "v"));
        await client.CallAsync("BGSAVE");
        await WaitUntilIdleAsync(client);
        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "k", "v"));
    }

    [SkippableTheory]
    [InlineData("fork")]
    [InlineData("thread")]
    public async Task A_file_that_cannot_take_its_name_is_a_failed_save(string provider)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        Directory.CreateDirectory(Path.Combine(DumpPath(server), "in-the-way"));
        await using RespClient client = await server.ConnectAsync();

        Assert.StartsWith("-ERR", await client.RawAsync("SAVE"));
        await client.CallAsync("BGSAVE", provider);
        await WaitUntilIdleAsync(client);

        Assert.Equal("err", await FieldAsync(client, "rdb_last_bgsave_status"));
        Assert.Contains("Error moving temp DB file", server.Log, StringComparison.Ordinal);
        Assert.Contains("Is a directory", server.Log, StringComparison.Ordinal);
        Assert.Empty(TemporaryFiles(server));
    }

    [SkippableFact]
    public async Task A_shutdown_that_cannot_save_does_not_happen_unless_it_is_forced()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        string inTheWay = Path.Combine(DumpPath(server), "in-the-way");
        Directory.CreateDirectory(inTheWay);
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("-ERR Errors trying to SHUTDOWN. Check logs.\r\n", await client.RawAsync("SHUTDOWN"));
        server.Signal(15);
        await server.WaitForLogAsync("SIGTERM received but errors trying to shut down the server, check the logs for more information");
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        await client.SendAsync("SHUTDOWN", "FORCE");

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Contains("Error trying to save the DB. Exit anyway.", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task SIGTERM_saves_where_there_are_save_points_and_ends_the_save_that_is_under_way()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using RespClient client = await server.ConnectAsync();
        await FillAsync(client, 100);
        await BeginSlowAsync(client, "fork");
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 0);

        Assert.Equal(0, await server.StopAsync());
        Assert.Contains("There is a child saving an .rdb. Killing it!", server.Log, StringComparison.Ordinal);
        Assert.Empty(TemporaryFiles(server));
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal(":100\r\n", await again.RawAsync("DBSIZE"));
    }

    [SkippableFact]
    public async Task SHUTDOWN_NOSAVE_leaves_the_file_as_it_was()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "saved", "v");
        await client.CallAsync("SAVE");
        await client.CallAsync("SET", "not-saved", "v");
        await client.SendAsync("SHUTDOWN", "NOSAVE");
        await server.WaitForExitAsync();

        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal(":1\r\n", await again.RawAsync("EXISTS", "saved", "not-saved"));
    }

    [SkippableTheory]
    [InlineData("fork")]
    [InlineData("thread")]
    public async Task FLUSHALL_gives_up_what_is_being_saved_and_saves_the_emptiness(string provider)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using RespClient client = await server.ConnectAsync();
        await FillAsync(client, 100);
        await client.CallAsync("SAVE");
        await BeginSlowAsync(client, provider);

        await client.CallAsync("FLUSHALL");

        Assert.Equal("0", await FieldAsync(client, "rdb_changes_since_last_save"));
        await client.CallAsync("SET", "after", "v");
        await WaitUntilIdleAsync(client);
        Assert.Equal("1", await FieldAsync(client, "rdb_changes_since_last_save"));
        Assert.Equal("ok", await FieldAsync(client, "rdb_last_bgsave_status"));
        server.Kill();
        await server.StartAgainAsync();
        await using RespClient again = await server.ConnectAsync();
        Assert.Equal(":0\r\n", await again.RawAsync("DBSIZE"));
    }

    [SkippableFact]
    public async Task A_save_point_saves_by_itself()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("save 1 2");
        await using RespClient client = await server.ConnectAsync();

        await FillAsync(client, 2);

        await server.WaitForLogAsync("2 changes in 1 seconds. Saving...");
        await server.WaitForLogAsync("Background saving terminated with success");
        Assert.Equal("0", await FieldAsync(client, "rdb_changes_since_last_save"));
        Assert.True(File.Exists(DumpPath(server)));
    }

    [SkippableFact]
    public async Task BGSAVE_in_a_transaction_begins_after_it()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "a", 1);
        await client.CallAsync("BGSAVE");
        await client.CallAsync("SET", "b", 1);

        Assert.Equal("*3\r\n+OK\r\n+Background saving scheduled\r\n+OK\r\n", await client.RawAsync("EXEC"));

        await server.WaitForLogAsync("Background saving terminated with success");
        Assert.Equal("0", await FieldAsync(client, "rdb_changes_since_last_save"));
    }

    [SkippableFact]
    public async Task BGSAVE_says_what_is_wrong()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();

        string unknown = await client.RawAsync("BGSAVE", "tape");
        Assert.StartsWith("-ERR unknown persistence provider 'tape', there are: ", unknown);
        Assert.Contains("fork", unknown, StringComparison.Ordinal);
        Assert.Contains("forkless-options-supported", await client.RawAsync("BGSAVE", "THREAD"));
        Assert.Equal("-ERR syntax error\r\n", await client.RawAsync("BGSAVE", "SCHEDULE", "FORK", "NOW"));
        Assert.Equal("-ERR syntax error\r\n", await client.RawAsync("BGSAVE", "CANCEL", "FORK"));
        Assert.Equal(
            "-ERR Background saving is currently not in progress or scheduled\r\n", await client.RawAsync("BGSAVE", "CANCEL"));
        Assert.Equal("0", await FieldAsync(client, "rdb_saves"));
    }

    [SkippableFact]
    public async Task Plain_BGSAVE_is_made_by_a_thread_when_the_option_says_so()
    {
        await using ServerProcess server = await ServerProcess.StartAsync([.. s_forkless, "threadsave-enabled-for-backup yes"]);
        await using RespClient client = await server.ConnectAsync();

        await client.CallAsync("BGSAVE");
        await WaitUntilIdleAsync(client);

        Assert.Equal("thread", await FieldAsync(client, "rdb_last_bgsave_type"));
        await client.CallAsync("CONFIG", "SET", "threadsave-enabled-for-backup", "no");
        await client.CallAsync("BGSAVE");
        await WaitUntilIdleAsync(client);
        Assert.Equal("fork", await FieldAsync(client, "rdb_last_bgsave_type"));
    }

    [SkippableFact]
    public async Task The_file_is_written_where_dir_and_dbfilename_say()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using RespClient client = await server.ConnectAsync();
        string folder = Path.Combine(server.Folder, "elsewhere");
        Directory.CreateDirectory(folder);

        await client.CallAsync("CONFIG", "SET", "dir", folder, "dbfilename", "other.rdb");
        await client.CallAsync("SAVE");

        Assert.Equal("REDIS"u8.ToArray(), (await File.ReadAllBytesAsync(Path.Combine(folder, "other.rdb")))[..5]);
        Assert.StartsWith("-ERR", await client.RawAsync("CONFIG", "SET", "dbfilename", "a/b"));
    }

    [SkippableFact]
    public async Task LASTSAVE_tells_when_it_was_saved_last()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_forkless);
        await using RespClient client = await server.ConnectAsync();
        long before = (await client.CallAsync("LASTSAVE")).Integer;

        await client.CallAsync("SAVE");

        long after = (await client.CallAsync("LASTSAVE")).Integer;
        Assert.True(after >= before);
        Assert.Equal(after.ToString(CultureInfo.InvariantCulture), await FieldAsync(client, "rdb_last_save_time"));
    }

    private static async Task BeginSlowAsync(RespClient client, string provider)
    {
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", 20_000);
        Assert.Equal("+Background saving started\r\n", await client.RawAsync("BGSAVE", provider));
    }

    private static async Task FillAsync(RespClient client, int count)
    {
        for (int i = 0; i < count; i++) await client.CallAsync("SET", $"key:{i}", "value");
    }

    private static async Task WaitUntilIdleAsync(RespClient client) => await WaitFor.ConditionAsync(
        async () => await FieldAsync(client, "rdb_bgsave_in_progress") == "0", "nothing is being saved");

    private static async Task<string> FieldAsync(RespClient client, string name)
    {
        string info = await client.TextAsync("INFO", "persistence");
        int start = info.IndexOf($"\n{name}:", StringComparison.Ordinal) + name.Length + 2;
        return info[start..info.IndexOf('\r', start)];
    }

    private static string DumpPath(ServerProcess server) => Path.Combine(server.Folder, "dump.rdb");

    private static string[] TemporaryFiles(ServerProcess server) => Directory.GetFiles(server.Folder, "temp-*");

    private static int ChildIdOf(ServerProcess server)
    {
        string name = Path.GetFileNameWithoutExtension(Assert.Single(TemporaryFiles(server)));
        return int.Parse(name.AsSpan("temp-".Length), CultureInfo.InvariantCulture);
    }
}
