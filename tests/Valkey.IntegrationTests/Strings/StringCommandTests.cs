// Strings through the real server: shapes of replies under both protocols, values of every size, expiry, and long values
// that are changed while they are still being sent.

namespace Valkey.IntegrationTests.Strings;

public sealed class StringCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    // Above the limit from which on a value is sent from where it lies.
    private const int LongBytes = 100_000;

    [SkippableTheory, RespVersions]
    public async Task A_missing_string_is_null(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        string nothing = resp == 3 ? "_\r\n" : "$-1\r\n";

        Assert.Equal(nothing, await client.RawAsync("GET", "missing"));
        Assert.Equal(nothing, await client.RawAsync("GETDEL", "missing"));
        Assert.Equal(nothing, await client.RawAsync("GETEX", "missing", "PERSIST"));
        Assert.Equal(nothing, await client.RawAsync("SET", "missing", "v", "XX"));
        Assert.Equal(nothing, await client.RawAsync("SET", "missing", "v", "IFEQ", "w"));
        Assert.Equal($"*2\r\n{nothing}{nothing}", await client.RawAsync("MGET", "missing", "missing"));
        Assert.Equal("$0\r\n\r\n", await client.RawAsync("GETRANGE", "missing", "0", "-1"));
        Assert.Equal(":0\r\n", await client.RawAsync("STRLEN", "missing"));
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(44)]
    [InlineData(45)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(3_000_000)]
    public async Task A_value_of_any_length_comes_back_as_it_was_set(int length)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        byte[] value = new byte[length];
        new Random(length).NextBytes(value);

        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "value", value));

        await client.SendAsync("GET", "value");
        byte[] header = RespClient.Encode(value)[4..]; // behind "*1\r\n" an encoded command is the reply
        Assert.Equal(header, await client.ReadExactlyAsync(header.Length));
        Assert.Equal($":{length}\r\n", await client.RawAsync("STRLEN", "value"));
    }

    [SkippableFact]
    public async Task A_long_reply_shows_the_value_of_its_moment_whatever_follows_in_the_pipeline()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        string first = new('1', LongBytes);
        string second = new('2', LongBytes);
        await client.CallAsync("SET", "long", first);

        await client.SendAsync("GET", "long");
        await client.SendAsync("SETRANGE", "long", "0", "x");
        await client.SendAsync("GET", "long");
        await client.SendAsync("APPEND", "long", "y");
        await client.SendAsync("SET", "long", second);
        await client.SendAsync("GETDEL", "long");
        await client.SendAsync("GET", "long");

        Assert.Equal(first, (await client.ReadAsync()).Text);
        Assert.Equal($":{LongBytes}\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("x" + first[1..], (await client.ReadAsync()).Text);
        Assert.Equal($":{LongBytes + 1}\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal(second, (await client.ReadAsync()).Text);
        Assert.Equal("$-1\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task SET_with_PX_ends_the_key_in_time()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "brief", "v", "PX", "50");

        await WaitFor.ConditionAsync(
            async () => await client.RawAsync("GET", "brief") == "$-1\r\n", "the key has expired");

        Assert.Equal(":1\r\n", await client.RawAsync("SETNX", "brief", "again"));
        Assert.Equal("$5\r\nagain\r\n", await client.RawAsync("GET", "brief"));
    }

    [SkippableFact]
    public async Task GETEX_gives_takes_and_ends_the_time_to_live()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "lasting", "v", "PX", "100000");

        Assert.Equal("$1\r\nv\r\n", await client.RawAsync("GETEX", "lasting", "PERSIST"));
        Assert.Equal("$1\r\nv\r\n", await client.RawAsync("GETEX", "lasting", "PX", "100000"));
        Assert.Equal("$1\r\nv\r\n", await client.RawAsync("GETEX", "lasting", "PXAT", "1"));
        Assert.Equal("$-1\r\n", await client.RawAsync("GET", "lasting"));
    }

    [SkippableTheory, RespVersions]
    public async Task SET_with_GET_replies_the_old_value_whether_it_sets_or_not(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.CallAsync("SET", "swapped", "old");

        Assert.Equal("$3\r\nold\r\n", await client.RawAsync("SET", "swapped", "new", "NX", "GET"));
        Assert.Equal("$3\r\nold\r\n", await client.RawAsync("SET", "swapped", "new", "GET", "IFEQ", "old"));
        Assert.Equal("$3\r\nnew\r\n", await client.RawAsync("GETSET", "swapped", "last"));
        Assert.Equal("$4\r\nlast\r\n", await client.RawAsync("GET", "swapped"));
    }

    [SkippableFact]
    public async Task DELIFEQ_deletes_only_what_still_holds_the_value()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("SET", "lock", "token");

        Assert.Equal(":0\r\n", await client.RawAsync("DELIFEQ", "lock", "other"));
        Assert.Equal(":1\r\n", await client.RawAsync("DELIFEQ", "lock", "token"));
        Assert.Equal(":0\r\n", await client.RawAsync("DELIFEQ", "lock", "token"));
    }

    [SkippableFact]
    public async Task Counting_in_a_pipeline_counts_every_step()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("GETDEL", "counter");

        for (int i = 1; i <= 1000; i++) await client.SendAsync("INCR", "counter");

        for (int i = 1; i <= 1000; i++) Assert.Equal($":{i}\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("$6\r\n1000.5\r\n", await client.RawAsync("INCRBYFLOAT", "counter", "0.5"));
        Assert.Equal("-ERR value is not an integer or out of range\r\n", await client.RawAsync("INCR", "counter"));
    }

    [SkippableFact]
    public async Task MSETEX_sets_all_keys_or_none()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("GETDEL", "m1");
        await client.CallAsync("GETDEL", "m2");

        Assert.Equal(":0\r\n", await client.RawAsync("MSETEX", "2", "m1", "a", "m2", "b", "XX", "EX", "100"));
        Assert.Equal(":1\r\n", await client.RawAsync("MSETEX", "2", "m1", "a", "m2", "b", "NX", "EX", "100"));
        Assert.Equal("*2\r\n$1\r\na\r\n$1\r\nb\r\n", await client.RawAsync("MGET", "m1", "m2"));
    }

    [SkippableTheory, RespVersions]
    public async Task LCS_with_IDX_replies_a_map(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.CallAsync("MSET", "{l}1", "ohmytext", "{l}2", "mynewtext");

        string reply = await client.RawAsync("LCS", "{l}1", "{l}2", "IDX");

        string matches = "*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n*2\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n";
        string header = resp == 3 ? "%2\r\n" : "*4\r\n";
        Assert.Equal($"{header}$7\r\nmatches\r\n{matches}$3\r\nlen\r\n:6\r\n", reply);
    }
}
