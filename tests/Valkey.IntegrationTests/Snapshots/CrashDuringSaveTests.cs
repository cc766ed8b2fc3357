// A server that is killed in the middle of a save comes back with the last file that was complete: nothing older than the last
// save that was reported, nothing half.

using System.Globalization;

namespace Valkey.IntegrationTests.Snapshots;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
[Trait(Tags.Name, Tags.NeedsSave)]
public sealed class CrashDuringSaveTests
{
    private const int KeyCount = 1000;
    private const int SaveMs = 60; // about: the keys, slowed down

    [SkippableTheory]
    [InlineData("BGSAVE", "FORK")]
    [InlineData("BGSAVE", "THREAD")]
    [InlineData("SAVE", null)]
    public Task The_previous_file_survives_a_kill_during_a_save(string command, string? provider) => KillAgainAndAgainAsync(command, provider, 6);

    [SkippableTheory]
    [Trait(Tags.Name, Tags.Soak)]
    [InlineData("BGSAVE", "FORK")]
    [InlineData("BGSAVE", "THREAD")]
    [InlineData("SAVE", null)]
    public Task The_previous_file_survives_hundreds_of_kills(string command, string? provider) =>
        KillAgainAndAgainAsync(command, provider, TestEnvironment.SoakRounds(300));

    private static async Task KillAgainAndAgainAsync(string command, string? provider, int rounds)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            "forkless-options-supported yes", string.Create(CultureInfo.InvariantCulture, $"rdb-key-save-delay {SaveMs * 1000 / KeyCount}"));
        Random random = new(command.Length + (provider?.Length ?? 0));
        object[] save = provider is null ? [command] : [command, provider];
        long written = 0, saved = 0;
        for (int round = 0; round < rounds; round++)
        {
            RespClient client = await server.ConnectAsync();
            if (round % 3 == 0)
            {
                await WriteAsync(client, ++written);
                Assert.Equal("+OK\r\n", await client.RawAsync("SAVE"));
                saved = written;
            }

            await WriteAsync(client, ++written);
            await client.SendAsync(save);
            await Task.Delay(random.Next(SaveMs * 3 / 2)); // the moment of the kill: any will do
            server.Kill();
            client.Dispose();

            await server.StartAgainAsync();
            await using RespClient reader = await server.ConnectAsync();
            long found = await GenerationAsync(reader);
            Assert.InRange(found, saved, written);
            saved = found;
        }
    }

    /// <summary>All keys get the same number, at once.</summary>
    private static async Task WriteAsync(RespClient client, long generation)
    {
        List<object> words = ["MSET"];
        for (int i = 0; i < KeyCount; i++)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"key:{i}"));
            words.Add(generation);
        }

        Assert.Equal("+OK\r\n", await client.RawAsync([.. words]));
    }

    /// <summary>The number that all keys have.</summary>
    private static async Task<long> GenerationAsync(RespClient client)
    {
        object[] words = ["MGET", .. Enumerable.Range(0, KeyCount).Select(i => (object)string.Create(CultureInfo.InvariantCulture, $"key:{i}"))];
        RespValue values = await client.CallAsync(words);
        string first = values.Items[0].Text;
        Assert.All(values.Items, value => Assert.Equal(first, value.Text));
        return long.Parse(first, CultureInfo.InvariantCulture);
    }
}
