// A server with an append-only file, and what tests ask about it.

using System.Globalization;
using System.Text;

namespace Valkey.IntegrationTests.Aof;

internal static class AofServer
{
    public static readonly string[] Always = ["appendonly yes", "appendfsync always"];
    public static readonly string[] EverySecond = ["appendonly yes", "appendfsync everysec"];
    public static readonly string[] Never = ["appendonly yes", "appendfsync no"];
    public static readonly string[] Offloaded = ["appendonly yes", "appendfsync always", "bio-aof-offload-enabled yes"];

    /// <summary>The policies by the names that tests show.</summary>
    public static string[] Of(string policy) => policy switch
    {
        "always" => Always,
        "everysec" => EverySecond,
        "no" => Never,
        "offloaded" => Offloaded,
        _ => throw new ArgumentOutOfRangeException(nameof(policy)),
    };

    public static string FolderOf(ServerProcess server) => Path.Combine(server.Folder, "appendonlydir");

    public static string ManifestOf(ServerProcess server) => File.ReadAllText(Path.Combine(FolderOf(server), "appendonly.aof.manifest"));

    /// <summary>Names of the files in the folder, in order.</summary>
    public static string[] FilesOf(ServerProcess server) =>
        [.. Directory.GetFiles(FolderOf(server)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>The commands of an increment, as RESP.</summary>
    public static string IncrementOf(ServerProcess server, int sequence)
    {
        string path = Path.Combine(FolderOf(server), string.Create(CultureInfo.InvariantCulture, $"appendonly.aof.{sequence}.incr.aof"));
        return Encoding.Latin1.GetString(File.ReadAllBytes(path));
    }

    /// <summary>A field of INFO persistence; null when it is not there.</summary>
    public static async Task<string?> FieldAsync(RespClient client, string name)
    {
        string info = await client.TextAsync("INFO", "persistence");
        int start = info.IndexOf($"\n{name}:", StringComparison.Ordinal);
        if (start < 0) return null;
        start += name.Length + 2;
        return info[start..info.IndexOf('\r', start)];
    }

    public static Task WaitForFieldAsync(RespClient client, string name, string value) => WaitFor.ConditionAsync(
        async () => await FieldAsync(client, name) == value, $"INFO says {name}:{value}");

    /// <summary>What the client wrote is in the file: with everysec a write is put off while a sync is under way.</summary>
    public static async Task SettleAsync(RespClient client, string policy)
    {
        if (policy == "everysec") Assert.Equal("*2\r\n:1\r\n:0\r\n", await client.RawAsync("WAITAOF", 1, 0, 10_000));
    }

    /// <summary>No rewrite runs, and none is about to.</summary>
    public static async Task WaitForRewriteAsync(RespClient client)
    {
        await WaitForFieldAsync(client, "aof_rewrite_scheduled", "0");
        await WaitForFieldAsync(client, "aof_rewrite_in_progress", "0");
    }
}
