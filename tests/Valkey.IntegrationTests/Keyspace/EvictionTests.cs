// maxmemory: every policy keeps the limit, and only evicts what it may.

namespace Valkey.IntegrationTests.Keyspace;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class EvictionTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    private const long LimitBytes = 4 * 1024 * 1024;

    [SkippableTheory]
    [InlineData("allkeys-lru")]
    [InlineData("allkeys-lfu")]
    [InlineData("allkeys-random")]
    [InlineData("volatile-lru")]
    [InlineData("volatile-lfu")]
    [InlineData("volatile-random")]
    [InlineData("volatile-ttl")]
    public async Task Memory_stays_below_the_limit_and_permanent_keys_stay_under_volatile_policies(string policy)
    {
        await using RespClient client = await StartAsync(policy);
        await client.CallAsync("SET", "permanent", "x");

        for (int i = 0; i < 6000; i++)
        {
            RespValue reply = await client.CallAsync("SET", $"key:{i}", new string('v', 1000), "EX", "1000");
            Assert.Equal("OK", reply.Text);
        }

        Assert.True(await NumberAsync(client, "memory", "used_memory") <= LimitBytes + (64 * 1024));
        Assert.True(await NumberAsync(client, "stats", "evicted_keys") > 500);
        if (policy.StartsWith("volatile", StringComparison.Ordinal))
            Assert.Equal(1, (await client.CallAsync("EXISTS", "permanent")).Integer);
        await StopAsync(client);
    }

    [SkippableFact]
    public async Task Without_eviction_writes_are_refused_and_reads_go_on()
    {
        await using RespClient client = await StartAsync("noeviction");
        RespValue reply;
        int i = 0;
        do
        {
            reply = await client.CallAsync("SET", $"key:{i++}", new string('v', 1000));
        }
        while (!reply.IsError);

        Assert.Equal("OOM command not allowed when used memory > 'maxmemory'.", reply.Text);
        Assert.Equal(1000, (await client.CallAsync("STRLEN", "key:0")).Integer);
        Assert.Equal(1, (await client.CallAsync("DEL", "key:0")).Integer);
        await StopAsync(client);
    }

    [SkippableFact]
    public async Task The_soonest_end_goes_first_under_volatile_ttl()
    {
        await using RespClient client = await StartAsync("volatile-ttl");
        for (int i = 0; i < 1500; i++) await client.CallAsync("SET", $"late:{i}", new string('v', 1000), "EX", "100000");
        for (int i = 0; i < 1500; i++) await client.CallAsync("SET", $"soon:{i}", new string('v', 1000), "EX", "1000");
        for (int i = 0; i < 1000; i++) await client.CallAsync("SET", $"more:{i}", new string('v', 1000), "EX", "100000");

        int lateCount = (await client.CallAsync("KEYS", "late:*")).Items.Count;

        Assert.True(lateCount > 1400, $"{lateCount} of 1500 keys that live long are left");
        await StopAsync(client);
    }

    [SkippableFact]
    public async Task A_limit_below_what_is_used_is_reached_without_further_commands()
    {
        await using RespClient client = await StartAsync("allkeys-lru");
        await StopAsync(client);
        for (int i = 0; i < 6000; i++) await client.CallAsync("SET", $"key:{i}", new string('v', 1000));

        await client.CallAsync("CONFIG", "SET", "maxmemory", LimitBytes);

        await WaitFor.ConditionAsync(
            async () => await NumberAsync(client, "memory", "used_memory") <= LimitBytes, "memory is below the limit");
        Assert.Contains("WARNING: the new maxmemory value set via CONFIG SET", server.Server.Log, StringComparison.Ordinal);
        await StopAsync(client);
    }

    private static async Task StopAsync(RespClient client) => await client.CallAsync("CONFIG", "SET", "maxmemory", "0");

    private static async Task<long> NumberAsync(RespClient client, string section, string field)
    {
        string info = (await client.CallAsync("INFO", section)).Text;
        int start = info.IndexOf($"\n{field}:", StringComparison.Ordinal) + field.Length + 2;
        return long.Parse(info.AsSpan(start, info.IndexOf('\r', start) - start), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<RespClient> StartAsync(string policy)
    {
        TestEnvironment.SkipIfExternal();
        RespClient client = await server.ConnectAsync();
        await client.CallAsync("CONFIG", "SET", "maxmemory", "0");
        await client.CallAsync("FLUSHALL", "SYNC");
        await client.CallAsync("CONFIG", "RESETSTAT");
        await client.CallAsync("CONFIG", "SET", "maxmemory-policy", policy, "maxmemory", LimitBytes);
        return client;
    }
}
