// Hashes through the real server: shapes of replies under both protocols, both encodings, errors. The same holds for Valkey 9.1.

namespace Valkey.IntegrationTests.Hashes;

public sealed class HashCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task Of_a_missing_hash_there_is_nothing(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        string nothing = resp == 3 ? "_\r\n" : "$-1\r\n";

        Assert.Equal(nothing, await client.RawAsync("HGET", "h", "f"));
        Assert.Equal($"*2\r\n{nothing}{nothing}", await client.RawAsync("HMGET", "h", "f", "g"));
        Assert.Equal(resp == 3 ? "%0\r\n" : "*0\r\n", await client.RawAsync("HGETALL", "h"));
        Assert.Equal("*0\r\n", await client.RawAsync("HKEYS", "h"));
        Assert.Equal("*0\r\n", await client.RawAsync("HVALS", "h"));
        Assert.Equal(nothing, await client.RawAsync("HRANDFIELD", "h"));
        Assert.Equal("*0\r\n", await client.RawAsync("HRANDFIELD", "h", 5, "WITHVALUES"));
        Assert.Equal("*2\r\n$1\r\n0\r\n*0\r\n", await client.RawAsync("HSCAN", "h", 0));
        Assert.Equal($"*1\r\n{nothing}", await client.RawAsync("HGETDEL", "h", "FIELDS", 1, "f"));
        Assert.Equal($"*1\r\n{nothing}", await client.RawAsync("HGETEX", "h", "PERSIST", "FIELDS", 1, "f"));
        Assert.Equal("*1\r\n:-2\r\n", await client.RawAsync("HTTL", "h", "FIELDS", 1, "f"));
        Assert.Equal("*1\r\n:-2\r\n", await client.RawAsync("HEXPIRE", "h", 10, "FIELDS", 1, "f"));
        Assert.Equal("*1\r\n:-2\r\n", await client.RawAsync("HPERSIST", "h", "FIELDS", 1, "f"));
        foreach (string command in new[] { "HLEN h", "HSTRLEN h f", "HEXISTS h f", "HDEL h f" })
        {
            Assert.Equal(":0\r\n", await client.RawAsync(command.Split(' ')));
        }

        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "h"));
    }

    [SkippableTheory, RespVersions]
    public async Task A_hash_is_a_map_and_random_pairs_are_pairs_where_the_protocol_has_them(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.CallAsync("HSET", "h", "f", "v");

        Assert.Equal((resp == 3 ? "%1" : "*2") + "\r\n$1\r\nf\r\n$1\r\nv\r\n", await client.RawAsync("HGETALL", "h"));
        Assert.Equal(
            resp == 3 ? "*1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n" : "*2\r\n$1\r\nf\r\n$1\r\nv\r\n",
            await client.RawAsync("HRANDFIELD", "h", 1, "WITHVALUES"));
        Assert.Equal("*2\r\n$1\r\n0\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n", await client.RawAsync("HSCAN", "h", 0));
        Assert.Equal("*2\r\n$1\r\n0\r\n*1\r\n$1\r\nf\r\n", await client.RawAsync("HSCAN", "h", 0, "NOVALUES"));
    }

    [SkippableTheory]
    [InlineData(3, "listpack")]
    [InlineData(600, "hashtable")]
    public async Task Fields_come_and_go_in_every_encoding(int count, string encoding)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        List<object> command = ["HSET", "h"];
        for (int i = 0; i < count; i++) command.AddRange([$"f{i}", $"v{i}"]);

        Assert.Equal($":{count}\r\n", await client.RawAsync([.. command]));
        Assert.Equal(":1\r\n", await client.RawAsync("HSET", "h", "f1", "new", "more", "1"));

        Assert.Equal(encoding, await client.TextAsync("OBJECT", "ENCODING", "h"));
        Assert.Equal(count + 1, (await client.CallAsync("HLEN", "h")).Integer);
        Assert.Equal(["v0", "new", "(nil)"], (await client.CallAsync("HMGET", "h", "f0", "f1", "none")).Texts());
        Assert.Equal(count + 1, (await client.CallAsync("HKEYS", "h")).Texts().Distinct().Count());
        Assert.Equal(2 * (count + 1), (await client.CallAsync("HGETALL", "h")).Items.Count);
        Assert.Equal(":2\r\n", await client.RawAsync("HDEL", "h", "f0", "f2", "f0", "none"));
        Assert.Equal("(nil)", await client.TextAsync("HGET", "h", "f2"));
        Assert.Equal(["new"], (await client.CallAsync("HGETDEL", "h", "FIELDS", 1, "f1")).Texts());
        Assert.Equal(count - 2, (await client.CallAsync("HLEN", "h")).Integer);
    }

    [SkippableTheory]
    [InlineData(64, "listpack")]
    [InlineData(65, "hashtable")]
    [InlineData(255, "hashtable")]
    [InlineData(256, "hashtable")]
    [InlineData(20_000, "hashtable")]
    [InlineData(1_000_000, "hashtable")]
    public async Task Values_and_names_of_any_length_come_back_as_they_were_set(int length, string encoding)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);

        await client.CallAsync("HSET", "h", "f", "first");
        await client.CallAsync("HSET", "h", "f", bytes);
        await client.CallAsync("HSET", "names", bytes, "v");

        Assert.Equal(bytes, (await client.CallAsync("HGET", "h", "f")).Bytes);
        Assert.Equal(length, (await client.CallAsync("HSTRLEN", "h", "f")).Integer);
        Assert.Equal(bytes, (await client.CallAsync("HKEYS", "names")).Items[0].Bytes);
        Assert.Equal("v", await client.TextAsync("HGET", "names", bytes));
        Assert.Equal(encoding, await client.TextAsync("OBJECT", "ENCODING", "h"));
        Assert.Equal(encoding, await client.TextAsync("OBJECT", "ENCODING", "names"));
    }

    [SkippableFact]
    public async Task A_long_reply_shows_the_value_of_its_moment_whatever_follows_in_the_pipeline()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        string first = new('1', 100_000);
        await client.CallAsync("HSET", "h", "f", first);

        await client.SendAsync("HGET", "h", "f");
        await client.SendAsync("HSET", "h", "f", new string('2', 100_000));
        await client.SendAsync("HGET", "h", "f");
        await client.SendAsync("DEL", "h");

        Assert.Equal(first, (await client.ReadAsync()).Text);
        Assert.Equal(0, (await client.ReadAsync()).Integer);
        Assert.Equal(new string('2', 100_000), (await client.ReadAsync()).Text);
        Assert.Equal(1, (await client.ReadAsync()).Integer);
    }

    [SkippableTheory]
    [InlineData("HSET h f", "ERR wrong number of arguments for 'hset' command")]
    [InlineData("HSET h f v g", "ERR wrong number of arguments for 'hset' command")]
    [InlineData("HMSET h f v g", "ERR wrong number of arguments for 'hmset' command")]
    [InlineData("HINCRBY h text 1", "ERR hash value is not an integer")]
    [InlineData("HINCRBY h n x", "ERR value is not an integer or out of range")]
    [InlineData("HINCRBY h max 1", "ERR increment or decrement would overflow")]
    [InlineData("HINCRBYFLOAT h text 1", "ERR hash value is not a float")]
    [InlineData("HINCRBYFLOAT h n x", "ERR value is not a valid float")]
    [InlineData("HINCRBYFLOAT h n inf", "ERR value is NaN or Infinity")]
    [InlineData("HRANDFIELD h x", "ERR value is not an integer or out of range")]
    [InlineData("HRANDFIELD h 1 VALUES", "ERR syntax error")]
    [InlineData("HRANDFIELD h 1 WITHVALUES x", "ERR syntax error")]
    [InlineData("HRANDFIELD h -9223372036854775807 WITHVALUES", "ERR value is out of range")]
    [InlineData("HRANDFIELD h -9223372036854775808", "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")]
    [InlineData("HSCAN h x", "ERR invalid cursor")]
    [InlineData("HSCAN h 0 COUNT 0", "ERR syntax error")]
    [InlineData("HSCAN h 0 NOSCORES", "ERR NOSCORES option can only be used in ZSCAN")]
    [InlineData("HGET text f", "WRONGTYPE Operation against a key holding the wrong kind of value")]
    [InlineData("HSET text f v", "WRONGTYPE Operation against a key holding the wrong kind of value")]
    [InlineData("HSETEX text FIELDS 1 f v", "WRONGTYPE Operation against a key holding the wrong kind of value")]
    [InlineData("HTTL text FIELDS 1 f", "WRONGTYPE Operation against a key holding the wrong kind of value")]
    public async Task What_cannot_be_done_is_refused_and_changes_nothing(string command, string expected)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("HSET", "h", "n", "5", "text", "a", "max", "9223372036854775807");
        await client.CallAsync("SET", "text", "v");

        Assert.Equal($"-{expected}\r\n", await client.RawAsync(command.Split(' ')));

        Assert.Equal(3, (await client.CallAsync("HLEN", "h")).Integer);
        Assert.Equal(["5", "a", "9223372036854775807"], (await client.CallAsync("HMGET", "h", "n", "text", "max")).Texts());
        Assert.Equal("v", await client.TextAsync("GET", "text"));
    }

    [SkippableTheory]
    [InlineData("0.1", "0.2", "0.3")]
    [InlineData("10.5", "0.1", "10.6")]
    [InlineData("3.0e3", "200", "3200")]
    [InlineData("5", "-5", "0")]
    [InlineData("17179869184", "1.5", "17179869185.5")]
    public async Task Fractions_add_up_as_in_INCRBYFLOAT(string start, string increment, string sum)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("HSET", "h", "f", start);
        await client.CallAsync("SET", "s", start);

        Assert.Equal(sum, await client.TextAsync("HINCRBYFLOAT", "h", "f", increment));
        Assert.Equal(sum, await client.TextAsync("INCRBYFLOAT", "s", increment));
        Assert.Equal(sum, await client.TextAsync("HGET", "h", "f"));
    }

    [SkippableTheory]
    [InlineData(20)]
    [InlineData(1000)]
    public async Task Random_fields_are_different_ones_unless_the_count_is_negative(int count)
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < count; i++) await client.CallAsync("HSET", "h", $"f{i}", i);

        foreach (int wanted in new[] { 1, 5, count / 2, count - 1, count, count + 7 })
        {
            string[] fields = (await client.CallAsync("HRANDFIELD", "h", wanted)).Texts();
            Assert.Equal(Math.Min(wanted, count), fields.Distinct().Count());
            Assert.Equal(Math.Min(wanted, count), fields.Length);
        }

        string[] draws = (await client.CallAsync("HRANDFIELD", "h", -3 * count, "WITHVALUES")).Texts();
        Assert.Equal(6 * count, draws.Length);
        for (int i = 0; i < draws.Length; i += 2) Assert.Equal(draws[i], $"f{draws[i + 1]}");
        Assert.True(draws.Distinct().Count() < 4 * count, "fields come again");
    }

    [SkippableFact]
    public async Task A_scan_shows_every_field_that_stays_although_others_come_and_go()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < 1000; i++) await client.CallAsync("HSET", "h", $"stays:{i}", i, $"passes:{i}", i);

        HashSet<string> seen = [];
        string cursor = "0";
        int round = 0;
        do
        {
            RespValue reply = await client.CallAsync("HSCAN", "h", cursor, "MATCH", "stays:*", "COUNT", 20, "NOVALUES");
            cursor = reply[0].Text;
            seen.UnionWith(reply[1].Texts());
            for (int i = 0; i < 20; i++) await client.CallAsync("HDEL", "h", $"passes:{(round * 20) + i}");
            await client.CallAsync("HSET", "h", $"new:{round}", "x");
            Assert.True(++round < 10_000, "the scan does not end");
        }
        while (cursor != "0");

        Assert.Equal(1000, seen.Count);
    }

    [SkippableFact]
    public async Task The_limits_of_a_listpack_are_options()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("CONFIG", "SET", "hash-max-ziplist-entries", 2, "hash-max-listpack-value", 10);

        await client.CallAsync("HSET", "two", "a", "1", "b", "2");
        await client.CallAsync("HSET", "three", "a", "1", "b", "2", "c", "3");
        await client.CallAsync("HSET", "long", "a", "12345678901");

        Assert.Equal("2", (await client.CallAsync("CONFIG", "GET", "hash-max-listpack-entries"))[1].Text);
        Assert.Equal("listpack", await client.TextAsync("OBJECT", "ENCODING", "two"));
        Assert.Equal("hashtable", await client.TextAsync("OBJECT", "ENCODING", "three"));
        Assert.Equal("hashtable", await client.TextAsync("OBJECT", "ENCODING", "long"));
        await client.CallAsync("CONFIG", "SET", "hash-max-listpack-entries", 512, "hash-max-listpack-value", 64);
    }
}
