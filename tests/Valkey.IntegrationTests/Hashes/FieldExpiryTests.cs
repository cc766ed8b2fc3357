// Fields with a time to live, through the real server. The same holds for Valkey 9.1.

namespace Valkey.IntegrationTests.Hashes;

public sealed class FieldExpiryTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    private const string CountError = "ERR numfields should be greater than 0 and match the provided number of fields";
    private const long FarUnixMs = 33_177_117_420_000;

    [SkippableTheory]
    [InlineData("HEXPIRE h 100 FIELDS 3 plain timed none", "1 1 -2")]
    [InlineData("HEXPIRE h 100 NX FIELDS 3 plain timed none", "1 0 -2")]
    [InlineData("HEXPIRE h 100 XX FIELDS 3 plain timed none", "0 1 -2")]
    [InlineData("HEXPIRE h 2000 GT FIELDS 3 plain timed none", "0 1 -2")]
    [InlineData("HEXPIRE h 500 GT FIELDS 2 plain timed", "0 0")]
    [InlineData("HEXPIRE h 500 LT FIELDS 2 plain timed", "1 1")]
    [InlineData("HEXPIRE h 2000 LT FIELDS 2 plain timed", "1 0")]
    [InlineData("HEXPIRE h 500 XX LT FIELDS 2 plain timed", "0 1")]
    [InlineData("HEXPIRE h 0 FIELDS 2 plain timed", "2 2")]
    [InlineData("HPEXPIREAT h 1 XX FIELDS 2 plain timed", "0 2")]
    [InlineData("HEXPIREAT h 33177117420 FIELDS 1 plain", "1")]
    [InlineData("HPEXPIRE h 100000 fields 1 plain", "1")]
    [InlineData("HPERSIST h FIELDS 3 plain timed none", "-1 1 -2")]
    [InlineData("HTTL h FIELDS 2 plain none", "-1 -2")]
    [InlineData("HEXPIRETIME h FIELDS 2 plain none", "-1 -2")]
    public async Task Each_field_is_answered_with_a_number(string command, string expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("HSET", "h", "plain", "1", "timed", "2");
        await client.CallAsync("HEXPIRE", "h", 1000, "FIELDS", 1, "timed");

        Assert.Equal(expected.Split(' '), (await client.CallAsync(command.Split(' '))).Texts());
    }

    [SkippableTheory]
    [InlineData("HEXPIRE h 10 NX XX FIELDS 1 f", "ERR NX and XX, GT or LT options at the same time are not compatible")]
    [InlineData("HEXPIRE h 10 GT LT FIELDS 1 f", "ERR GT and LT options at the same time are not compatible")]
    [InlineData("HEXPIRE h 10 ab FIELDS 1 f", "ERR Unsupported option ab")]
    [InlineData("HEXPIRE h x FIELDS 1 f", "ERR value is not an integer or out of range")]
    [InlineData("HEXPIRE h -1 FIELDS 1 f", "ERR invalid expire time in 'hexpire' command")]
    [InlineData("HEXPIRE h 9223372036854775807 FIELDS 1 f", "ERR invalid expire time in 'hexpire' command")]
    [InlineData("HPEXPIRE h 9223372036854775807 FIELDS 1 f", "ERR invalid expire time in 'hpexpire' command")]
    [InlineData("HEXPIREAT h 9223372036854775807 FIELDS 1 f", "ERR invalid expire time in 'hexpireat' command")]
    [InlineData("HPEXPIREAT h -1 FIELDS 1 f", "ERR invalid expire time in 'hpexpireat' command")]
    [InlineData("HEXPIRE h 10 FIELDS 2 f", CountError)]
    [InlineData("HEXPIRE h 10 FIELDS 0 f", CountError)]
    [InlineData("HEXPIRE h 10 FIELDS x f", "ERR value is not an integer or out of range")]
    [InlineData("HEXPIRE h 10 f g h", CountError)]
    [InlineData("HPERSIST h FIELDS 2 f", CountError)]
    [InlineData("HTTL h FIELDS 2 f", "ERR syntax error")]
    [InlineData("HPEXPIRETIME h FIELDS 0 f", "ERR syntax error")]
    [InlineData("HGETDEL h FIELDS 2 f", CountError)]
    [InlineData("HGETEX h EX 10 PERSIST FIELDS 1 f", "ERR syntax error")]
    [InlineData("HGETEX h EX FIELDS 1 f", "ERR syntax error")]
    [InlineData("HGETEX h KEEPTTL FIELDS 1 f", "ERR syntax error")]
    [InlineData("HGETEX h FIELDS -1 f", CountError)]
    [InlineData("HGETEX h PX -5 FIELDS 1 f", "ERR invalid expire time in 'hgetex' command")]
    [InlineData("HSETEX h EX 10 PX 10 FIELDS 1 f v", "ERR syntax error")]
    [InlineData("HSETEX h FNX FXX FIELDS 1 f v", "ERR syntax error")]
    [InlineData("HSETEX h NX XX FIELDS 1 f v", "ERR syntax error")]
    [InlineData("HSETEX h PERSIST FIELDS 1 f v", "ERR syntax error")]
    [InlineData("HSETEX h FIELDS 1 f v g", CountError)]
    [InlineData("HSETEX h EX -1 FIELDS 1 f v", "ERR invalid expire time in 'hsetex' command")]
    public async Task What_cannot_be_meant_is_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("HSET", "h", "f", "1");

        Assert.Equal($"-{expected}\r\n", await client.RawAsync(command.Split(' ')));

        Assert.Equal(["f", "1"], (await client.CallAsync("HGETALL", "h")).Texts());
        Assert.Equal("listpack", await client.TextAsync("OBJECT", "ENCODING", "h"));
    }

    [SkippableFact]
    public async Task Times_are_told_in_all_units()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("HSETEX", "h", "PXAT", FarUnixMs + 1, "FIELDS", 1, "f", "v");

        Assert.Equal([$"{FarUnixMs / 1000}"], (await client.CallAsync("HEXPIRETIME", "h", "FIELDS", 1, "f")).Texts());
        Assert.Equal([$"{FarUnixMs + 1}"], (await client.CallAsync("HPEXPIRETIME", "h", "FIELDS", 1, "f")).Texts());
        long leftMs = (await client.CallAsync("HPTTL", "h", "FIELDS", 1, "f"))[0].Integer;
        long left = (await client.CallAsync("HTTL", "h", "FIELDS", 1, "f"))[0].Integer;
        Assert.InRange(left, (leftMs / 1000) - 5, (leftMs / 1000) + 1);
    }

    [SkippableTheory]
    [InlineData("HSETEX h NX FIELDS 1 f v", 0)]
    [InlineData("HSETEX h XX FIELDS 1 f v", 1)]
    [InlineData("HSETEX new NX FIELDS 1 f v", 1)]
    [InlineData("HSETEX new XX FIELDS 1 f v", 0)]
    [InlineData("HSETEX h FNX FIELDS 2 f v g v", 0)]
    [InlineData("HSETEX h FNX FIELDS 1 g v", 1)]
    [InlineData("HSETEX h FXX FIELDS 2 f v g v", 0)]
    [InlineData("HSETEX h FXX EX 10 FIELDS 1 f v", 1)]
    [InlineData("HSETEX new FNX FIELDS 1 f v", 1)]
    [InlineData("HSETEX new FXX FIELDS 1 f v", 0)]
    public async Task HSETEX_sets_all_fields_or_none(string command, long expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("HSET", "h", "f", "old");

        Assert.Equal(expected, (await client.CallAsync(command.Split(' '))).Integer);

        string key = command.Split(' ')[1];
        string[] values = (await client.CallAsync("HVALS", key)).Texts();
        Assert.Equal(expected == 1, values.Contains("v"));
    }

    [SkippableFact]
    public async Task An_expiry_goes_with_a_plain_HSET_and_stays_with_KEEPTTL_and_HINCRBY()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("HSETEX", "h", "PXAT", FarUnixMs, "FIELDS", 3, "set", 1, "kept", 1, "counted", 1);

        await client.CallAsync("HSET", "h", "set", 2);
        await client.CallAsync("HSETEX", "h", "KEEPTTL", "FIELDS", 2, "kept", 2, "new", 2);
        await client.CallAsync("HINCRBY", "h", "counted", 1);

        Assert.Equal(
            ["-1", $"{FarUnixMs}", $"{FarUnixMs}", "-1"],
            (await client.CallAsync("HPEXPIRETIME", "h", "FIELDS", 4, "set", "kept", "counted", "new")).Texts());
        Assert.Equal(["2", "2", "2", "2"], (await client.CallAsync("HMGET", "h", "set", "kept", "counted", "new")).Texts());
    }

    [SkippableFact]
    public async Task HGETEX_reads_and_changes_the_expiry_in_one_step()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("HSET", "h", "a", "1", "b", "2");

        Assert.Equal(["1", "(nil)"], (await client.CallAsync("HGETEX", "h", "PXAT", FarUnixMs, "FIELDS", 2, "a", "none")).Texts());
        Assert.Equal([$"{FarUnixMs}", "-1"], (await client.CallAsync("HPEXPIRETIME", "h", "FIELDS", 2, "a", "b")).Texts());
        Assert.Equal(["1"], (await client.CallAsync("HGETEX", "h", "PERSIST", "FIELDS", 1, "a")).Texts());
        Assert.Equal(["-1"], (await client.CallAsync("HTTL", "h", "FIELDS", 1, "a")).Texts());
        Assert.Equal(["1", "2"], (await client.CallAsync("HGETEX", "h", "EX", 0, "FIELDS", 2, "a", "b")).Texts());
        Assert.Equal(0, (await client.CallAsync("EXISTS", "h")).Integer);
    }

    [SkippableFact]
    public async Task Expired_fields_go_although_nobody_asks_for_them_and_take_their_key_along()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < 100; i++) await client.CallAsync("HSETEX", $"all:{i}", "PX", 50, "FIELDS", 2, "a", 1, "b", 2);
        for (int i = 0; i < 1000; i++) await client.CallAsync("HSETEX", "some", "PX", 50, "FIELDS", 1, $"f{i}", 1);
        await client.CallAsync("HSET", "some", "stays", 1);

        await WaitFor.ConditionAsync(async () => (await client.CallAsync("DBSIZE")).Integer == 1, "the other keys are gone");
        await WaitFor.ConditionAsync(async () => (await client.CallAsync("HLEN", "some")).Integer == 1, "its fields are gone");

        Assert.Equal("1", await client.TextAsync("HGET", "some", "stays"));
        await WaitFor.ConditionAsync(
            async () => (await client.TextAsync("INFO", "keyspace")).Contains("keys_with_volatile_items=0", StringComparison.Ordinal),
            "no key has expiring fields");
    }

    [SkippableFact]
    public async Task INFO_tells_of_expiring_and_expired_fields()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("CONFIG", "RESETSTAT");
        await client.CallAsync("HSETEX", "a", "EX", 100, "FIELDS", 1, "f", 1);
        await client.CallAsync("HSETEX", "b", "EX", 100, "FIELDS", 2, "f", 1, "g", 1);
        await client.CallAsync("HSET", "c", "f", 1);
        Assert.Contains("keys=3,expires=0,avg_ttl=0,keys_with_volatile_items=2", await client.TextAsync("INFO", "keyspace"), StringComparison.Ordinal);

        await client.CallAsync("HPERSIST", "a", "FIELDS", 1, "f");
        await client.CallAsync("RENAME", "b", "renamed");
        await client.CallAsync("COPY", "renamed", "copy");
        await client.CallAsync("EXPIRE", "copy", 100);
        await client.CallAsync("HEXPIRE", "renamed", 0, "FIELDS", 2, "f", "g");

        Assert.Contains("keys=3,expires=1,", await client.TextAsync("INFO", "keyspace"), StringComparison.Ordinal);
        Assert.Contains("keys_with_volatile_items=1", await client.TextAsync("INFO", "keyspace"), StringComparison.Ordinal);
        Assert.Contains("expired_fields:2\r\n", await client.TextAsync("INFO", "stats"), StringComparison.Ordinal);
        await client.CallAsync("FLUSHALL");
        Assert.DoesNotContain("db0", await client.TextAsync("INFO", "keyspace"), StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ClusterSkip)]
    public async Task Expiring_fields_are_found_wherever_their_hash_is_moved_to()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("HSETEX", "h", "PX", 100, "FIELDS", 1, "f", 1);
        await client.CallAsync("MOVE", "h", 3);
        await client.CallAsync("SWAPDB", 3, 5);
        await client.CallAsync("SELECT", 5);

        await WaitFor.ConditionAsync(async () => (await client.CallAsync("DBSIZE")).Integer == 0, "the field has expired there");
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.NeedsDebug)]
    public async Task A_field_whose_time_is_over_is_not_seen_before_it_is_taken_out()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("DEBUG", "SET-ACTIVE-EXPIRE", 0);
        await client.CallAsync("HSETEX", "h", "PX", 20, "FIELDS", 1, "over", 1);
        await client.CallAsync("HSET", "h", "there", 2);

        await WaitFor.ConditionAsync(async () => (await client.CallAsync("HGET", "h", "over")).IsNull, "its time is over");

        Assert.Equal(["there", "2"], (await client.CallAsync("HGETALL", "h")).Texts());
        Assert.Equal(["there"], (await client.CallAsync("HKEYS", "h")).Texts());
        Assert.Equal(["there"], (await client.CallAsync("HRANDFIELD", "h", 10)).Texts());
        Assert.Equal("there", await client.TextAsync("HRANDFIELD", "h"));
        Assert.Equal(0, (await client.CallAsync("HDEL", "h", "over")).Integer);
        Assert.Equal(2, (await client.CallAsync("HLEN", "h")).Integer);
        Assert.Equal(1, (await client.CallAsync("HSET", "h", "over", 3)).Integer);
        Assert.Equal(["-1"], (await client.CallAsync("HTTL", "h", "FIELDS", 1, "over")).Texts());
        await client.CallAsync("DEBUG", "SET-ACTIVE-EXPIRE", 1);
    }
}
