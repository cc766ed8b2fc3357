// valkey-check-aof: what it says of files, and what it makes of them.

using System.Text;
using static Valkey.IntegrationTests.Aof.LogFiles;

namespace Valkey.IntegrationTests.Aof;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class CheckAofTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("valkey-check-aof-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public async Task A_log_that_a_server_wrote_is_valid()
    {
        await using ServerProcess server = await ServerProcess.StartAsync("appendonly yes");
        await using (RespClient client = await server.ConnectAsync()) await client.CallAsync("SET", "a", 1);
        await server.StopAsync();

        ProcessResult result = await CheckAsync(ManifestPathOf(server));

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("Start checking Multi Part AOF\nStart to check BASE AOF (RDB format).\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("RDB preamble is OK, proceeding with AOF tail...\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("BASE AOF appendonly.aof.1.base.rdb is valid\nStart to check INCR files.\n", result.Output, StringComparison.Ordinal);
        Assert.EndsWith($"INCR AOF {OneIncrement} is valid\nAll AOF files and manifest are valid\n", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_incomplete_end_is_told_with_its_offset_and_cut_off_when_that_is_confirmed()
    {
        string path = Write("log", Command("SET", "a", "b"), "*2\r\n$4\r\nIN");
        long sizeBytes = new FileInfo(path).Length;

        ProcessResult told = await CheckAsync(path);
        ProcessResult refused = await CheckAsync("n\n", "--fix", path);
        Assert.Equal(sizeBytes, new FileInfo(path).Length);
        ProcessResult repaired = await CheckAsync("y\n", "--fix", path);

        Assert.Equal(1, told.ExitCode);
        Assert.Contains($"0x{Command("SET", "a", "b").Length + 8,16:x}: Expected to read 6 bytes, got 2 bytes\n", told.Output, StringComparison.Ordinal);
        Assert.Contains($"size={sizeBytes}, ok_up_to={sizeBytes - 10}, ok_up_to_line=10, diff=10\n", told.Output, StringComparison.Ordinal);
        Assert.EndsWith("is not valid. Use the --fix option to try fixing it.\n", told.Output, StringComparison.Ordinal);
        Assert.Equal(1, refused.ExitCode);
        Assert.EndsWith("Continue? [y/N]: Aborting...\n", refused.Output, StringComparison.Ordinal);
        Assert.Equal(0, repaired.ExitCode);
        Assert.EndsWith($"Successfully truncated AOF {path}\n", repaired.Output, StringComparison.Ordinal);
        Assert.Equal(Command("SET", "a", "b"), await File.ReadAllTextAsync(path));
    }

    [SkippableFact]
    public async Task An_open_transaction_is_cut_off_as_a_whole()
    {
        string path = Write("log", Command("SET", "a", "b"), Command("MULTI"), Command("SET", "a", "c"));

        ProcessResult told = await CheckAsync(path);
        await CheckAsync("y\n", "--fix", path);

        Assert.Contains("Reached EOF before reading EXEC for MULTI", told.Output, StringComparison.Ordinal);
        Assert.Equal(Command("SET", "a", "b"), await File.ReadAllTextAsync(path));
    }

    [SkippableFact]
    public async Task Only_the_last_file_is_cut_off()
    {
        Write("base", Command("SET", "a", "b"), "*2\r\n$4\r\nIN");
        Write("incr", Command("SET", "a", "c"));
        string manifest = Write("manifest", "file base seq 1 type b\nfile incr seq 1 type i\n");

        ProcessResult result = await CheckAsync("y\n", "--fix", manifest);

        Assert.Equal(1, result.ExitCode);
        Assert.EndsWith("Failed to truncate AOF base because it is not the last file\n", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_came_after_a_time_is_cut_off()
    {
        string early = "#TS:1000\r\n" + Command("SET", "a", "b");
        string path = Write("log", early, "#TS:2000\r\n", Command("SET", "a", "c"));

        ProcessResult nothingBefore = await CheckAsync("--truncate-to-timestamp", "999", path);
        ProcessResult nothingAfter = await CheckAsync("--truncate-to-timestamp", "2000", path);
        ProcessResult cut = await CheckAsync("--truncate-to-timestamp", "1999", path);

        Assert.Equal(1, nothingBefore.ExitCode);
        Assert.EndsWith("has nothing before timestamp 999, aborting...\n", nothingBefore.Output, StringComparison.Ordinal);
        Assert.Contains("Truncate nothing in AOF", nothingAfter.Output, StringComparison.Ordinal);
        Assert.Equal(0, cut.ExitCode);
        Assert.EndsWith($"Successfully truncated AOF {path} to timestamp 1999\n", cut.Output, StringComparison.Ordinal);
        Assert.Equal(early, await File.ReadAllTextAsync(path));
        Assert.Equal("Invalid timestamp, aborting...\n", (await CheckAsync("--truncate-to-timestamp", "x", path)).Output);
    }

    [SkippableTheory]
    [InlineData("file a seq 1\n", "Invalid AOF manifest file format\n")]
    [InlineData("file missing seq 1 type i\n", "aborting...\n")]
    public async Task A_manifest_that_is_wrong_or_names_what_is_not_there_is_told(string text, string reason)
    {
        ProcessResult result = await CheckAsync(Write("manifest", text));

        Assert.Equal(1, result.ExitCode);
        Assert.EndsWith(reason, result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Wrong_arguments_are_answered_with_the_usage()
    {
        ProcessResult result = await CheckAsync("--mend", "x");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("Usage: ", result.Output, StringComparison.Ordinal);
        Assert.StartsWith("valkey-check-aof ", (await CheckAsync("--version")).Output, StringComparison.Ordinal);
    }

    private static Task<ProcessResult> CheckAsync(params string[] arguments)
    {
        bool hasInput = arguments[0].EndsWith('\n');
        TestEnvironment.SkipIfExternal();
        return RedisTools.RunAsync(
            Path.Combine(Path.GetDirectoryName(TestEnvironment.ServerExecutable)!, "valkey-check-aof"),
            hasInput ? arguments[1..] : arguments, hasInput ? arguments[0] : null);
    }

    private string Write(string name, params string[] pieces)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(string.Concat(pieces)));
        return path;
    }
}
