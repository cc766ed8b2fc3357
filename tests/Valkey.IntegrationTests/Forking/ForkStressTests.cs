// Forks under everything that could be in their way: writes with expiry, large values freed in the background, connections and
// log lines at a high rate, and a module whose timers and thread-pool work never rest. A transaction keeps two keys equal; in
// every file they must be.

using System.Globalization;

namespace Valkey.IntegrationTests.Forking;

[Trait(Tags.Name, Tags.NeedsSave)]
[Trait(Tags.Name, Tags.NeedsDebug)]
[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class ForkStressTests
{
    [SkippableFact]
    public Task Fifty_forks_under_load_write_fifty_good_files() => ForkAsync(50);

    [SkippableFact]
    [Trait(Tags.Name, Tags.Large)]
    public Task A_thousand_forks_under_load_write_a_thousand_good_files() => ForkAsync(1000);

    private static async Task ForkAsync(int forkCount)
    {
        string module = Modules.BuiltModules.Fixture("RestlessThreads");
        await using ServerProcess server = await ServerProcess.StartAsync(
            "enable-debug-command yes", "loglevel debug", "rdbcompression no", $"loadmodule {module}");
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("DEBUG", "POPULATE", "20000");
        using CancellationTokenSource stop = new();
        Task[] load =
        [
            Task.Run(() => KeepTwoKeysEqualAsync(server, stop.Token)), Task.Run(() => WriteAndFreeAsync(server, 1, stop.Token)),
            Task.Run(() => WriteAndFreeAsync(server, 2, stop.Token)), Task.Run(() => ConnectAgainAndAgainAsync(server, stop.Token)),
        ];
        await WaitFor.ConditionAsync(async () => (await client.CallAsync("EXISTS", "inv:a")).Integer == 1, "the load has begun");

        long last = 0;
        for (int i = 0; i < forkCount; i++) last = await SaveAndCheckAsync(server, client, last);

        await stop.CancelAsync();
        await Task.WhenAll(load);
        int forks = int.Parse(await SavingServer.InfoAsync(client, "stats", "total_forks"), CultureInfo.InvariantCulture);
        Assert.Equal(forkCount, forks); // none that was alive had to be made again
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    /// <summary>The number that the file holds under both keys: at least the one that was there when the save began.</summary>
    private static async Task<long> SaveAndCheckAsync(ServerProcess server, RespClient client, long last)
    {
        string reply = await client.RawAsync("BGSAVE", "FORK");
        if (reply != "+Background saving started\r\n")
        {
            if (reply == "-ERR\r\n") await server.WaitForLogAsync("Can't save in background"); // says why, and may arrive after the reply
            Assert.Fail($"BGSAVE answered {reply}; {EndOfLog(server)}");
        }

        await SavingServer.WaitForEndAsync(client);
        string status = await SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status");
        if (status != "ok") Assert.Fail($"A save failed; {EndOfLog(server)}");

        byte[] file = await File.ReadAllBytesAsync(Path.Combine(server.Folder, "dump.rdb"));
        Assert.Equal((byte)0xFF, file[^9]); // the end mark stands before the checksum
        string? first = SavingServer.ValueIn(file, "inv:a");
        Assert.NotNull(first);
        Assert.Equal(first, SavingServer.ValueIn(file, "inv:b"));
        long number = long.Parse(first.AsSpan(1), CultureInfo.InvariantCulture);
        Assert.True(number >= last, $"{number} after {last}");
        return number;
    }

    /// <summary>Why a save did not start or failed stands there only. The load fills it with lines of connections: they are left out.</summary>
    private static string EndOfLog(ServerProcess server)
    {
        string[] lines = [.. server.Log.Split('\n').Where(static line => !line.Contains("ccepted", StringComparison.Ordinal) && !line.Contains("closed connection", StringComparison.Ordinal))];
        return "the end of the log:\n" + string.Join('\n', lines.TakeLast(40));
    }

    private static async Task KeepTwoKeysEqualAsync(ServerProcess server, CancellationToken stop)
    {
        await using RespClient client = await server.ConnectAsync();
        for (long i = 1; !stop.IsCancellationRequested; i++)
        {
            string value = string.Create(CultureInfo.InvariantCulture, $"v{i:0000000000}");
            await client.CallAsync("MULTI");
            await client.CallAsync("SET", "inv:a", value);
            await client.CallAsync("SET", $"pad:{i % 1000}", new string('x', (int)(i % 50)));
            await client.CallAsync("SET", "inv:b", value);
            await client.CallAsync("EXEC");
        }
    }

    private static async Task WriteAndFreeAsync(ServerProcess server, int number, CancellationToken stop)
    {
        await using RespClient client = await server.ConnectAsync();
        string large = new('x', 200_000);
        object[] members = new object[502];
        for (long i = 0; !stop.IsCancellationRequested; i++)
        {
            (members[0], members[1]) = ("SADD", $"set:{number}");
            for (int m = 2; m < members.Length; m++) members[m] = $"{i}:{m}";
            await client.CallAsync(members);
            await client.CallAsync("SET", $"large:{number}", large);
            for (int e = 0; e < 20; e++) await client.CallAsync("SET", $"short:{number}:{((i * 20) + e) % 500}", "v", "PX", "100");
            await client.CallAsync("UNLINK", $"set:{number}", $"large:{number}"); // freed by the lazy-free thread
        }
    }

    private static async Task ConnectAgainAndAgainAsync(ServerProcess server, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await using RespClient client = await server.ConnectAsync(); // two lines in the log each time
            await client.CallAsync("PING");
        }
    }
}
