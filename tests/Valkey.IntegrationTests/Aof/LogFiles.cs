// Files of a log, made by hand for a server that does not run.

using System.Text;

namespace Valkey.IntegrationTests.Aof;

internal static class LogFiles
{
    /// <summary>The one increment that most tests need.</summary>
    public const string OneIncrement = "appendonly.aof.1.incr.aof";

    /// <summary>A command as a file has it.</summary>
    public static string Command(params object[] arguments) => Encoding.Latin1.GetString(RespClient.Encode(arguments));

    /// <summary>A server with a log, that ran and was killed: its folder is there to be filled.</summary>
    public static async Task<ServerProcess> KilledServerAsync(params string[] config)
    {
        ServerProcess server = await ServerProcess.StartAsync(["appendonly yes", .. config]);
        server.Kill();
        Directory.Delete(FolderOf(server), recursive: true);
        return server;
    }

    /// <summary>Where a server has its files.</summary>
    public static string FolderOf(ServerProcess server) => Path.Combine(server.Folder, "appendonlydir");

    /// <summary>Where a file of it is.</summary>
    public static string PathOf(ServerProcess server, string name) => Path.Combine(FolderOf(server), name);

    /// <summary>The manifest.</summary>
    public static string ManifestPathOf(ServerProcess server) => PathOf(server, "appendonly.aof.manifest");

    /// <summary>Writes a file of the folder.</summary>
    public static void Write(ServerProcess server, string name, params string[] pieces)
    {
        Directory.CreateDirectory(FolderOf(server));
        File.WriteAllBytes(PathOf(server, name), Encoding.Latin1.GetBytes(string.Concat(pieces)));
    }

    /// <summary>Makes these commands all that the log holds.</summary>
    public static void WriteOnly(ServerProcess server, params string[] pieces)
    {
        Write(server, OneIncrement, pieces);
        File.WriteAllText(ManifestPathOf(server), $"file {OneIncrement} seq 1 type i\n");
    }
}
