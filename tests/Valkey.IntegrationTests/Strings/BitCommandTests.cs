// Commands on bits through the real server.

namespace Valkey.IntegrationTests.Strings;

public sealed class BitCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableFact]
    public async Task A_bitmap_counts_and_finds_what_was_set_in_it()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await client.CallAsync("GETDEL", "days");
        Random random = new(17);
        SortedSet<int> days = [];
        for (int i = 0; i < 500; i++)
        {
            int day = random.Next(100_000);
            string was = await client.RawAsync("SETBIT", "days", day, 1);
            Assert.Equal(days.Add(day) ? ":0\r\n" : ":1\r\n", was);
        }

        Assert.Equal($":{days.Count}\r\n", await client.RawAsync("BITCOUNT", "days"));
        Assert.Equal($":{days.Min}\r\n", await client.RawAsync("BITPOS", "days", 1));
        Assert.Equal(
            $":{days.GetViewBetween(50_000, 60_000).Count}\r\n",
            await client.RawAsync("BITCOUNT", "days", 50_000, 60_000, "BIT"));
        Assert.Equal(
            $":{days.GetViewBetween(50_000, 100_000).Min}\r\n",
            await client.RawAsync("BITPOS", "days", 1, 50_000, -1, "BIT"));
    }

    [SkippableFact]
    public async Task BITOP_combines_strings_of_different_lengths()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        byte[] longer = new byte[50_000];
        byte[] shorter = new byte[33];
        new Random(1).NextBytes(longer);
        new Random(2).NextBytes(shorter);
        await client.CallAsync("MSET", "{b}1", longer, "{b}2", shorter);

        Assert.Equal(":50000\r\n", await client.RawAsync("BITOP", "XOR", "{b}3", "{b}1", "{b}2"));
        Assert.Equal(":50000\r\n", await client.RawAsync("BITOP", "XOR", "{b}3", "{b}3", "{b}2"));

        Assert.Equal(await client.RawAsync("GET", "{b}1"), await client.RawAsync("GET", "{b}3"));
    }

    [SkippableTheory, RespVersions]
    public async Task BITFIELD_replies_null_where_an_overflow_failed(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.CallAsync("SET", "field", "\u0001");

        string reply = await client.RawAsync(
            "BITFIELD", "field", "OVERFLOW", "FAIL", "INCRBY", "u2", "#3", "3", "OVERFLOW", "SAT", "INCRBY", "u2", "#3", "3");

        Assert.Equal(resp == 3 ? "*2\r\n_\r\n:3\r\n" : "*2\r\n$-1\r\n:3\r\n", reply);
        Assert.Equal("*1\r\n:3\r\n", await client.RawAsync("BITFIELD_RO", "field", "GET", "u2", "#3"));
    }

    [SkippableFact]
    public async Task Bits_far_beyond_the_limit_are_refused()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        Assert.Equal(
            "-ERR bit offset is not an integer or out of range\r\n", await client.RawAsync("SETBIT", "far", "4294967296", "1"));
        Assert.Equal(
            "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n",
            await client.RawAsync("SETRANGE", "far", "536870912", "x"));
        Assert.Equal("$-1\r\n", await client.RawAsync("GET", "far"));
    }
}
