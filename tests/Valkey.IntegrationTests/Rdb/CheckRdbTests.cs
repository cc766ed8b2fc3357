// valkey-check-rdb on files that the server wrote.

namespace Valkey.IntegrationTests.Rdb;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class CheckRdbTests
{
    [SkippableFact]
    public async Task A_sound_file_is_told_to_be_sound_and_counted()
    {
        string path = await SavedAsync();

        ProcessResult result = await CheckAsync(path, "--stats", "--format", "info");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith($"[offset 0] Checking RDB file {path}\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("Checksum OK", result.Output, StringComparison.Ordinal);
        Assert.Contains("\\o/ RDB looks OK! \\o/", result.Output, StringComparison.Ordinal);
        Assert.Contains("[info] 5 keys read\n[info] 1 expires\n[info] 0 already expired\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("[info] db.0.type.hash.elements.total:2\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("[info] db.0.type.set.elements.total:3\n", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_damaged_file_is_told_with_offset_and_key()
    {
        string path = await SavedAsync();
        byte[] file = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, file[..^12]);

        ProcessResult result = await CheckAsync(path);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--- RDB ERROR DETECTED ---", result.Output, StringComparison.Ordinal);
        Assert.Contains("[additional info] While doing: read-object-value\n[additional info] Reading key '", result.Output, StringComparison.Ordinal);
        Assert.Contains("Check RDB returned error code 1 (0 means success)", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Damage_anywhere_ends_the_check_in_an_orderly_way()
    {
        string path = await SavedAsync();
        byte[] sound = await File.ReadAllBytesAsync(path);
        Random random = new(3);
        for (int round = 0; round < 10; round++)
        {
            byte[] file = [.. sound];
            for (int i = 0; i < 5; i++) file[9 + random.Next(file.Length - 9)] = (byte)random.Next(256);
            await File.WriteAllBytesAsync(path, file);

            ProcessResult result = await CheckAsync(path, "--stats");

            Assert.Equal(1, result.ExitCode);
            Assert.Contains("--- RDB ERROR DETECTED ---", result.Output, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task Wrong_arguments_are_answered_with_the_usage()
    {
        ProcessResult result = await CheckAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("Usage: ", result.Errors, StringComparison.Ordinal);
    }

    private static Task<ProcessResult> CheckAsync(params string[] arguments) =>
        RedisTools.RunAsync(Path.Combine(Path.GetDirectoryName(TestEnvironment.ServerExecutable)!, "valkey-check-rdb"), arguments);

    private static async Task<string> SavedAsync()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "string", "value", "EX", 10_000);
        await client.CallAsync("HSET", "hash", "f", "v", "g", "w");
        await client.CallAsync("SADD", "set", "a", "b", 3);
        await client.CallAsync("ZADD", "zset", 1, "a");
        await client.CallAsync("RPUSH", "list", "a", new string('x', 100));
        Assert.Equal("+OK\r\n", await client.RawAsync("SAVE"));
        string copy = Path.Combine(Directory.CreateTempSubdirectory("valkey-check-").FullName, "dump.rdb");
        File.Copy(Path.Combine(server.Folder, "dump.rdb"), copy);
        return copy;
    }
}
