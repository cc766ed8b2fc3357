// What a client hears about commands that do not exist or have the wrong number of arguments: exact texts, because
// clients and tools match them.

namespace Valkey.IntegrationTests.Protocol;

public sealed class CommandErrorTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [RespVersions("unknown", "unknown command 'unknown', with args beginning with: ")]
    [RespVersions("Unknown a 'b' \"c d\"", "unknown command 'Unknown', with args beginning with: 'a' 'b' 'c d' ")]
    [RespVersions("GET", "wrong number of arguments for 'get' command")]
    [RespVersions("get a b", "wrong number of arguments for 'get' command")]
    [RespVersions("SET onlykey", "wrong number of arguments for 'set' command")]
    [RespVersions("CONFIG", "wrong number of arguments for 'config' command")]
    [RespVersions("CONFIG GET", "wrong number of arguments for 'config|get' command")]
    [RespVersions("CONFIG nonsense", "unknown subcommand 'nonsense'. Try CONFIG HELP.")]
    [RespVersions("CLIENT nonsense x", "unknown subcommand 'nonsense'. Try CLIENT HELP.")]
    [RespVersions("CLIENT ID x", "wrong number of arguments for 'client|id' command")]
    [RespVersions("SET a b nonsense", "syntax error")]
    [RespVersions("SET a b EX nan", "value is not an integer or out of range")]
    [RespVersions("SET a b EX 0", "invalid expire time in 'set' command")]
    [RespVersions("SELECT nan", "value is not an integer or out of range")]
    [RespVersions("PING a b", "wrong number of arguments for 'ping' command")]
    [RespVersions("HELLO 3 AUTH a", "Syntax error in HELLO option 'AUTH'")]
    public async Task A_faulty_command_is_answered_by_its_error(int resp, string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task The_name_of_an_unknown_command_is_cut_at_128_characters()
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue reply = await client.CallAsync(new string('x', 200));

        Assert.Equal($"ERR unknown command '{new string('x', 128)}', with args beginning with: ", reply.Text);
    }

    [SkippableFact]
    public async Task The_arguments_of_an_unknown_command_are_cut_at_128_characters()
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue reply = await client.CallAsync("unknown", new string('a', 100), new string('b', 100), "c");

        Assert.StartsWith("ERR unknown command 'unknown', with args beginning with: 'aaa", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('b', 30), reply.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Line_ends_in_a_command_s_name_do_not_break_the_reply()
    {
        await using RespClient client = await server.ConnectAsync();

        RespValue reply = await client.CallAsync("bad\r\n+OK\r\nname", "arg\r\n");

        Assert.Equal("ERR unknown command 'bad  +OK  name', with args beginning with: 'arg  ' ", reply.Text);
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    [SkippableFact]
    public async Task Command_names_are_case_insensitive()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("sEt", "Key", "v"));
        Assert.Equal("$1\r\nv\r\n", await client.RawAsync("gEt", "Key"));
        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", "key"));
    }

    [SkippableTheory, RespVersions]
    public async Task A_command_on_a_value_of_another_type_is_refused(int resp)
    {
        await using RespClient client = await server.ConnectToEmptyAsync(resp);
        await client.RequireCommandAsync("LPUSH");
        await client.CallAsync("LPUSH", "list", "a");

        Assert.Equal(
            "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", await client.RawAsync("GET", "list"));
        Assert.Equal(
            "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", await client.RawAsync("INCR", "list"));
    }

    [SkippableFact]
    public async Task HELP_lists_the_subcommands()
    {
        await using RespClient client = await server.ConnectAsync();

        foreach (string container in (string[])["CLIENT", "CONFIG", "OBJECT", "COMMAND", "SLOWLOG", "MEMORY"])
        {
            RespValue help = await client.CallAsync(container, "HELP");

            Assert.Equal(RespKind.Array, help.Kind);
            Assert.StartsWith($"{container} <subcommand>", help[0].Text, StringComparison.Ordinal);
            Assert.Contains("HELP", help.Texts());
        }
    }
}
