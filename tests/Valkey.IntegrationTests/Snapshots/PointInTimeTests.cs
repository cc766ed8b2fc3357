// Whoever writes it, a snapshot is the dataset of the moment at which it began: of a random dataset, while random writers do
// everything that can be done to keys. The file is read by a second server, whose digest must be that of the beginning.

namespace Valkey.IntegrationTests.Snapshots;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
[Trait(Tags.Name, Tags.NeedsSave)]
[Trait(Tags.Name, Tags.NeedsDebug)]
public sealed class PointInTimeTests
{
    private const int WriterCount = 3;
    private const int CommandsBeforeRound = 400;

    [SkippableTheory]
    [InlineData("FORK")]
    [InlineData("THREAD")]
    public Task A_snapshot_is_the_dataset_of_its_beginning(string provider) => SaveAgainAndAgainAsync(provider, 20);

    [SkippableTheory]
    [Trait(Tags.Name, Tags.Soak)]
    [InlineData("FORK")]
    [InlineData("THREAD")]
    public Task Thousands_of_snapshots_are_the_dataset_of_their_beginning(string provider) =>
        SaveAgainAndAgainAsync(provider, TestEnvironment.SoakRounds(2000));

    private static async Task SaveAgainAndAgainAsync(string provider, int rounds)
    {
        await using ServerProcess server = await ServerProcess.StartAsync("enable-debug-command yes", "forkless-options-supported yes");
        await using ServerProcess reader = await ServerProcess.StartAsync("enable-debug-command yes");
        await using RespClient client = await server.ConnectAsync();
        await using RespClient other = await reader.ConnectAsync();
        using CancellationTokenSource end = new();
        RandomCommands[] writing = [.. Enumerable.Range(1, WriterCount).Select(seed => new RandomCommands(seed))];
        Task[] writers = [.. Enumerable.Range(0, WriterCount).Select(i => WriteAsync(server, writing[i], i, end.Token))];
        RandomCommands commands = new(seed: 77);

        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < CommandsBeforeRound; i++) await client.CallAsync(commands.Next());
            await client.CallAsync("CONFIG", "SET", "rdb-key-save-delay", round % 2 == 0 ? 0 : 50);
            await DeleteShortLivedAsync(client, commands, writing);
            await client.CallAsync("CLIENT", "PAUSE", 60_000, "WRITE"); // digest and beginning are one moment
            string digest = await client.TextAsync("DEBUG", "DIGEST");
            Assert.Equal("Background saving started", await client.TextAsync("BGSAVE", provider));
            await client.CallAsync("CLIENT", "UNPAUSE");
            foreach (RandomCommands each in writing) each.MakesNothingShortLived = false;
            await Forking.SavingServer.WaitForEndAsync(client);
            Assert.Equal("ok", await Forking.SavingServer.InfoAsync(client, "persistence", "rdb_last_bgsave_status"));

            File.Copy(Path.Combine(server.Folder, "dump.rdb"), Path.Combine(reader.Folder, "dump.rdb"), overwrite: true);
            Assert.Equal("+OK\r\n", await other.RawAsync("DEBUG", "RELOAD", "NOSAVE"));
            string read = await other.TextAsync("DEBUG", "DIGEST");
            Assert.True(digest == read, $"round {round}: {digest} became {read}");
        }

        await end.CancelAsync();
        await Task.WhenAll(writers);
    }

    /// <summary>What expires between the digest and the loading would make a difference that is none.</summary>
    private static async Task DeleteShortLivedAsync(RespClient client, RandomCommands own, RandomCommands[] writers)
    {
        foreach (RandomCommands each in writers) each.MakesNothingShortLived = true;
        own.MakesNothingShortLived = true;
        foreach (RandomCommands each in writers)
        {
            int rounds = each.Rounds;
            await WaitFor.ConditionAsync(() => each.Rounds > rounds + 1, "the writer has seen that nothing short-lived is wanted");
        }

        await client.CallAsync("MULTI"); // at once: a SWAPDB in between would carry some away
        for (int i = 0; i < RandomCommands.DatabaseCount; i++)
        {
            await client.CallAsync("SELECT", i);
            await client.CallAsync(RandomCommands.DeleteShortLived);
        }

        await client.CallAsync("EXEC");
    }

    private static async Task WriteAsync(ServerProcess server, RandomCommands commands, int seed, CancellationToken end)
    {
        await using RespClient client = await server.ConnectAsync();
        while (!end.IsCancellationRequested)
        {
            int count = 2 + seed;
            if (seed % 2 == 0) await client.CallAsync("MULTI");
            for (int i = 0; i < count; i++) await client.CallAsync(commands.Next());
            if (seed % 2 == 0) await client.CallAsync("EXEC");
            commands.RoundEnded();
        }
    }
}
