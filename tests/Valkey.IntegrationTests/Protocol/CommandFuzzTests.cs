// Hostile arguments: every command of the server with random arguments, pipelined, torn anywhere, from several connections at
// once. Whatever is answered, others are served, memory comes back, and no exception reaches the log. The seed stands in the
// failure message; VALKEY_TEST_SEED repeats a run.

using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Valkey.IntegrationTests.Protocol;

public sealed class CommandFuzzTests
{
    private const int AttackerCount = 8;
    private const long GrowthMaxBytes = 16L << 20;
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(10);

    private static readonly int s_seed = int.Parse(
        Environment.GetEnvironmentVariable("VALKEY_TEST_SEED") ?? Random.Shared.Next().ToString(CultureInfo.InvariantCulture),
        CultureInfo.InvariantCulture);

    /// <summary>What ends, stops or reconfigures the server on purpose.</summary>
    private static readonly HashSet<string> s_excluded = new(StringComparer.OrdinalIgnoreCase)
    {
        "shutdown", "debug", "module", "replicaof", "slaveof", "failover", "acl", "config|set", "config|rewrite", "client|pause", "client|kill",
    };

    private const string ManyDraws = "-2147483648";

    private static readonly string[] s_words =
    [
        "NX", "XX", "GT", "LT", "EX", "PX", "EXAT", "PXAT", "KEEPTTL", "GET", "IFEQ", "PERSIST", "REPLACE", "DB", "MATCH", "COUNT",
        "TYPE", "IDX", "LEN", "MINMATCHLEN", "WITHMATCHLEN", "BYTE", "BIT", "OVERFLOW", "WRAP", "SAT", "FAIL", "SET", "INCRBY", "AND",
        "OR", "XOR", "NOT", "u8", "i64", "u63", "i1", "#1", "ASYNC", "SYNC", "ON", "OFF", "SKIP", "YES", "NO", "ID", "slow", "string",
        "*", "[a-", "\\", "k*", "?*?*?", "[^", "%s%n", "a b", "a\r\nb", "\0", "",
    ];

    private static readonly string[] s_numbers =
    [
        "0", "1", "-1", "2", "3", "7", "8", "100", "255", "256", "2147483647", "2147483648", ManyDraws, "4294967296",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "1.5", "-0", "1e400", "nan",
        "inf", "-inf", "+1", " 1", "0x10", "00", "99999999999999999999999999",
    ];

    [SkippableFact]
    public async Task Commands_with_random_arguments_do_no_harm()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient other = await server.ConnectAsync();
        string[][] commands = await CommandsAsync(other);
        long usedBefore = await UsedMemoryAsync(other);

        Stopwatch time = Stopwatch.StartNew();
        Task[] attackers = new Task[AttackerCount];
        for (int i = 0; i < attackers.Length; i++)
        {
            Random random = new(s_seed + i);
            attackers[i] = Task.Run(() => AttackAsync(server, commands, random, () => time.Elapsed < s_duration && !server.HasExited));
        }

        other.Timeout = TimeSpan.FromSeconds(5);
        while (time.Elapsed < s_duration)
        {
            Assert.True(!server.HasExited, $"The server is gone, seed {s_seed}: {server.Log}{server.Errors}");
            Assert.Equal("PONG", await other.TextAsync("PING"));
            await Task.Delay(100);
        }

