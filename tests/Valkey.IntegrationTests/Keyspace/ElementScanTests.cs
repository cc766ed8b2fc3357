// HSCAN, SSCAN and ZSCAN: the options that they share and those that they do not, on compact and on large values.

using System.Globalization;

namespace Valkey.IntegrationTests.Keyspace;

public sealed class ElementScanTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData("0 COUNT 0", "-ERR syntax error\r\n")]
    [InlineData("0 COUNT -1", "-ERR syntax error\r\n")]
    [InlineData("0 COUNT", "-ERR syntax error\r\n")]
    [InlineData("0 COUNT ten", "-ERR value is not an integer or out of range\r\n")]
    [InlineData("0 MATCH", "-ERR syntax error\r\n")]
    [InlineData("0 TYPE string", "-ERR syntax error\r\n")]
    [InlineData("0 MATCH a COUNT 5 nonsense", "-ERR syntax error\r\n")]
    [InlineData("-1", "-ERR invalid cursor\r\n")]
    public async Task Wrong_options_are_the_same_errors_everywhere(string options, string expected)
    {
        await using RespClient client = await FillAsync(count: 3);

        foreach (string command in (string[])["HSCAN h", "SSCAN s", "ZSCAN z"])
            Assert.Equal(expected, await client.RawAsync([.. $"{command} {options}".Split(' ')]));
    }

    [SkippableTheory]
    [InlineData("HSCAN h", "NOSCORES", "-ERR NOSCORES option can only be used in ZSCAN\r\n")]
    [InlineData("SSCAN s", "NOSCORES", "-ERR NOSCORES option can only be used in ZSCAN\r\n")]
    [InlineData("SSCAN s", "novalues", "-ERR NOVALUES option can only be used in HSCAN\r\n")]
    [InlineData("ZSCAN z", "NoValues", "-ERR NOVALUES option can only be used in HSCAN\r\n")]
    public async Task An_option_of_another_command_is_refused_by_its_name(string command, string option, string expected)
    {
        await using RespClient client = await FillAsync(count: 3);

        Assert.Equal(expected, await client.RawAsync([.. $"{command} 0 {option}".Split(' ')]));
        Assert.Equal(expected, await client.RawAsync([.. $"{command} 0 MATCH * {option} COUNT 3".Split(' ')]));
        Assert.Equal("*2\r\n$1\r\n0\r\n*0\r\n", await client.RawAsync([.. $"{command}-not-there 0 {option}".Split(' ')]));
    }

    [SkippableTheory]
    [InlineData(9)]
    [InlineData(2000)]
    public async Task Every_command_finds_what_matches_with_or_without_what_belongs_to_it(int count)
    {
        await using RespClient client = await FillAsync(count);
        string[] expected = [.. Enumerable.Range(0, count).Select(Name).Where(name => name.EndsWith('7')).Order(StringComparer.Ordinal)];

        foreach ((string command, string bare, int width) in
            ((string, string, int)[])[("HSCAN h", "", 2), ("HSCAN h", "NOVALUES", 1), ("SSCAN s", "", 1), ("ZSCAN z", "", 2), ("ZSCAN z", "noscores", 1)])
        {
            foreach (string order in (string[])["MATCH *7 COUNT 100", "COUNT 1 count 70 MATCH nothing match *7"])
            {
                List<string> found = await ScanAsync(client, command, $"{bare} {order}".Trim());

                string[] names = [.. found.Where((_, index) => index % width == 0).Distinct().Order(StringComparer.Ordinal)];
                Assert.Equal(expected, names);
                if (width == 2)
                    for (int i = 0; i < found.Count; i += 2) Assert.Equal(found[i]["member:".Length..], found[i + 1]);
            }
        }
    }

    [SkippableFact]
    public async Task A_count_beyond_all_bounds_gives_everything_at_once()
    {
        await using RespClient client = await FillAsync(count: 2000);

        foreach ((string command, int length) in ((string, int)[])[("HSCAN h", 4000), ("SSCAN s", 2000), ("ZSCAN z", 4000)])
        {
            RespValue reply = await client.CallAsync([.. $"{command} 0 COUNT {long.MaxValue}".Split(' ')]);
            Assert.Equal("0", reply[0].Text);
            Assert.Equal(length, reply[1].Items.Count);
        }
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"member:{i}");

    private static async Task<List<string>> ScanAsync(RespClient client, string command, string options)
    {
        List<string> found = [];
        string cursor = "0";
        do
        {
            RespValue reply = await client.CallAsync([.. $"{command} {cursor} {options}".Split(' ')]);
            cursor = reply[0].Text;
            foreach (RespValue element in reply[1].Items) found.Add(element.Text);
        }
        while (cursor != "0");
        return found;
    }

    private async Task<RespClient> FillAsync(int count)
    {
        RespClient client = await server.ConnectToEmptyAsync();
        for (int i = 0; i < count; i++)
        {
            await client.CallAsync("HSET", "h", Name(i), i);
            await client.CallAsync("SADD", "s", Name(i));
            await client.CallAsync("ZADD", "z", i, Name(i));
        }

        return client;
    }
}
