// Kills under load, again and again, with a disk that forgets what was not synced: what appendfsync promises holds.
//
// Each writer counts in a key of its own and notes what was acknowledged; every third number is written to a second key too, in
// one transaction. Readers note what they saw. After the kill the unsynced end of the files is cut off at a random place.

using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Valkey.IntegrationTests.Durability;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class AofCrashTests
{
    private const int WriterCount = 6;
    private const int ReaderCount = 3;
    private const int InputOutputError = 5, NoSpace = 28;
    private static readonly TimeSpan s_everySecondLoses = TimeSpan.FromSeconds(2.5); // a second, one of patience, and the scheduler's share
    private const int LongRoundMs = 4000; // so that something is older than that

    [SkippableTheory]
    [InlineData("always", "yes")]
    [InlineData("always", "no")]
    [InlineData("everysec", "no")]
    [InlineData("no", "no")]
    public Task What_was_promised_survives_kills_under_load(string policy, string offload) =>
        CrashAsync(policy, offload, 6, withFaults: false, checksAge: false);

    [SkippableTheory]
    [InlineData("yes")]
    [InlineData("no")]
    public Task What_was_promised_survives_kills_and_faults_of_the_disk(string offload) =>
        CrashAsync("always", offload, 6, withFaults: true, checksAge: false);

    [SkippableTheory]
    [InlineData("yes")]
    [InlineData("no")]
    public async Task What_was_read_after_a_kill_survives_a_loss_of_power(string offload)
    {
        using FaultyDisk disk = await FaultyDisk.CreateAsync();
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerOptions
        {
            Config = ["appendonly yes", "appendfsync always", $"bio-aof-offload-enabled {offload}"],
            Environment = disk.Environment,
        });
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.CallAsync("CONFIG", "SET", "appendfsync", "no"); // so that the kill leaves something unsynced
            for (int i = 0; i < 1000; i++) await client.CallAsync("SET", $"key:{i}", "value");
        }

        server.Kill();
        await server.StartAgainAsync();
        await using (RespClient client = await server.ConnectAsync()) Assert.Equal("1000", await client.TextAsync("DBSIZE"));
        server.Kill();
        await disk.LosePowerAsync(Path.Combine(server.Folder, "appendonlydir"), new Random(1));
        await server.StartAgainAsync();
        await using (RespClient client = await server.ConnectAsync()) Assert.Equal("1000", await client.TextAsync("DBSIZE"));
    }

    [SkippableTheory]
    [Trait(Tags.Name, Tags.Soak)]
    [InlineData("always", "yes")]
    [InlineData("always", "no")]
    [InlineData("everysec", "no")]
    [InlineData("no", "no")]
    public Task A_thousand_kills(string policy, string offload) =>
        CrashAsync(policy, offload, TestEnvironment.SoakRounds(1000), withFaults: false, checksAge: policy == "everysec");

    [SkippableTheory]
    [Trait(Tags.Name, Tags.Soak)]
    [InlineData("yes")]
    [InlineData("no")]
    public Task Hundreds_of_kills_with_faults(string offload) =>
        CrashAsync("always", offload, TestEnvironment.SoakRounds(500), withFaults: true, checksAge: false);

    /// <param name="policy">Of appendfsync.</param>
    /// <param name="offload">Whether replies wait instead of the command thread.</param>
    /// <param name="rounds">Kills.</param>
    /// <param name="withFaults">The disk fails before the kill.</param>
    /// <param name="checksAge">Whether what everysec may lose is told by the clock: on a quiet machine only.</param>
    private static async Task CrashAsync(string policy, string offload, int rounds, bool withFaults, bool checksAge)
    {
        using FaultyDisk disk = await FaultyDisk.CreateAsync();
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerOptions
        {
            Config = ["appendonly yes", $"appendfsync {policy}", $"bio-aof-offload-enabled {offload}", "auto-aof-rewrite-percentage 0"],
            Environment = disk.Environment,
        });
        Random random = new(policy.Length + (offload.Length * 7));
        Journal journal = new();
        for (int round = 0; round < rounds; round++)
        {
            await LoadAsync(server, disk, journal, random, round, withFaults, checksAge);
            disk.Mend();
            if (policy != "no") await disk.LosePowerAsync(Path.Combine(server.Folder, "appendonlydir"), random);
            await server.StartAgainAsync();
            await using RespClient client = await server.ConnectAsync();
            await journal.CheckAsync(client, policy, round);
        }
    }

    /// <summary>Load until the kill.</summary>
    private static async Task LoadAsync(
        ServerProcess server, FaultyDisk disk, Journal journal, Random random, int round, bool withFaults, bool checksAge)
    {
        using CancellationTokenSource end = new();
        List<Task> load = [];
        for (int i = 0; i < WriterCount; i++) load.Add(WriteAsync(server, journal, i, end.Token));
        for (int i = 0; i < ReaderCount; i++) load.Add(ReadAsync(server, journal, i, end.Token));
        if (round % 4 == 1) load.Add(RewriteAsync(server));
        disk.SyncDelayUs = round % 3 == 0 ? 2000 : 0;
        await Task.Delay(checksAge && round % 5 == 0 ? LongRoundMs : random.Next(10, 150)); // the moment of the kill: any will do
        if (withFaults) await FailAsync(disk, random);
        server.Kill();
        if (checksAge) journal.Killed();
        await end.CancelAsync();
        await Task.WhenAll(load);
    }

    private static async Task FailAsync(FaultyDisk disk, Random random)
    {
        switch (random.Next(4))
        {
            case 0: disk.WriteError = InputOutputError; break;
            case 1: disk.WriteError = NoSpace; break;
            case 2: disk.WriteAllowanceBytes = random.Next(500); break;
            default: disk.SyncError = InputOutputError; break;
        }

        await Task.Delay(random.Next(1, 60));
        if (random.Next(2) == 0) return; // it stays so until the kill
        disk.Mend();
        await Task.Delay(random.Next(1, 60));
    }

    private static async Task WriteAsync(ServerProcess server, Journal journal, int writer, CancellationToken end)
    {
        long number = journal.NextOf(writer);
        while (!end.IsCancellationRequested && !server.HasExited)
        {
            try
            {
                await using RespClient client = await server.ConnectAsync();
                while (!end.IsCancellationRequested)
                {
                    bool isWritten = number % 3 == 0 ? await WriteBothAsync(client, writer, number) : await WriteOneAsync(client, writer, number);
                    if (isWritten) journal.Acknowledged(writer, number);
                    number++; // a refused one was not written, or it was: nobody knows
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or TimeoutException or ObjectDisposedException)
            {
                number++;
            }
        }

        journal.Tried(writer, number);
    }

    private static async Task<bool> WriteOneAsync(RespClient client, int writer, long number) =>
        await client.RawAsync("SET", $"w:{writer}", number) == "+OK\r\n";

    private static async Task<bool> WriteBothAsync(RespClient client, int writer, long number)
    {
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", $"w:{writer}", number);
        await client.CallAsync("SET", $"third:{writer}", number);
        return await client.RawAsync("EXEC") == "*2\r\n+OK\r\n+OK\r\n";
    }

    private static async Task ReadAsync(ServerProcess server, Journal journal, int reader, CancellationToken end)
    {
        while (!end.IsCancellationRequested && !server.HasExited)
        {
            try
            {
                await using RespClient client = await server.ConnectAsync();
                for (int writer = reader; !end.IsCancellationRequested; writer = (writer + 1) % WriterCount)
                {
                    RespValue value = await client.CallAsync("GET", $"w:{writer}");
                    if (!value.IsNull && long.TryParse(value.Text, out long number)) journal.Seen(writer, number);
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or TimeoutException or ObjectDisposedException)
            {
                // The server was killed, or closed a client that it could not answer.
            }
        }
    }

    private static async Task RewriteAsync(ServerProcess server)
    {
        try
        {
            await using RespClient client = await server.ConnectAsync();
            await client.CallAsync("BGREWRITEAOF");
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            // Killed before it answered.
        }
    }

    /// <summary>What clients were told.</summary>
    private sealed class Journal
    {
        private readonly long[] _acknowledged = new long[WriterCount];
        private readonly long[] _old = new long[WriterCount]; // acknowledged longer ago than everysec may lose
        private readonly long[] _seen = new long[WriterCount];
        private readonly long[] _next = new long[WriterCount];
        private readonly Queue<(long Ticks, long Number)>[] _recent = [.. Enumerable.Range(0, WriterCount).Select(static _ => new Queue<(long, long)>())];

        public long NextOf(int writer) => _next[writer] + 1;

        public void Acknowledged(int writer, long number)
        {
            _acknowledged[writer] = number;
            _recent[writer].Enqueue((Stopwatch.GetTimestamp(), number));
        }

        public void Seen(int writer, long number)
        {
            lock (_seen) _seen[writer] = Math.Max(_seen[writer], number);
        }

        public void Tried(int writer, long number) => _next[writer] = number;

        public void Killed()
        {
            for (int i = 0; i < WriterCount; i++)
            {
                while (_recent[i].TryPeek(out (long Ticks, long Number) entry) && Stopwatch.GetElapsedTime(entry.Ticks) > s_everySecondLoses)
                {
                    _old[i] = entry.Number;
                    _recent[i].Dequeue();
                }
            }
        }

        public async Task CheckAsync(RespClient client, string policy, int round)
        {
            for (int i = 0; i < WriterCount; i++)
            {
                long found = NumberOf(await client.CallAsync("GET", $"w:{i}"));
                long third = NumberOf(await client.CallAsync("GET", $"third:{i}"));
                string context = string.Create(CultureInfo.InvariantCulture, $"round {round}, writer {i}: {found} and {third} are there");
                if (policy == "everysec")
                {
                    Assert.True(found >= _old[i], $"{context}, {_old[i]} was acknowledged long before");
                }
                else
                {
                    Assert.True(found >= _acknowledged[i], $"{context}, {_acknowledged[i]} was acknowledged");
                    Assert.True(found >= _seen[i], $"{context}, {_seen[i]} was read");
                }

                Assert.True(found <= _next[i], $"{context}, {_next[i]} was the last to be written");
                Assert.True(third <= found && third % 3 == 0, context);
                Assert.True(found % 3 != 0 || third == found, context + ": a transaction was repeated in part");
                _acknowledged[i] = _seen[i] = found;
                _old[i] = Math.Min(_old[i], found);
                _recent[i].Clear();
                _recent[i].Enqueue((Stopwatch.GetTimestamp(), found)); // the server has it and will sync it with what comes next
            }
        }

        private static long NumberOf(RespValue value) => value.IsNull ? 0 : long.Parse(value.Text, CultureInfo.InvariantCulture);
    }
}