        await Task.WhenAll(attackers);
        await other.CallAsync("FLUSHALL", "SYNC");
        await WaitFor.ConditionAsync(
            async () => await UsedMemoryAsync(other) - usedBefore < GrowthMaxBytes, $"the memory is back (seed {s_seed})");
        Assert.True(IsQuiet(server.Log), $"seed {s_seed}: {server.Log}");
    }

    private static bool IsQuiet(string log) =>
        !log.Contains(" threw", StringComparison.Ordinal) && !log.Contains("Unexpected failure", StringComparison.Ordinal);

    private static async Task AttackAsync(ServerProcess server, string[][] commands, Random random, Func<bool> goesOn)
    {
        while (goesOn())
        {
            try
            {
                await using RespClient client = await server.ConnectAsync(random.Next(2) + 2);
                Task reading = client.ReadToEndAsync();
                client.Timeout = TimeSpan.FromSeconds(20);
                for (int i = random.Next(1, 40); i > 0 && goesOn(); i--) await SendTornAsync(client, Pipeline(commands, random), random);
                if (random.Next(2) == 0) client.ShutdownSend();
                else client.Reset();
                await reading;
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // QUIT, a protocol error, or the reset above: the next connection goes on.
            }
        }
    }

    private static async Task SendTornAsync(RespClient client, byte[] bytes, Random random)
    {
        for (int offset = 0; offset < bytes.Length;)
        {
            int count = random.Next(2) == 0 ? bytes.Length - offset : random.Next(1, bytes.Length - offset + 1);
            await client.SendRawAsync(bytes.AsMemory(offset, count));
            offset += count;
        }
    }

    private static byte[] Pipeline(string[][] commands, Random random)
    {
        using MemoryStream bytes = new();
        for (int i = random.Next(1, 60); i > 0; i--)
        {
            List<object> arguments = [.. commands[random.Next(commands.Length)]];
            bool isReply = arguments is ["client", "reply"];
            for (int j = random.Next(7); j > 0; j--) arguments.Add(isReply ? "on" : Argument(random));
            if (IsDraw((string)arguments[0])) arguments.RemoveAll(ManyDraws.Equals);
            bytes.Write(random.Next(10) == 0 ? Inline(arguments) : RespClient.Encode([.. arguments]));
        }

        if (random.Next(50) == 0) bytes.Write("*2\r\n$500000000\r\nx"u8);
        return bytes.ToArray();
    }

    /// <summary>Whether a negative count asks for so many elements: 2^31 of them would be a fair reply of 20 GB.</summary>
    private static bool IsDraw(string command) => command is "srandmember" or "hrandfield" or "zrandmember";

    private static byte[] Inline(List<object> arguments)
    {
        StringBuilder line = new();
        foreach (object argument in arguments)
        {
            line.Append('"');
            byte[] bytes = argument as byte[] ?? Encoding.Latin1.GetBytes((string)argument);
            foreach (byte letter in bytes) line.Append("\\x").Append(letter.ToString("x2", CultureInfo.InvariantCulture));
            line.Append("\" ");
        }

        return Encoding.Latin1.GetBytes(line.Append("\r\n").ToString());
    }

    private static object Argument(Random random)
    {
        switch (random.Next(10))
        {
            case < 4: return "k" + random.Next(10).ToString(CultureInfo.InvariantCulture);
            case < 6: return s_words[random.Next(s_words.Length)];
            case < 8:
                return random.Next(2) == 0 ? s_numbers[random.Next(s_numbers.Length)]
                : random.Next(-5, 3000).ToString(CultureInfo.InvariantCulture);
            default:
                byte[] bytes = new byte[random.Next(20) == 0 ? random.Next(20_000) : random.Next(70)];
                random.NextBytes(bytes);
                return bytes;
        }
    }

    /// <summary>All commands, those with subcommands once per subcommand.</summary>
    private static async Task<string[][]> CommandsAsync(RespClient client)
    {
        List<string[]> commands = [];
        foreach (RespValue info in (await client.CallAsync("COMMAND")).Items)
        {
            string name = info[0].Text;
            if (s_excluded.Contains(name)) continue;
            RespValue subcommands = info[9];
            if (subcommands.Items.Count == 0) commands.Add([name]);
            foreach (RespValue subcommand in subcommands.Items)
            {
                if (!s_excluded.Contains(subcommand[0].Text)) commands.Add(subcommand[0].Text.Split('|'));
            }
        }

        return [.. commands];
    }

    private static async Task<long> UsedMemoryAsync(RespClient client)
    {
        RespValue info = await client.CallAsync("INFO", "memory");
        string line = info.Text.Split("\r\n").First(l => l.StartsWith("used_memory:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan("used_memory:".Length), CultureInfo.InvariantCulture);
    }
}
