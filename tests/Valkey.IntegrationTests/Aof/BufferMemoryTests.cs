// What is logged and not written yet: told as memory, and left out where maxmemory is judged.

using System.Globalization;
using Valkey.IntegrationTests.Durability;

namespace Valkey.IntegrationTests.Aof;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class BufferMemoryTests
{
    private const int ValueBytes = 64 * 1024;

    [SkippableFact]
    public async Task Without_an_append_only_file_there_is_no_buffer()
    {
        TestEnvironment.SkipIfExternal();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "key", new string('v', ValueBytes));

        Picture picture = await LookAsync(client);

        Assert.Equal(0, picture.BufferBytes);
        Assert.Equal(0, picture.Memory("mem_not_counted_for_evict"));
        Assert.Equal(0, picture.Stat("aof.buffer"));
    }

    [SkippableTheory]
    [InlineData("everysec")]
    [InlineData("offloaded")]
    public async Task What_waits_for_the_disk_is_told_and_goes_when_it_is_written(string policy)
    {
        using FaultyDisk disk = await FaultyDisk.CreateAsync();
        await using ServerProcess server = await StartAsync(disk, policy);
        await using RespClient client = await server.ConnectAsync();
        await using RespClient writer = await server.ConnectAsync();
        await WaitUntilWrittenAsync(client);
        long overheadBefore = (await LookAsync(client)).Memory("used_memory_overhead");

        disk.SyncDelayUs = 60_000_000;
        Picture picture = await FillBufferAsync(client, writer, policy, keys: 1, look => look.BufferBytes >= 32 * ValueBytes);

        Assert.Equal(picture.BufferBytes, picture.Memory("mem_not_counted_for_evict"));
        Assert.Equal(picture.BufferBytes, picture.Stat("aof.buffer"));
        Assert.True(picture.Memory("used_memory") > picture.BufferBytes);
        Assert.True(picture.Memory("used_memory_overhead") >= overheadBefore + picture.BufferBytes - ValueBytes, "it is overhead");
        Assert.True(picture.Stat("overhead.total") >= picture.BufferBytes);
        Assert.True(picture.Memory("used_memory_dataset") < 16 * ValueBytes, "it is not data");

        disk.SyncDelayUs = 0;
        await WaitUntilWrittenAsync(client);
        await client.CallAsync("CONFIG", "SET", "appendonly", "no");
        Assert.Equal(0, (await LookAsync(client)).BufferBytes);
    }

    [SkippableTheory]
    [InlineData("everysec")]
    [InlineData("offloaded")]
    public async Task A_disk_that_stalls_evicts_nothing(string policy)
    {
        const int Keys = 20;
        using FaultyDisk disk = await FaultyDisk.CreateAsync();
        await using ServerProcess server = await StartAsync(disk, policy);
        await using RespClient client = await server.ConnectAsync();
        await using RespClient writer = await server.ConnectAsync();
        for (int i = 0; i < Keys; i++) await client.CallAsync("SET", $"key:{i}", new string('v', ValueBytes));
        await WaitUntilWrittenAsync(client);
        long limit = (await LookAsync(client)).Memory("used_memory") + (20 * ValueBytes);
        await client.CallAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", limit);

        disk.SyncDelayUs = 60_000_000;
        await FillBufferAsync(client, writer, policy, Keys, look => look.Memory("used_memory") > limit + (8 * ValueBytes));

        Assert.Contains("\r\nevicted_keys:0\r\n", await client.TextAsync("INFO", "stats"), StringComparison.Ordinal);
        Assert.Contains($"db0:keys={Keys},", await client.TextAsync("INFO", "keyspace"), StringComparison.Ordinal);
        disk.SyncDelayUs = 0;
    }

    private static Task<ServerProcess> StartAsync(FaultyDisk disk, string policy) => ServerProcess.StartAsync(new ServerOptions
    {
        Config = [.. AofServer.Of(policy), "auto-aof-rewrite-percentage 0"],
        Environment = disk.Environment,
    });

    /// <summary>Overwrites keys until it looks as wanted. With everysec a write waits while a sync is under way, for two seconds.</summary>
    private static async Task<Picture> FillBufferAsync(
        RespClient client, RespClient writer, string policy, int keys, Predicate<Picture> isEnough)
    {
        const int Count = 48;
        string value = new('w', ValueBytes);
        Picture picture = null!;
        await WaitFor.ConditionAsync(
            async () =>
            {
                for (int i = 0; i < Count; i++) await writer.SendAsync("SET", $"key:{i % keys}", value);
                for (int i = 0; i < Count && policy == "everysec"; i++) await writer.ReadAsync(); // offloaded, none comes
                picture = await LookAsync(client);
                return isEnough(picture);
            },
            "commands wait to be written");
        return picture;
    }

    /// <summary>Everything is written, and what is kept of the buffers is small.</summary>
    private static Task WaitUntilWrittenAsync(RespClient client) => WaitFor.ConditionAsync(
        async () => await AofServer.FieldAsync(client, "aof_buffer_length") == "0"
            && await AofServer.FieldAsync(client, "aof_pending_bio_fsync") == "0"
            && (await LookAsync(client)).BufferBytes <= 2 * 1024 * 1024,
        "everything is written");

    private static async Task<Picture> LookAsync(RespClient client)
    {
        await client.CallAsync("MULTI");
        await client.CallAsync("INFO", "memory");
        await client.CallAsync("MEMORY", "STATS");
        RespValue replies = await client.CallAsync("EXEC");
        return new Picture(replies[0].Text, replies[1]);
    }

    /// <summary>INFO memory and MEMORY STATS of one moment.</summary>
    private sealed record Picture(string Info, RespValue Stats)
    {
        public long BufferBytes => Memory("mem_aof_buffer");

        public long Memory(string field)
        {
            string line = Info.Split("\r\n").Single(line => line.StartsWith($"{field}:", StringComparison.Ordinal));
            return long.Parse(line.AsSpan(field.Length + 1), CultureInfo.InvariantCulture);
        }

        public long Stat(string name)
        {
            for (int i = 0; i < Stats.Items.Count; i += 2)
            {
                if (Stats[i].Text == name) return Stats[i + 1].Integer;
            }

            throw new InvalidOperationException($"MEMORY STATS has no {name}");
        }
    }
}
