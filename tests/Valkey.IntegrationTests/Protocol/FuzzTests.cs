// Hostile bytes: random ones, and good requests with a few bytes changed. Whatever the server answers, it stays up, keeps
// serving others, and gives its memory back. The seed is in the failure message; VALKEY_TEST_SEED repeats a run.

using System.Globalization;
using System.Net.Sockets;

namespace Valkey.IntegrationTests.Protocol;

public sealed class FuzzTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    private const int RequestCount = 1500;
    private const long GrowthMaxBytes = 64L << 20;

    private static readonly int s_seed = int.Parse(
        Environment.GetEnvironmentVariable("VALKEY_TEST_SEED")
            ?? Random.Shared.Next().ToString(CultureInfo.InvariantCulture),
        CultureInfo.InvariantCulture);

    private static readonly byte[][] s_goodRequests =
    [
        RespClient.Encode("SET", "fuzz:key", "value"),
        RespClient.Encode("GET", "fuzz:key"),
        RespClient.Encode("MGET", "fuzz:a", "fuzz:b", "fuzz:c"),
        RespClient.Encode("SETRANGE", "fuzz:key", 5, "abc"),
        RespClient.Encode("LPUSH", "fuzz:list", "a", "b", "c"),
        RespClient.Encode("HELLO", 3, "SETNAME", "fuzz"),
        RespClient.Encode("EXPIRE", "fuzz:key", 100),
        RespClient.Encode("MULTI"),
        RespClient.Encode("EXEC"),
        RespClient.Encode("SCAN", 0, "MATCH", "fuzz:*", "COUNT", 10),
        RespClient.Encode("COMMAND", "DOCS", "get"),
        RespClient.Encode("CLIENT", "LIST"),
        "PING\r\n"u8.ToArray(),
        "SET \"fuzz:in line\" 'quo\\'ted'\r\n"u8.ToArray(),
        "*0\r\n*-1\r\n"u8.ToArray(),
    ];

    [SkippableFact]
    public Task Random_bytes_do_no_harm() => AttackAsync(RandomBytes);

    [SkippableFact]
    public Task Requests_with_changed_bytes_do_no_harm() => AttackAsync(MutatedRequest);

    [SkippableFact]
    public Task Requests_made_of_the_protocols_own_tokens_do_no_harm() => AttackAsync(TokenSoup);

    private async Task AttackAsync(Func<Random, byte[]> next)
    {
        Random random = new(s_seed);
        await using RespClient other = await server.ConnectToEmptyAsync();
        long usedBefore = await UsedMemoryAsync(other);

        for (int i = 0; i < RequestCount; i++)
        {
            byte[] request = next(random);
            await SendToNewConnectionAsync(request);
            if (i % 100 == 0) await ExpectAliveAsync(other, i, request);
        }

        await ExpectAliveAsync(other, RequestCount, []);
        await other.CallAsync("FLUSHALL");
        await WaitFor.ConditionAsync(
            async () => await UsedMemoryAsync(other) - usedBefore < GrowthMaxBytes,
            $"the memory is back (seed {s_seed})");
    }

    private async Task SendToNewConnectionAsync(byte[] request)
    {
        await using RespClient client = await server.ConnectAsync();
        try
        {
            await client.SendRawAsync(request);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has closed the connection already; that is one of its rights here.
        }
    }

    private static async Task ExpectAliveAsync(RespClient other, int requestIndex, byte[] request)
    {
        string where = $"request {requestIndex}, seed {s_seed}: {Convert.ToHexString(request)}";
        try
        {
            Assert.True("PONG" == await other.TextAsync("PING"), where);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            Assert.Fail($"The server is gone at {where}: {e.Message}");
        }
    }

    private static async Task<long> UsedMemoryAsync(RespClient client)
    {
        RespValue info = await client.CallAsync("INFO", "memory");
        string line = info.Text.Split("\r\n").First(l => l.StartsWith("used_memory:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan("used_memory:".Length), CultureInfo.InvariantCulture);
    }

    private static byte[] RandomBytes(Random random)
    {
        byte[] bytes = new byte[random.Next(1, 2000)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] MutatedRequest(Random random)
    {
        List<byte> bytes = [];
        for (int i = random.Next(1, 6); i > 0; i--) bytes.AddRange(s_goodRequests[random.Next(s_goodRequests.Length)]);
        for (int i = random.Next(1, 8); i > 0 && bytes.Count > 0; i--)
        {
            int position = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0: bytes[position] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(position); break;
                default: bytes.Insert(position, (byte)"*$-0123456789\r\n\"'"[random.Next(17)]); break;
            }
        }

        return [.. bytes];
    }

    private static byte[] TokenSoup(Random random)
    {
        string[] tokens = ["*", "$", "\r\n", "\n", "0", "1", "3", "-1", "9999999999", "GET", "SET", "k", "\"", "'", " ", "\0"];
        return [.. string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => tokens[random.Next(tokens.Length)]))
            .Select(c => (byte)c)];
    }
}
