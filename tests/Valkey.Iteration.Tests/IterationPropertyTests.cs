// The proof of the background iteration: whatever writers do while it runs, the consumer gets the dataset of the beginning.

using System.Globalization;
using Valkey.Abstractions;
using Valkey.Host.Iteration;
using Valkey.Structures;
using Xunit;

namespace Valkey.Iteration.Tests;

public sealed class IterationPropertyTests
{
    private const int RoundsByDefault = 120;
    private const int ClientCount = 4;

    /// <summary>More rounds than the suite has time for: VALKEY_ITERATION_ROUNDS=5000.</summary>
    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("VALKEY_ITERATION_ROUNDS"), out int rounds) ? rounds : RoundsByDefault;

    private static int FirstSeed =>
        int.TryParse(Environment.GetEnvironmentVariable("VALKEY_ITERATION_SEED"), out int seed) ? seed : Environment.TickCount;

    [Fact]
    public void The_consumer_gets_the_dataset_of_the_beginning_whatever_is_written_meanwhile()
    {
        using InProcessServer server = new();
        int seed = FirstSeed;
        long heldCount = 0;
        for (int round = 0; round < Rounds; round++, seed++)
        {
            Round(server, seed, ref heldCount);
        }

        Assert.True(Rounds < 50 || heldCount > 0, "No client was ever held: the test does not test what it should.");
    }

    [Fact]
    public void Nothing_is_leaked_and_nothing_freed_twice()
    {
        using InProcessServer server = new();
        InProcessClient client = server.Connect();
        long held = 0;
        for (int seed = 1; seed <= 10; seed++) Round(server, seed, ref held); // buffers grow to their size
        long before = UsedWhenEmpty(server, client);

        for (int seed = 11; seed <= 60; seed++) Round(server, seed, ref held);

        Assert.InRange(UsedWhenEmpty(server, client), before - 100_000, before + 100_000);
    }

    private static long UsedWhenEmpty(InProcessServer server, InProcessClient client)
    {
        Assert.Contains("OK", client.Call("FLUSHALL", "SYNC"), StringComparison.Ordinal);
        server.TurnUntil(() => server.Server.LazyFree.PendingCount == 0, "lazy freeing ends");
        return NativeHeap.UsedBytes;
    }

    private static void Round(InProcessServer host, int seed, ref long heldCount)
    {
        Random random = new(seed);
        RandomCommands commands = new(random, random.Next(5, 200));
        InProcessClient[] clients = new InProcessClient[ClientCount];
        for (int i = 0; i < clients.Length; i++) clients[i] = host.Connect();
        for (int i = random.Next(10, 400); i > 0; i--) clients[random.Next(ClientCount)].Send(commands.Filling());
        host.Turn();
        Recording expected = Recording.Of(host.Server);
        RecordingConsumer consumer = new() { Delay = DelayOf(random.Next()) };
        host.Server.Iterations.Pace = PaceOf(random);

        IBackgroundIteration iteration = host.Server.Snapshots.Dataset.BeginIteration(consumer);
        Assert.Equal(expected.Count, iteration.KeysTotal);
        while (consumer.EndedComplete is null)
        {
            InProcessClient client = clients[random.Next(ClientCount)];
            if (client.Client.IsWaiting) heldCount += client.IsHeld ? 1 : 0;
            else Write(client, commands, random);
            Disturb(host, random);
            if (random.Next(4) == 0) host.Turn();
        }

        string name = string.Create(CultureInfo.InvariantCulture, $"seed {seed}");
        Assert.True(consumer.EndedComplete, name);
        string differences = expected.DifferencesTo(consumer.Recording);
        Assert.True(differences.Length == 0, $"{name}:\n{differences}");
        Assert.Equal(expected.Count, iteration.Processed);
        Assert.Equal(expected.Count, iteration.Queued);
        host.TurnUntil(() => Array.TrueForAll(clients, client => !client.Client.IsWaiting), "waiting clients go on, " + name);
        foreach (InProcessClient client in clients)
        {
            Assert.Equal("+PONG\r\n", client.Call("PING"));
            client.Close();
        }
    }

    private static void Write(InProcessClient client, RandomCommands commands, Random random)
    {
        if (random.Next(12) != 0)
        {
            client.Send(commands.Next());
            return;
        }

        client.Send("MULTI");
        for (int i = random.Next(1, 6); i > 0; i--) client.Send(commands.Next());
        client.Send("EXEC");
    }

    /// <summary>What goes on in a server beside commands: keys expire and are evicted.</summary>
    private static void Disturb(InProcessServer host, Random random)
    {
        switch (random.Next(60))
        {
            case 0:
                host.Server.Clock.Synchronize();
                host.Server.Expiry.SlowCycle();
                break;
            case 1:
                host.Server.Options.MaxMemoryPolicy.Value = 6; // allkeys-random
                _ = host.Server.Options.MaxMemoryPolicy.Applied!();
                host.Server.Options.MaxMemory.Value = NativeHeap.UsedBytes - host.Server.Iterations.HeldBytes - 2000;
                _ = host.Server.Eviction.TryMakeRoom();
                host.Server.Options.MaxMemory.Value = 0;
                break;
        }
    }

    private static Action DelayOf(int seed)
    {
        Random random = new(seed);
        int speed = random.Next(4);
        return () =>
        {
            int wish = random.Next(100);
            if (speed == 0 || wish < 60) return;
            if (wish < 95) Thread.SpinWait(random.Next(20 * speed * speed));
            else Thread.Yield();
        };
    }

    private static IterationPace PaceOf(Random random) => new()
    {
        SliceUs = random.Next(2) * 50,
        BucketsPerTimeCheck = random.Next(1, 4),
        TargetMin = random.Next(1, 8),
        TargetStart = random.Next(8, 64),
        TargetMax = random.Next(64, 256),
        HeldBytesMin = random.Next(4) == 0 ? 2000 : 1 << 20,
        HeldShareOfMemory = 0,
        CloneBytesMax = random.Next(3) == 0 ? 64 << 10 : 512,
    };
}
