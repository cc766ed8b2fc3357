// Saving in a forked child: what the file holds, and what the parent does about whatever becomes of the child.

using System.Globalization;

namespace Valkey.IntegrationTests.Forking;

[Trait(Tags.Name, Tags.NeedsSave)]
[Trait(Tags.Name, Tags.NeedsDebug)]
[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class ForkedSaveTests
{
    private const int SigKill = 9, SigUser1 = 10, SigTerm = 15, SigContinue = 18, SigStop = 19;

    [SkippableFact]
    public async Task The_file_holds_what_there_was_when_the_save_began()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("FLUSHALL");
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", "20000");
        await client.CallAsync("DEBUG", "POPULATE", "20");
        await client.CallAsync("SET", "inv:a", "vbefore");

        await SavingServer.BeginSaveAsync(server, client);
        await client.CallAsync("SET", "inv:a", "vafter");
        await SavingServer.WaitForEndAsync(client);

        byte[] file = await File.ReadAllBytesAsync(Path.Combine(server.Folder, "dump.rdb"));
        Assert.Equal("vbefore", SavingServer.ValueIn(file, "inv:a"));
        Assert.Equal("ok", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));
        Assert.Equal("fork", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_type"));
        Assert.Equal("1", await SavingServer.InfoAsync(client, "stats", "total_forks"));
        Assert.NotEqual("0", await SavingServer.InfoAsync(client, "stats", "latest_fork_usec"));
        Assert.NotEqual("0", await SavingServer.InfoAsync(client, "persistence", "rdb_last_cow_size"));
        await server.WaitForLogAsync("Fork CoW for RDB: current ");
        await server.WaitForLogAsync("Background saving terminated with success");
    }

    [SkippableFact]
    public async Task Progress_is_shown_while_the_child_works()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();

        await SavingServer.BeginSaveAsync(server, client);

        Assert.Equal("fork", await SavingServer.InfoAsync(client, "persistence", "rdb_current_bgsave_type"));
        Assert.Equal("10000", await SavingServer.InfoAsync(client, "persistence", "current_save_keys_total"));
        await WaitFor.ConditionAsync(
            async () => await SavingServer.InfoAsync(client, "persistence", "current_save_keys_processed") != "0", "keys were processed");
        await client.CallAsync("BGSAVE", "CANCEL");
        await SavingServer.WaitForEndAsync(client);
    }

    [SkippableFact]
    public async Task A_child_that_is_killed_from_outside_is_a_failed_save_and_the_next_one_works()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();

        Signal(await SavingServer.BeginSaveAsync(server, client), SigKill);
        await SavingServer.WaitForEndAsync(client);

        await server.WaitForLogAsync("Background saving terminated by signal 9");
        Assert.Equal("err", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", "0");
        await SavingServer.BeginSaveAsync(server, client);
        await SavingServer.WaitForEndAsync(client);
        Assert.Equal("ok", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));
        Assert.Empty(Directory.GetFiles(server.Folder, "temp-*"));
    }

    [SkippableFact]
    public async Task A_child_that_is_told_by_SIGUSR1_to_end_is_no_failure()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();

        Signal(await SavingServer.BeginSaveAsync(server, client), SigUser1);
        await SavingServer.WaitForEndAsync(client);

        Assert.Equal("ok", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));
        Assert.False(File.Exists(Path.Combine(server.Folder, "dump.rdb")));
    }

    [SkippableFact]
    public async Task CANCEL_ends_the_child_and_leaves_nothing_behind()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        int child = await SavingServer.BeginSaveAsync(server, client);

        Assert.Equal("+Background saving cancelled\r\n", await client.RawAsync("BGSAVE", "CANCEL"));
        await SavingServer.WaitForEndAsync(client);

        Assert.True(SavingServer.HasEnded(child));
        Assert.Equal("ok", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));
        Assert.Empty(Directory.GetFiles(server.Folder, "*.rdb"));
    }

    [SkippableFact]
    public async Task A_full_disk_is_a_failed_save_with_its_reason()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", "0");
        string temporary = string.Create(CultureInfo.InvariantCulture, $"temp-{server.ProcessId}.rdb");
        File.CreateSymbolicLink(Path.Combine(server.Folder, temporary), "/dev/full");

        await client.CallAsync("BGSAVE", "FORK");
        await SavingServer.WaitForEndAsync(client);

        await server.WaitForLogAsync("Background saving error: No space left on device");
        Assert.Equal("err", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    [SkippableTheory]
    [InlineData(0, "Background saving error: a data type or the format threw an exception")]
    [InlineData(1, "Background saving error: the child waits for a lock that nobody holds")]
    [InlineData(2, "Background saving terminated by signal 11")]
    public async Task A_type_that_fails_in_the_child_fails_the_save_and_nothing_else(int how, string line)
    {
        string module = Modules.BuiltModules.Fixture("FatalInChild");
        await using ServerProcess server = await ServerProcess.StartAsync($"loadmodule {module}");
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "inv:a", "vbefore");
        Assert.Equal("+OK\r\n", await client.RawAsync("FATAL.SET", "fatal", how));

        Assert.Equal("+Background saving started\r\n", await client.RawAsync("BGSAVE", "FORK"));
        await SavingServer.WaitForEndAsync(client);

        await server.WaitForLogAsync(line);
        Assert.Equal("err", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));
        await client.CallAsync("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
        await client.CallAsync("DEL", "fatal");
        Assert.Equal("+Background saving started\r\n", await client.RawAsync("BGSAVE", "FORK"));
        await SavingServer.WaitForEndAsync(client);
        Assert.Equal("ok", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));
    }

    [SkippableFact]
    public async Task A_helper_thread_that_comes_to_no_gate_is_forked_beside()
    {
        await using ServerProcess server = await ServerProcess.StartAsync($"loadmodule {Modules.BuiltModules.Fixture("BusyHelper")}");
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "inv:a", "vbefore");
        Assert.Equal("+OK\r\n", await client.RawAsync("BUSY.BEGIN"));

        Assert.Equal("+Background saving started\r\n", await client.RawAsync("BGSAVE", "FORK"));

        await server.WaitForLogAsync("Forking beside background threads that are busy: bio_plugin");
        await SavingServer.WaitForEndAsync(client);
        Assert.Equal("ok", await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));
        byte[] file = await File.ReadAllBytesAsync(Path.Combine(server.Folder, "dump.rdb"));
        Assert.Equal("vbefore", SavingServer.ValueIn(file, "inv:a"));
    }

    [SkippableFact]
    public async Task Signals_for_the_child_do_not_reach_the_parent()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        int child = await SavingServer.BeginSaveAsync(server, client);

        Signal(child, SigTerm);
        Signal(child, SigStop);
        await WaitFor.ConditionAsync(() => SavingServer.StatusOf(child, "State").StartsWith('T'), "the child stands still");
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        Signal(child, SigContinue);

        await WaitFor.ConditionAsync(() => !SavingServer.StatusOf(child, "State").StartsWith('T'), "the child goes on");
        Assert.DoesNotContain("scheduling shutdown", server.Log, StringComparison.Ordinal);
        await client.CallAsync("BGSAVE", "CANCEL");
        await SavingServer.WaitForEndAsync(client);
    }

    [SkippableFact]
    public async Task A_client_that_is_closed_sees_it_although_a_child_lives()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        await using RespClient other = await server.ConnectAsync();
        long id = (await other.CallAsync("CLIENT", "ID")).Integer;
        await SavingServer.BeginSaveAsync(server, client);

        await client.CallAsync("CLIENT", "KILL", "ID", id);

        Assert.Equal("", await other.ReadToEndAsync());
        await client.CallAsync("BGSAVE", "CANCEL");
        await SavingServer.WaitForEndAsync(client);
    }

    [SkippableFact]
    public async Task The_child_dies_with_its_parent()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync();
        await using RespClient client = await server.ConnectAsync();
        int child = await SavingServer.BeginSaveAsync(server, client);

        server.Kill();

        await WaitFor.ConditionAsync(() => SavingServer.HasEnded(child), "the child has ended too");
    }

    [SkippableFact]
    public async Task The_child_runs_on_the_CPUs_that_bgsave_cpulist_names()
    {
        await using ServerProcess server = await SavingServer.StartSlowAsync("bgsave-cpulist 0");
        await using RespClient client = await server.ConnectAsync();
        int child = await SavingServer.BeginSaveAsync(server, client);

        await WaitFor.ConditionAsync(() => SavingServer.StatusOf(child, "Cpus_allowed_list") == "0", "the child is bound to CPU 0");

        await client.CallAsync("BGSAVE", "CANCEL");
        await SavingServer.WaitForEndAsync(client);
    }

    private static void Signal(int processId, int signal)
    {
        using System.Diagnostics.Process kill = System.Diagnostics.Process.Start(
            "kill", string.Create(CultureInfo.InvariantCulture, $"-{signal} {processId}"));
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
