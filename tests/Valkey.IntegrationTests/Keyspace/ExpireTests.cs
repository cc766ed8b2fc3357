// Times to live: setting, asking, taking away, and that the key is gone when its time has passed.

using System.Globalization;

namespace Valkey.IntegrationTests.Keyspace;

public sealed class ExpireTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData("EXPIRE", 100)]
    [InlineData("PEXPIRE", 100_000)]
    public async Task A_relative_time_to_live_is_set_and_told(string command, int duration)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v");

        Assert.Equal(":1\r\n", await client.RawAsync(command, "k", duration));

        Assert.InRange((await client.CallAsync("TTL", "k")).Integer, 95, 100);
        Assert.InRange((await client.CallAsync("PTTL", "k")).Integer, 95_000, 100_000);
    }

    [SkippableFact]
    public async Task An_absolute_time_is_set_and_told()
    {
        long atSeconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1000;
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "s", "v", "ms", "v");

        Assert.Equal(":1\r\n", await client.RawAsync("EXPIREAT", "s", atSeconds));
        Assert.Equal(":1\r\n", await client.RawAsync("PEXPIREAT", "ms", (atSeconds * 1000) + 7));

        Assert.Equal(atSeconds, (await client.CallAsync("EXPIRETIME", "s")).Integer);
        Assert.Equal((atSeconds * 1000) + 7, (await client.CallAsync("PEXPIRETIME", "ms")).Integer);
    }

    [SkippableTheory]
    [InlineData("TTL")]
    [InlineData("PTTL")]
    [InlineData("EXPIRETIME")]
    [InlineData("PEXPIRETIME")]
    public async Task Minus_one_is_a_key_without_and_minus_two_no_key_at_all(string command)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v");

        Assert.Equal(":-1\r\n", await client.RawAsync(command, "k"));
        Assert.Equal(":-2\r\n", await client.RawAsync(command, "missing"));
    }

    [SkippableTheory]
    [InlineData("EXPIRE", -1)]
    [InlineData("EXPIRE", 0)]
    [InlineData("PEXPIRE", -100)]
    [InlineData("EXPIREAT", 1)]
    public async Task A_time_in_the_past_deletes_at_once(string command, int time)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v");

        Assert.Equal(":1\r\n", await client.RawAsync(command, "k", time));

        Assert.Equal(":0\r\n", await client.RawAsync("DBSIZE"));
    }

    [SkippableFact]
    public async Task A_key_is_gone_for_every_reader_when_its_time_has_passed()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v", "PX", 20);

        await WaitFor.ConditionAsync(async () => (await client.CallAsync("GET", "k")).IsNull, "GET finds nothing");

        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "k"));
        Assert.Equal("+none\r\n", await client.RawAsync("TYPE", "k"));
        Assert.Equal("*0\r\n", await client.RawAsync("KEYS", "*"));
        Assert.Equal(":-2\r\n", await client.RawAsync("TTL", "k"));
    }

    [SkippableFact]
    public async Task Keys_that_nobody_reads_are_freed_too()
    {
        const int KeyCount = 500;
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("CONFIG", "RESETSTAT");
        for (int i = 0; i < KeyCount; i++) await client.CallAsync("SET", $"k{i}", "v", "PX", 1 + (i % 50));

        await WaitFor.ConditionAsync(async () => (await client.CallAsync("DBSIZE")).Integer == 0, "all keys are freed");

        RespValue stats = await client.CallAsync("INFO", "stats");
        Assert.Contains($"expired_keys:{KeyCount}\r\n", stats.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task PERSIST_takes_the_time_to_live_away()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v", "EX", 100);

        Assert.Equal(":1\r\n", await client.RawAsync("PERSIST", "k"));
        Assert.Equal(":0\r\n", await client.RawAsync("PERSIST", "k"));
        Assert.Equal(":0\r\n", await client.RawAsync("PERSIST", "missing"));

        Assert.Equal(":-1\r\n", await client.RawAsync("TTL", "k"));
    }

    [SkippableFact]
    public async Task SET_takes_the_time_to_live_away_unless_told_to_keep_it()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "1", "EX", 100);

        await client.CallAsync("SET", "k", "2", "KEEPTTL");
        Assert.InRange((await client.CallAsync("TTL", "k")).Integer, 90, 100);
        await client.CallAsync("APPEND", "k", "+");
        Assert.InRange((await client.CallAsync("TTL", "k")).Integer, 90, 100);
        await client.CallAsync("SET", "k", "3");

        Assert.Equal(":-1\r\n", await client.RawAsync("TTL", "k"));
    }

    [SkippableTheory]
    [InlineData("NX", false, 50, 1)]
    [InlineData("NX", true, 50, 0)]
    [InlineData("XX", false, 50, 0)]
    [InlineData("XX", true, 50, 1)]
    [InlineData("GT", true, 200, 1)]
    [InlineData("GT", true, 50, 0)]
    [InlineData("GT", false, 200, 0)]
    [InlineData("LT", true, 50, 1)]
    [InlineData("LT", true, 200, 0)]
    [InlineData("LT", false, 200, 1)]
    public async Task EXPIRE_obeys_its_conditions(string condition, bool hasTimeToLive, int seconds, int expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v");
        if (hasTimeToLive) await client.CallAsync("EXPIRE", "k", 100);

        Assert.Equal(expected, (await client.CallAsync("EXPIRE", "k", seconds, condition)).Integer);
    }

    [SkippableTheory]
    [InlineData("EXPIRE k 10 NX XX", "NX and XX, GT or LT options at the same time are not compatible")]
    [InlineData("EXPIRE k 10 GT LT", "GT and LT options at the same time are not compatible")]
    [InlineData("EXPIRE k 10 AB", "Unsupported option AB")]
    [InlineData("EXPIRE k ten", "value is not an integer or out of range")]
    [InlineData("EXPIRE k 9223372036854775807", "invalid expire time in 'expire' command")]
    [InlineData("PEXPIRE k 9223372036854775807", "invalid expire time in 'pexpire' command")]
    [InlineData("EXPIREAT k 9223372036854776", "invalid expire time in 'expireat' command")]
    [InlineData("GETEX k EX 0", "invalid expire time in 'getex' command")]
    [InlineData("SETEX k -1 v", "invalid expire time in 'setex' command")]
    public async Task Faulty_times_are_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "k", "v");

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("v", await client.TextAsync("GET", "k"));
    }

    [SkippableFact]
    public async Task A_time_to_live_ends_when_it_says()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        long endsAtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 300;
        await client.CallAsync("SET", "k", "v", "PXAT", endsAtMs.ToString(CultureInfo.InvariantCulture));

        await WaitFor.ConditionAsync(async () => (await client.CallAsync("EXISTS", "k")).Integer == 0, "the key is gone");

        Assert.True(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() >= endsAtMs, "The key went before its time.");
    }
}
