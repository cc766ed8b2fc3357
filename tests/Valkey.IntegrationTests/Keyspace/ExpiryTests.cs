// How keys are given an end, and how they meet it.

namespace Valkey.IntegrationTests.Keyspace;

public sealed class ExpiryTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData("EXPIRE key 10 NX", 0)]
    [InlineData("EXPIRE key 10 XX", 1)]
    [InlineData("EXPIRE key 200 GT", 1)]
    [InlineData("EXPIRE key 50 GT", 0)]
    [InlineData("EXPIRE key 50 LT", 1)]
    [InlineData("EXPIRE key 200 LT", 0)]
    [InlineData("EXPIRE key 50 XX LT", 1)]
    [InlineData("EXPIRE permanent 10 NX", 1)]
    [InlineData("EXPIRE permanent 10 XX", 0)]
    [InlineData("EXPIRE permanent 10 GT", 0)]
    [InlineData("EXPIRE permanent 10 LT", 1)]
    [InlineData("EXPIRE permanent 10 XX LT", 0)]
    [InlineData("EXPIRE nokey 10", 0)]
    public async Task An_expiry_is_set_when_its_condition_holds(string command, long expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "key", "x", "EX", "100");
        await client.CallAsync("SET", "permanent", "x");

        Assert.Equal(expected, (await client.CallAsync(command.Split(' '))).Integer);
    }

    [SkippableTheory]
    [InlineData("EXPIRE key 10 NX XX", "ERR NX and XX, GT or LT options at the same time are not compatible")]
    [InlineData("EXPIRE key 10 NX GT", "ERR NX and XX, GT or LT options at the same time are not compatible")]
    [InlineData("EXPIRE key 10 GT LT", "ERR GT and LT options at the same time are not compatible")]
    [InlineData("EXPIRE key 10 AB", "ERR Unsupported option AB")]
    [InlineData("EXPIRE key x", "ERR value is not an integer or out of range")]
    [InlineData("EXPIRE key 9223372036854775807", "ERR invalid expire time in 'expire' command")]
    [InlineData("EXPIRE key -9223372036854775808", "ERR invalid expire time in 'expire' command")]
    [InlineData("PEXPIRE key 9223372036854770000", "ERR invalid expire time in 'pexpire' command")]
    [InlineData("EXPIREAT key 9223372036854775807", "ERR invalid expire time in 'expireat' command")]
    public async Task A_faulty_expiry_is_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal($"-{expected}\r\n", await client.RawAsync(command.Split(' ')));
    }

    [SkippableFact]
    public async Task Times_are_told_in_all_units()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "key", "x");
        await client.CallAsync("PEXPIREAT", "key", "33177117420001");

        Assert.Equal(33177117420, (await client.CallAsync("EXPIRETIME", "key")).Integer);
        Assert.Equal(33177117420001, (await client.CallAsync("PEXPIRETIME", "key")).Integer);
        Assert.Equal(-2, (await client.CallAsync("PTTL", "nokey")).Integer);
        Assert.Equal(1, (await client.CallAsync("PERSIST", "key")).Integer);
        Assert.Equal(0, (await client.CallAsync("PERSIST", "key")).Integer);
        Assert.Equal(-1, (await client.CallAsync("TTL", "key")).Integer);
    }

    [SkippableFact]
    public async Task An_expiry_in_the_past_deletes_the_key_at_once()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "key", "x");

        Assert.Equal(1, (await client.CallAsync("EXPIRE", "key", "-1")).Integer);
        Assert.Equal(0, (await client.CallAsync("DBSIZE")).Integer);
    }

    [SkippableFact]
    public async Task Expired_keys_go_although_nobody_asks_for_them()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < 1000; i++) await client.CallAsync("SET", $"key:{i}", "x", "PX", "50");

        await WaitFor.ConditionAsync(async () => (await client.CallAsync("DBSIZE")).Integer == 0, "all keys have expired");
    }

    [SkippableFact]
    public async Task While_writes_are_paused_expired_keys_are_hidden_and_stay()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "key", "x", "PX", "20");
        await client.CallAsync("CLIENT", "PAUSE", "60000", "WRITE");
        await client.OutliveAsync(20);
        await client.OutliveCronAsync(3);

        bool isHidden = (await client.CallAsync("GET", "key")).IsNull;
        long count = (await client.CallAsync("DBSIZE")).Integer;
        await client.CallAsync("CLIENT", "UNPAUSE");

        Assert.True(isHidden);
        Assert.Equal(1, count);
        await WaitFor.ConditionAsync(async () => (await client.CallAsync("DBSIZE")).Integer == 0, "the key is gone");
    }
}
