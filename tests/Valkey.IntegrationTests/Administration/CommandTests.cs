// COMMAND: what the server tells about its commands.

namespace Valkey.IntegrationTests.Administration;

public sealed class CommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task Info_has_ten_fields(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        RespValue reply = await client.CallAsync("COMMAND", "INFO", "get", "nonesuch", "config|get", "get|key");

        Assert.Equal(4, reply.Items.Count);
        Assert.True(reply[1].IsNull);
        Assert.True(reply[3].IsNull);
        Assert.Equal("config|get", reply[2][0].Text);
        string set = resp == 3 ? "~" : "*";
        string map = resp == 3 ? "%" : "*";
        (string two, string one, string three) = resp == 3 ? ("2", "1", "3") : ("4", "2", "6");
        Assert.Equal(
            $"*10\r\n$3\r\nget\r\n:2\r\n{set}2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"
            + $"{set}3\r\n+@read\r\n+@string\r\n+@fast\r\n{set}0\r\n"
            + $"{set}1\r\n{map}{three}\r\n$5\r\nflags\r\n{set}2\r\n+RO\r\n+access\r\n"
            + $"$12\r\nbegin_search\r\n{map}{two}\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n{map}{one}\r\n$5\r\nindex\r\n:1\r\n"
            + $"$9\r\nfind_keys\r\n{map}{two}\r\n$4\r\ntype\r\n$5\r\nrange\r\n$4\r\nspec\r\n{map}{three}\r\n"
            + "$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n"
            + $"{set}0\r\n",
            reply[0].Raw);
    }

    [SkippableTheory, RespVersions]
    public async Task All_commands_are_listed(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        long count = (await client.CallAsync("COMMAND", "COUNT")).Integer;
        RespValue all = await client.CallAsync("COMMAND");
        RespValue docs = await client.CallAsync("COMMAND", "DOCS");

        Assert.True(count > 40);
        Assert.Equal(count, all.Items.Count);
        Assert.Equal(count * 2, docs.Items.Count);
        Assert.Equal(resp == 3 ? RespKind.Map : RespKind.Array, docs.Kind);
    }

    [SkippableTheory, RespVersions]
    public async Task Docs_tell_what_a_command_is_for(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        RespValue reply = await client.CallAsync("COMMAND", "DOCS", "set", "nonesuch", "config");
        RespValue set = reply["set"];

        Assert.Equal(4, reply.Items.Count);
        Assert.NotEmpty(set["summary"].Text);
        Assert.Equal("1.0.0", set["since"].Text);
        Assert.Equal("string", set["group"].Text);
        Assert.Equal("key", set["arguments"][0]["type"].Text);
        Assert.Equal(0, set["arguments"][0]["key_spec_index"].Integer);
        Assert.Equal(["optional"], set["arguments"][2]["flags"].Texts());
        Assert.Equal("nx", set["arguments"][2]["arguments"][0]["name"].Text);
        Assert.Equal("NX", set["arguments"][2]["arguments"][0]["token"].Text);
        Assert.Equal("server", reply["config"]["subcommands"]["config|get"]["group"].Text);
    }

    [SkippableTheory]
    [InlineData("get key", "[key]")]
    [InlineData("MSET a 1 b 2", "[a, b]")]
    [InlineData("memory usage key", "[key]")]
    [InlineData("lcs key1 key2", "[key1, key2]")]
    [InlineData("ping", "ERR The command has no key arguments")]
    [InlineData("get", "ERR Invalid number of arguments specified for command")]
    [InlineData("nonesuch key", "ERR Invalid command specified")]
    [InlineData("config nonesuch", "ERR Invalid command specified")]
    public async Task Keys_are_found(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue reply = await client.CallAsync(["COMMAND", "GETKEYS", .. command.Split(' ')]);

        Assert.Equal(expected, reply.ToString());
    }

    [SkippableFact]
    public async Task Keys_come_with_what_is_done_to_them()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("[[k1, [OW, update]]]", (await client.CallAsync("COMMAND", "GETKEYSANDFLAGS", "set", "k1", "v1")).ToString());
        Assert.Equal(
            "[[a, [RO, access]], [b, [OW, update]]]",
            (await client.CallAsync("COMMAND", "GETKEYSANDFLAGS", "copy", "a", "b")).ToString());
    }

    [SkippableTheory]
    [InlineData("pattern get", "[get]")]
    [InlineData("PATTERN co*fig|g?t", "[config|get]")]
    [InlineData("pattern nonesuch*", "[]")]
    [InlineData("aclcat nonesuch", "[]")]
    [InlineData("module nonesuch", "[]")]
    [InlineData("module", "ERR syntax error")]
    [InlineData("nonesuch x", "ERR syntax error")]
    public async Task The_list_is_filtered(string filter, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue reply = await client.CallAsync(["COMMAND", "LIST", "FILTERBY", .. filter.Split(' ')]);

        Assert.Equal(expected, reply.ToString());
    }

    [SkippableFact]
    public async Task A_category_lists_commands_and_subcommands()
    {
        await using RespClient client = await server.ConnectAsync();

        string[] names = (await client.CallAsync("COMMAND", "LIST", "FILTERBY", "ACLCAT", "admin")).Texts();

        Assert.Contains("config|set", names);
        Assert.DoesNotContain("get", names);
    }

    [SkippableTheory]
    [InlineData("COMMAND")]
    [InlineData("COMMANDLOG")]
    [InlineData("SLOWLOG")]
    [InlineData("LATENCY")]
    [InlineData("CONFIG")]
    public async Task Containers_have_help(string container)
    {
        await using RespClient client = await server.ConnectAsync();

        string[] lines = (await client.CallAsync(container, "HELP")).Texts();

        Assert.StartsWith(container + " <subcommand>", lines[0], StringComparison.Ordinal);
        Assert.Equal("HELP", lines[^2]);
    }
}
