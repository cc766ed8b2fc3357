// COMMAND: the server describes its commands to clients, which route and complete by it.

namespace Valkey.IntegrationTests.Administration;

public sealed class CommandCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task COUNT_LIST_and_the_whole_table_agree(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        long count = (await client.CallAsync("COMMAND", "COUNT")).Integer;
        RespValue list = await client.CallAsync("COMMAND", "LIST");
        RespValue table = await client.CallAsync("COMMAND");

        Assert.True(count > 30, $"{count} commands");
        Assert.Equal(count, list.Texts().Count(name => !name.Contains('|', StringComparison.Ordinal)));
        Assert.Equal(count, table.Items.Count);
        Assert.Contains("get", list.Texts());
    }

    [SkippableTheory, RespVersions]
    public async Task INFO_describes_a_command_in_ten_fields(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        RespValue get = (await client.CallAsync("COMMAND", "INFO", "get"))[0];

        Assert.Equal(10, get.Items.Count);
        Assert.Equal("get", get[0].Text);
        Assert.Equal(":2\r\n", get[1].Raw);
        Assert.Equal(resp == 2 ? RespKind.Array : RespKind.Set, get[2].Kind);
        Assert.Equal(RespKind.SimpleString, get[2][0].Kind);
        Assert.Equal(["fast", "readonly"], get[2].Texts().Order(StringComparer.Ordinal));
        Assert.Equal("1 1 1", $"{get[3]} {get[4]} {get[5]}");
        Assert.Equal(["@fast", "@read", "@string"], get[6].Texts().Order(StringComparer.Ordinal));
        Assert.Equal(resp == 2 ? RespKind.Array : RespKind.Set, get[7].Kind);
        RespValue keySpec = get[8][0];
        Assert.Equal("index", keySpec["begin_search"]["type"].Text);
        Assert.Equal(1, keySpec["begin_search"]["spec"]["index"].Integer);
        Assert.Equal("range", keySpec["find_keys"]["type"].Text);
        Assert.Equal(0, keySpec["find_keys"]["spec"]["lastkey"].Integer);
        Assert.Empty(get[9].Items);
    }

    [SkippableTheory]
    [InlineData(2, "*1\r\n$-1\r\n")]
    [InlineData(3, "*1\r\n_\r\n")]
    public async Task INFO_of_an_unknown_command_is_null_in_its_place(int resp, string expected)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        Assert.Equal(expected, await client.RawAsync("COMMAND", "INFO", "nosuchcommand"));
    }

    [SkippableFact]
    public async Task INFO_describes_subcommands()
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue config = (await client.CallAsync("COMMAND", "INFO", "config"))[0];
        RespValue configGet = (await client.CallAsync("COMMAND", "INFO", "config|get"))[0];

        Assert.Contains(config[9].Items, sub => sub[0].Text == "config|get");
        Assert.Equal("config|get", configGet[0].Text);
        Assert.Equal(-3, configGet[1].Integer);
    }

    [SkippableTheory]
    [InlineData("set", -3, "denyoom,write", "1 1 1")]
    [InlineData("mset", -3, "denyoom,write", "1 -1 2")]
    [InlineData("del", -2, "write", "1 -1 1")]
    [InlineData("ping", -1, "fast", "0 0 0")]
    [InlineData("incr", 2, "denyoom,fast,write", "1 1 1")]
    [InlineData("exists", -2, "fast,readonly", "1 -1 1")]
    public async Task The_facts_of_well_known_commands_are_right(string name, int arity, string flags, string keys)
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue info = (await client.CallAsync("COMMAND", "INFO", name))[0];

        Assert.Equal(arity, info[1].Integer);
        Assert.Equal(flags, string.Join(",", info[2].Texts().Order(StringComparer.Ordinal)));
        Assert.Equal(keys, $"{info[3]} {info[4]} {info[5]}");
    }

    [SkippableTheory, RespVersions]
    public async Task DOCS_is_a_map_of_maps(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        RespValue docs = await client.CallAsync("COMMAND", "DOCS", "set", "nosuchcommand");

        Assert.Equal(resp == 2 ? RespKind.Array : RespKind.Map, docs.Kind);
        Assert.Equal(2, docs.Items.Count);
        RespValue set = docs["set"];
        Assert.NotEmpty(set["summary"].Text);
        Assert.Equal("1.0.0", set["since"].Text);
        Assert.Equal("string", set["group"].Text);
        Assert.Equal("O(1)", set["complexity"].Text);
        RespValue key = set["arguments"][0];
        Assert.Equal("key", key["name"].Text);
        Assert.Equal("key", key["type"].Text);
        Assert.Equal(0, key["key_spec_index"].Integer);
    }

    [SkippableFact]
    public async Task GETKEYS_finds_the_keys_of_a_command()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("[a, b]", await client.TextAsync("COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2"));
        Assert.Equal(
            "-ERR The command has no key arguments\r\n", await client.RawAsync("COMMAND", "GETKEYS", "PING"));
        Assert.Equal(
            "-ERR Invalid command specified\r\n", await client.RawAsync("COMMAND", "GETKEYS", "nosuchcommand"));
        Assert.Equal(
            "-ERR Invalid number of arguments specified for command\r\n", await client.RawAsync("COMMAND", "GETKEYS", "GET"));
    }

    [SkippableFact]
    public async Task LIST_can_be_filtered()
    {
        await using RespClient client = await server.ConnectAsync();

        string[] byPattern = (await client.CallAsync("COMMAND", "LIST", "FILTERBY", "PATTERN", "mge*")).Texts();
        string[] byCategory = (await client.CallAsync("COMMAND", "LIST", "FILTERBY", "ACLCAT", "string")).Texts();

        Assert.Equal(["mget"], byPattern);
        Assert.Contains("append", byCategory);
        Assert.DoesNotContain("del", byCategory);
    }
}
