// A disk that takes no more. A limit on the size of files stands for it: it can be set before the server starts and lifted while
// it runs, without being root.

using System.Diagnostics;
using System.Globalization;

namespace Valkey.IntegrationTests.Aof;

[Trait(Tags.Name, Tags.NeedsSave)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class FailureTests
{
    private const string Misconf = "-MISCONF Errors writing to the AOF file: File too large\r\n";
    private const int ValueBytes = 2000;
    private const int LimitBlocks = 100; // of 512 bytes

    private static readonly string s_value = new('x', ValueBytes);

    [SkippableFact]
    public async Task With_everysec_writes_are_refused_until_the_disk_takes_them_again()
    {
        await using LimitedServer limited = await LimitedServer.StartAsync(AofServer.EverySecond);
        long acknowledged;
        await using (RespClient client = await limited.Server.ConnectAsync())
        {
            acknowledged = await WriteUntilRefusedAsync(client);
            Assert.Equal("err", await AofServer.FieldAsync(client, "aof_last_write_status"));
            Assert.Equal(Misconf, await client.RawAsync("PING"));
            Assert.Equal(s_value, await client.TextAsync("GET", "key:1"));

            limited.Lift();
            await AofServer.WaitForFieldAsync(client, "aof_last_write_status", "ok");
            Assert.Equal("+OK\r\n", await client.RawAsync("SET", "again", "1"));
            Assert.Contains("AOF write error looks solved. The server can write again.", limited.Server.Log, StringComparison.Ordinal);
            await AofServer.SettleAsync(client, "everysec");
        }

        limited.Server.Kill();
        await limited.Server.StartAgainAsync();
        await using RespClient after = await limited.Server.ConnectAsync();
        for (long i = 1; i <= acknowledged; i++) Assert.Equal(s_value, await after.TextAsync("GET", $"key:{i}"));
        Assert.Equal("1", await after.TextAsync("GET", "again"));
    }

    [SkippableFact]
    public async Task With_always_the_server_ends_rather_than_to_acknowledge()
    {
        await using LimitedServer limited = await LimitedServer.StartAsync(AofServer.Always);
        long acknowledged = 0;
        await using (RespClient client = await limited.Server.ConnectAsync())
        {
            while (await TrySetAsync(client, acknowledged + 1)) acknowledged++;
        }

        await WaitFor.ConditionAsync(() => limited.Server.HasExited, "the server ends");
        Assert.Contains(
            "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...", limited.Server.Log, StringComparison.Ordinal);
        Assert.InRange(acknowledged, 1, LimitBlocks * 512 / ValueBytes);
        limited.Lift();
        await limited.Server.StartAgainAsync();

        await using RespClient after = await limited.Server.ConnectAsync();
        Assert.Equal($":{acknowledged}\r\n", await after.RawAsync("DBSIZE"));
    }

    [SkippableFact]
    public async Task Offloaded_nothing_is_acknowledged_that_the_disk_did_not_take_and_writing_goes_on_when_it_does()
    {
        await using LimitedServer limited = await LimitedServer.StartAsync(AofServer.Offloaded);
        await using RespClient admin = await limited.Server.ConnectAsync();
        long acknowledged = 0;
        await using (RespClient client = await limited.Server.ConnectAsync())
        {
            while (await TrySetAsync(client, acknowledged + 1)) acknowledged++;
        }

        Assert.InRange(acknowledged, 1, LimitBlocks * 512 / ValueBytes);
        await AofServer.WaitForFieldAsync(admin, "aof_last_write_status", "err");
        Assert.Equal(Misconf, await admin.RawAsync("SET", "refused", "1"));

        limited.Lift();
        await AofServer.WaitForFieldAsync(admin, "aof_last_write_status", "ok");
        Assert.Equal("+OK\r\n", await admin.RawAsync("SET", "again", "1"));
        Assert.Equal("*2\r\n:1\r\n:0\r\n", await admin.RawAsync("WAITAOF", 1, 0, 10_000));

        limited.Server.Kill();
        await limited.Server.StartAgainAsync();
        await using RespClient after = await limited.Server.ConnectAsync();
        for (long i = 1; i <= acknowledged; i++) Assert.Equal(s_value, await after.TextAsync("GET", $"key:{i}"));
        Assert.Equal("1", await after.TextAsync("GET", "again"));
    }

    [SkippableTheory]
    [InlineData("everysec")]
    [InlineData("always")]
    [InlineData("offloaded")]
    public async Task A_rewrite_without_its_folder_fails_and_the_log_goes_on(string policy)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(AofServer.Of(policy));
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "a", "1");
        Directory.Move(AofServer.FolderOf(server), AofServer.FolderOf(server) + ".away");
        await File.WriteAllTextAsync(AofServer.FolderOf(server), "a file is in the way");

        Assert.StartsWith("-ERR Can't execute an AOF background rewriting.", await client.RawAsync("BGREWRITEAOF"), StringComparison.Ordinal);
        Assert.Equal("err", await AofServer.FieldAsync(client, "aof_last_bgrewrite_status"));
        await client.CallAsync("SET", "b", "2");

        File.Delete(AofServer.FolderOf(server));
        Directory.Move(AofServer.FolderOf(server) + ".away", AofServer.FolderOf(server));
        Assert.Equal("+Background append only file rewriting started\r\n", await client.RawAsync("BGREWRITEAOF"));
        await AofServer.WaitForRewriteAsync(client);
        Assert.Equal("ok", await AofServer.FieldAsync(client, "aof_last_bgrewrite_status"));
        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("2", await again.TextAsync("GET", "b"));
    }

    [SkippableFact]
    public async Task A_log_that_cannot_be_begun_stays_off()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await File.WriteAllTextAsync(AofServer.FolderOf(server), "a file is in the way");

        Assert.Equal(
            "-ERR CONFIG SET failed (possibly related to argument 'appendonly') - Unable to turn on AOF. Check server logs.\r\n",
            await client.RawAsync("CONFIG", "SET", "appendonly", "yes"));
        Assert.Equal("0", await AofServer.FieldAsync(client, "aof_enabled"));
        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "a", "1"));
    }

    private static async Task<long> WriteUntilRefusedAsync(RespClient client)
    {
        long acknowledged = 0;
        while (acknowledged < LimitBlocks)
        {
            string reply = await client.RawAsync("SET", $"key:{acknowledged + 1}", s_value);
            if (reply == Misconf) return acknowledged;
            Assert.Equal("+OK\r\n", reply);
            acknowledged++;
        }

        throw new InvalidOperationException("The limit has no effect.");
    }

    /// <summary>False when the connection ends instead of an answer, or writes are refused already.</summary>
    private static async Task<bool> TrySetAsync(RespClient client, long number)
    {
        try
        {
            string reply = await client.RawAsync("SET", $"key:{number}", s_value);
            return reply != Misconf;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A server whose files may not grow beyond a limit, until it is lifted.</summary>
    private sealed class LimitedServer : IAsyncDisposable
    {
        private readonly string _folder;

        private LimitedServer(ServerProcess server, string folder)
        {
            Server = server;
            _folder = folder;
        }

        public ServerProcess Server { get; }

        private string LimitPath => Path.Combine(_folder, "limit");

        public static async Task<LimitedServer> StartAsync(string[] config)
        {
            TestEnvironment.SkipIfExternal();
            string folder = Directory.CreateTempSubdirectory("valkey-limit-").FullName;
            string script = Path.Combine(folder, "limited-server");
            await File.WriteAllTextAsync(Path.Combine(folder, "limit"), LimitBlocks.ToString(CultureInfo.InvariantCulture));
            await File.WriteAllTextAsync(
                script,
                $"#!/bin/sh\ntrap '' XFSZ\n[ -f '{folder}/limit' ] && ulimit -S -f \"$(cat '{folder}/limit')\"\n"
                + $"exec '{TestEnvironment.ServerExecutable}' \"$@\"\n");
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            ServerProcess server = await ServerProcess.StartAsync(new ServerOptions { Config = config, Executable = script });
            return new LimitedServer(server, folder);
        }

        public void Lift()
        {
            File.Delete(LimitPath);
            if (Server.HasExited) return;
            using Process process = Process.Start("prlimit", ["--pid", $"{Server.ProcessId}", "--fsize=unlimited"]);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
