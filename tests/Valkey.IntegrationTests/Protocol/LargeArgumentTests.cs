// Any byte and any size: keys and values are not text, and an argument may be far larger than a read buffer.

using System.Security.Cryptography;

namespace Valkey.IntegrationTests.Protocol;

public sealed class LargeArgumentTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task Every_byte_value_survives_in_keys_and_values(int resp)
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        await using RespClient client = await server.ConnectToEmptyAsync(resp);

        Assert.Equal("+OK\r\n", await client.RawAsync("SET", bytes, bytes));

        Assert.Equal(bytes, (await client.CallAsync("GET", bytes)).Bytes);
        Assert.Equal(bytes, (await client.CallAsync("KEYS", "*"))[0].Bytes);
    }

    [SkippableFact]
    public async Task Keys_that_differ_behind_a_nul_byte_are_different_keys()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        await client.CallAsync("SET", "a\0b", "1");
        await client.CallAsync("SET", "a\0c", "2");
        await client.CallAsync("SET", "a", "3");

        Assert.Equal("[1, 2, 3]", await client.TextAsync("MGET", "a\0b", "a\0c", "a"));
    }

    [SkippableTheory]
    [InlineData(16 * 1024 - 1)]
    [InlineData(16 * 1024)]
    [InlineData(32 * 1024 - 1)]
    [InlineData(32 * 1024)]
    [InlineData(32 * 1024 + 1)]
    [InlineData(64 * 1024)]
    [InlineData(1024 * 1024)]
    public async Task Sizes_around_the_buffers_limits_come_back_unchanged(int sizeBytes)
    {
        byte[] value = RandomNumberGenerator.GetBytes(sizeBytes);
        await using RespClient client = await server.ConnectToEmptyAsync();

        await client.CallAsync("SET", "sized", value);

        Assert.Equal(value, (await client.CallAsync("GET", "sized")).Bytes);
        Assert.Equal(sizeBytes, (await client.CallAsync("STRLEN", "sized")).Integer);
    }

    [SkippableFact]
    public async Task Big_and_small_commands_alternate_in_one_pipeline()
    {
        byte[] big = RandomNumberGenerator.GetBytes(100_000);
        await using RespClient client = await server.ConnectToEmptyAsync();
        using MemoryStream pipeline = new();
        for (int i = 0; i < 20; i++)
        {
            pipeline.Write(RespClient.Encode("SET", $"big{i}", big));
            pipeline.Write(RespClient.Encode("STRLEN", $"big{i}"));
        }

        await client.SendRawAsync(pipeline.ToArray());

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
            Assert.Equal(big.Length, (await client.ReadAsync()).Integer);
        }
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.LargeMemory)]
    public async Task A_value_of_100_MB_comes_back_unchanged()
    {
        byte[] value = new byte[100_000_000];
        new Random(20_241).NextBytes(value);
        await using RespClient client = await server.ConnectToEmptyAsync();
        client.Timeout *= 4;

        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "huge", value));

        RespValue reply = await client.CallAsync("GET", "huge");
        Assert.True(value.AsSpan().SequenceEqual(reply.Bytes), "The value came back changed.");
        await client.CallAsync("FLUSHALL");
    }

    [SkippableFact]
    public async Task An_announced_size_alone_does_not_cost_its_memory()
    {
        await using RespClient other = await server.ConnectToEmptyAsync();
        List<RespClient> clients = [];
        for (int i = 0; i < 10; i++)
        {
            RespClient client = await server.ConnectAsync();
            clients.Add(client);
            await client.SendRawAsync("*2\r\n$4\r\nECHO\r\n$536870912\r\nonly this much");
        }

        Assert.Equal("+PONG\r\n", await other.RawAsync("PING"));
        clients.ForEach(client => client.Dispose());

        Assert.Equal("+PONG\r\n", await other.RawAsync("PING"));
    }

    [SkippableFact]
    public async Task A_lower_limit_of_argument_sizes_is_obeyed()
    {
        await using RespClient client = await server.ConnectAsync();
        Assert.Equal("OK", await client.TextAsync("CONFIG", "SET", "proto-max-bulk-len", "2mb"));

        await client.SendRawAsync("*2\r\n$4\r\nECHO\r\n$2097153\r\n");

        Assert.Equal("-ERR Protocol error: invalid bulk length\r\n", await client.ReadToEndAsync());
        await using RespClient other = await server.ConnectAsync();
        Assert.Equal("OK", await other.TextAsync("CONFIG", "SET", "proto-max-bulk-len", "512mb"));
    }
}
