// OBJECT, MEMORY and DEBUG: what they tell about keys.

using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Valkey.IntegrationTests.Keyspace;

public sealed class ObjectAndDebugTests(ObjectAndDebugTests.DebugServer server) : IClassFixture<ObjectAndDebugTests.DebugServer>
{
    public sealed class DebugServer : ValkeyServerFixture
    {
        protected override ServerOptions Options => new() { Config = ["enable-debug-command yes"] };
    }

    [SkippableFact]
    public async Task OBJECT_ENCODING_tells_how_a_string_is_stored()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("MSET", "int", "12", "embstr", "abc", "raw", new string('x', 100));

        foreach (string name in new[] { "int", "embstr", "raw" })
            Assert.Equal(name, (await client.CallAsync("OBJECT", "ENCODING", name)).Text);
        Assert.Equal("$-1\r\n", await client.RawAsync("OBJECT", "ENCODING", "nokey"));
    }

    [SkippableFact]
    public async Task OBJECT_FREQ_and_IDLETIME_go_with_the_policy()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        long startTicks = Stopwatch.GetTimestamp();
        await client.CallAsync("SET", "key", "x");
        long idleSeconds = (await client.CallAsync("OBJECT", "IDLETIME", "key")).Integer;
        Assert.InRange(idleSeconds, 0, (long)Stopwatch.GetElapsedTime(startTicks).TotalSeconds + 1); // whole seconds, that may have begun since
        Assert.True((await client.CallAsync("OBJECT", "FREQ", "key")).IsError);

        await client.CallAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu");
        await client.CallAsync("SET", "fresh", "x");
        long frequency = (await client.CallAsync("OBJECT", "FREQ", "fresh")).Integer;
        bool isRefused = (await client.CallAsync("OBJECT", "IDLETIME", "fresh")).IsError;
        await client.CallAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");

        Assert.InRange(frequency, 4, 5); // five, less one for each minute that has begun since
        Assert.True(isRefused);
    }

    [SkippableFact]
    public async Task MEMORY_USAGE_covers_key_and_value()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "key", new string('x', 5000));

        Assert.InRange((await client.CallAsync("MEMORY", "USAGE", "key")).Integer, 5000, 6500);
        Assert.Equal("$-1\r\n", await client.RawAsync("MEMORY", "USAGE", "nokey"));
    }

    [SkippableTheory]
    [RespVersions]
    public async Task MEMORY_STATS_is_a_map_of_figures(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);
        await client.CallAsync("FLUSHALL");
        await client.CallAsync("SET", "key", "x");

        RespValue stats = await client.CallAsync("MEMORY", "STATS");

        Assert.Equal(1, stats["keys.count"].Integer);
        Assert.NotNull(stats.Find("db.0"));
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.NeedsDebug)]
    public async Task DEBUG_OBJECT_shows_one_line()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "key", "abc");

        string line = (await client.CallAsync("DEBUG", "OBJECT", "key")).Text;

        Assert.Matches(new Regex("^Value at:0x[0-9a-f]+ refcount:1 encoding:embstr serializedlength:4 lru:[0-9]+ lru_seconds_idle:0 "), line);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.NeedsDebug)]
    public async Task DEBUG_DIGEST_depends_on_the_content_alone()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        string empty = (await client.CallAsync("DEBUG", "DIGEST")).Text;
        await client.CallAsync("MSET", "a", "1", "b", "two");
        string first = (await client.CallAsync("DEBUG", "DIGEST")).Text;
        await client.CallAsync("FLUSHALL");
        await client.CallAsync("SET", "b", "tw");
        await client.CallAsync("APPEND", "b", "o");
        await client.CallAsync("SET", "a", "1");
        string again = (await client.CallAsync("DEBUG", "DIGEST")).Text;
        await client.CallAsync("SET", "a", "2");

        Assert.Equal(new string('0', 40), empty);
        Assert.NotEqual(empty, first);
        Assert.Equal(first, again);
        Assert.NotEqual(first, (await client.CallAsync("DEBUG", "DIGEST")).Text);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.NeedsDebug)]
    public async Task Keys_that_expired_stay_while_active_expiry_is_off_until_they_are_asked_for()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        await client.CallAsync("SET", "key", "x", "PX", "1");
        await client.OutliveAsync(1);
        await client.OutliveCronAsync(3);

        long before = (await client.CallAsync("DBSIZE")).Integer;
        await client.CallAsync("GET", "key");
        long after = (await client.CallAsync("DBSIZE")).Integer;
        await client.CallAsync("DEBUG", "SET-ACTIVE-EXPIRE", "1");

        Assert.Equal(1, before);
        Assert.Equal(0, after);
    }

    [SkippableTheory]
    [Trait(Tags.Name, Tags.NeedsDebug)]
    [InlineData("string", "$11\r\nHello World\r\n")]
    [InlineData("integer", ":12345\r\n")]
    [InlineData("double", ",3.141\r\n")]
    [InlineData("null", "_\r\n")]
    [InlineData("array", "*3\r\n:0\r\n:1\r\n:2\r\n")]
    [InlineData("set", "~3\r\n:0\r\n:1\r\n:2\r\n")]
    [InlineData("map", "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n")]
    [InlineData("bignum", "(1234567999999999999999999999999999999\r\n")]
    [InlineData("verbatim", "=29\r\ntxt:This is a verbatim\nstring\r\n")]
    [InlineData("true", "#t\r\n")]
    public async Task DEBUG_PROTOCOL_replies_each_type(string type, string expected)
    {
        await using RespClient client = await server.ConnectAsync(respVersion: 3);

        Assert.Equal(expected, await client.RawAsync("DEBUG", "PROTOCOL", type));
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task DEBUG_PANIC_ends_the_process_with_a_report()
    {
        await using ServerProcess own = await ServerProcess.StartAsync("enable-debug-command yes");
        await using RespClient client = await RespClient.ConnectAsync(own.Host, own.Port);

        await client.SendAsync("DEBUG", "PANIC");

        await WaitFor.ConditionAsync(() => own.HasExited, "the process has ended");
        Assert.Contains("BUG REPORT START", own.Log + own.Errors, StringComparison.Ordinal);
    }
}
