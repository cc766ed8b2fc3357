// What the tests of forked saves share: a server that saves slowly, its child, the file.

using System.Globalization;
using System.Text;

namespace Valkey.IntegrationTests.Forking;

internal static class SavingServer
{
    /// <summary>A server whose child takes milliseconds per key, so that it can be met at work.</summary>
    public static async Task<ServerProcess> StartSlowAsync(params string[] config)
    {
        TestEnvironment.SkipUnlessOurServer();
        ServerProcess server = await ServerProcess.StartAsync(["enable-debug-command yes", "rdb-key-save-delay 10000", .. config]);
        using RespClient client = await server.ConnectAsync();
        await client.CallAsync("DEBUG", "POPULATE", "10000");
        return server;
    }

    /// <summary>Begins a save; the child's process id.</summary>
    public static async Task<int> BeginSaveAsync(ServerProcess server, RespClient client)
    {
        Assert.Equal("+Background saving started\r\n", await client.RawAsync("BGSAVE", "FORK"));
        List<int> children = ChildrenOf(server.ProcessId);
        return Assert.Single(children);
    }

    /// <summary>A field of INFO persistence or stats.</summary>
    public static async Task<string> InfoAsync(RespClient client, string section, string field)
    {
        string info = await client.TextAsync("INFO", section);
        foreach (string line in info.Split("\r\n"))
        {
            if (line.StartsWith(field + ":", StringComparison.Ordinal)) return line[(field.Length + 1)..];
        }

        return "";
    }

    public static Task WaitForEndAsync(RespClient client) => WaitFor.ConditionAsync(
        async () => await InfoAsync(client, "persistence", "rdb_bgsave_in_progress") == "0", "the save has ended", TimeSpan.FromSeconds(60));

    /// <summary>A line of /proc/PID/status.</summary>
    public static string StatusOf(int processId, string field)
    {
        foreach (string line in File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status")))
        {
            if (line.StartsWith(field + ":", StringComparison.Ordinal)) return line[(field.Length + 1)..].Trim();
        }

        return "";
    }

    /// <summary>Gone, or dead and waiting for somebody to notice.</summary>
    public static bool HasEnded(int processId)
    {
        try
        {
            return StatusOf(processId, "State").StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>The value of a short string key in a snapshot that is not compressed; null when the key is not there.</summary>
    public static string? ValueIn(byte[] file, string key)
    {
        byte[] name = [(byte)key.Length, .. Encoding.ASCII.GetBytes(key)];
        int at = file.AsSpan().IndexOf(name);
        if (at < 0) return null;
        at += name.Length;
        return Encoding.ASCII.GetString(file, at + 1, file[at]);
    }

    private static List<int> ChildrenOf(int processId)
    {
        string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{processId}/children"));
        List<int> children = [];
        foreach (string child in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            children.Add(int.Parse(child, CultureInfo.InvariantCulture));
        return children;
    }
}
