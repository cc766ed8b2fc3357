// CLIENT: who is connected, under which name, and the switches that a connection sets for itself.

namespace Valkey.IntegrationTests.Clients;

public sealed class ClientCommandTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task Every_connection_has_its_own_growing_id(int resp)
    {
        await using RespClient first = await server.ConnectAsync(resp);
        await using RespClient second = await server.ConnectAsync(resp);

        long firstId = (await first.CallAsync("CLIENT", "ID")).Integer;
        long secondId = (await second.CallAsync("CLIENT", "ID")).Integer;

        Assert.True(firstId < secondId, $"{firstId}, then {secondId}");
        Assert.Equal(firstId, (await first.CallAsync("CLIENT", "ID")).Integer);
    }

    [SkippableTheory]
    [InlineData(2, "$-1\r\n")]
    [InlineData(3, "_\r\n")]
    public async Task A_name_can_be_set_read_and_taken_away(int resp, string nullText)
    {
        await using RespClient client = await server.ConnectAsync(resp);

        Assert.Equal(nullText, await client.RawAsync("CLIENT", "GETNAME"));
        Assert.Equal("+OK\r\n", await client.RawAsync("CLIENT", "SETNAME", "me"));
        Assert.Equal("$2\r\nme\r\n", await client.RawAsync("CLIENT", "GETNAME"));
        Assert.Equal("+OK\r\n", await client.RawAsync("CLIENT", "SETNAME", ""));
        Assert.Equal(nullText, await client.RawAsync("CLIENT", "GETNAME"));
    }

    [SkippableTheory]
    [InlineData("two words")]
    [InlineData("line\nend")]
    public async Task A_name_with_blanks_or_line_ends_is_refused(string name)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal(
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n",
            await client.RawAsync("CLIENT", "SETNAME", name));
    }

    [SkippableTheory, RespVersions]
    public async Task CLIENT_INFO_is_the_own_line_of_CLIENT_LIST(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);
        await client.CallAsync("CLIENT", "SETNAME", "lister");
        await client.CallAsync("SELECT", "2");

        string info = (await client.CallAsync("CLIENT", "INFO")).Text;

        Assert.StartsWith("id=", info, StringComparison.Ordinal);
        Assert.EndsWith("\n", info, StringComparison.Ordinal);
        Dictionary<string, string> fields = Fields(info);
        Assert.Equal("lister", fields["name"]);
        Assert.Equal("2", fields["db"]);
        Assert.Equal("N", fields["flags"]);
        Assert.Equal("-1", fields["multi"]);
        Assert.Equal("client|info", fields["cmd"]);
        Assert.Equal("default", fields["user"]);
        Assert.Equal(resp.ToString(System.Globalization.CultureInfo.InvariantCulture), fields["resp"]);
        Assert.StartsWith("127.0.0.1:", fields["addr"], StringComparison.Ordinal);
        string[] expectedFields =
        [
            "id", "addr", "laddr", "fd", "name", "age", "idle", "flags", "db", "sub", "psub", "ssub", "multi", "watch",
            "qbuf", "qbuf-free", "argv-mem", "multi-mem", "rbs", "rbp", "obl", "oll", "omem", "tot-mem", "events", "cmd",
            "user", "redir", "resp", "lib-name", "lib-ver",
        ];
        Assert.Empty(expectedFields.Except(fields.Keys));
    }

    [SkippableFact]
    public async Task CLIENT_LIST_has_a_line_for_each_connection_and_can_be_narrowed()
    {
        await using RespClient first = await server.ConnectAsync();
        await using RespClient second = await server.ConnectAsync();
        await first.CallAsync("CLIENT", "SETNAME", "first");
        await second.CallAsync("CLIENT", "SETNAME", "second");
        long secondId = (await second.CallAsync("CLIENT", "ID")).Integer;

        string all = (await first.CallAsync("CLIENT", "LIST")).Text;
        string one = (await first.CallAsync("CLIENT", "LIST", "ID", secondId)).Text;
        string none = (await first.CallAsync("CLIENT", "LIST", "TYPE", "replica")).Text;

        Assert.Contains("name=first", all, StringComparison.Ordinal);
        Assert.Contains("name=second", all, StringComparison.Ordinal);
        Assert.Single(one.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("name=second", one, StringComparison.Ordinal);
        Assert.Equal("", none);
    }

    [SkippableFact]
    public async Task A_connection_within_MULTI_shows_it()
    {
        await using RespClient client = await server.ConnectAsync();
        await using RespClient other = await server.ConnectAsync();
        long id = (await client.CallAsync("CLIENT", "ID")).Integer;
        await client.CallAsync("WATCH", "a", "b");
        await client.CallAsync("MULTI");
        await client.CallAsync("PING");

        Dictionary<string, string> fields = Fields((await other.CallAsync("CLIENT", "LIST", "ID", id)).Text);

        Assert.Equal("x", fields["flags"]);
        Assert.Equal("1", fields["multi"]);
        Assert.Equal("2", fields["watch"]);
    }

    [SkippableFact]
    public async Task The_client_library_can_tell_its_name()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("CLIENT", "SETINFO", "lib-name", "our-lib"));
        Assert.Equal("+OK\r\n", await client.RawAsync("CLIENT", "SETINFO", "LIB-VER", "1.2.3"));
        Assert.Equal(
            "-ERR lib-name cannot contain spaces, newlines or special characters.\r\n",
            await client.RawAsync("CLIENT", "SETINFO", "lib-name", "our lib"));

        string info = (await client.CallAsync("CLIENT", "INFO")).Text;
        Assert.Contains("lib-name=our-lib lib-ver=1.2.3", info, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("NO-EVICT", "e")]
    [InlineData("NO-TOUCH", "T")]
    public async Task Switches_show_among_the_flags(string option, string flag)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("CLIENT", option, "ON"));
        Assert.Equal(flag, Fields((await client.CallAsync("CLIENT", "INFO")).Text)["flags"]);
        Assert.Equal("+OK\r\n", await client.RawAsync("CLIENT", option, "OFF"));
        Assert.Equal("N", Fields((await client.CallAsync("CLIENT", "INFO")).Text)["flags"]);
        Assert.Equal("-ERR syntax error\r\n", await client.RawAsync("CLIENT", option, "MAYBE"));
    }

    [SkippableFact]
    public async Task REPLY_OFF_silences_until_REPLY_ON()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        await client.SendRawAsync("CLIENT REPLY OFF\r\nSET k 1\r\nGET k\r\nNOSUCHCOMMAND\r\nCLIENT REPLY ON\r\nGET k\r\n");

        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("$1\r\n1\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task REPLY_SKIP_silences_one_command()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        await client.SendRawAsync("CLIENT REPLY SKIP\r\nSET k 1\r\nGET k\r\n");

        Assert.Equal("$1\r\n1\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableTheory]
    [InlineData("CLIENT REPLY MAYBE", "syntax error")]
    [InlineData("CLIENT LIST TYPE nonsense", "Unknown client type 'nonsense'")]
    [InlineData("CLIENT LIST ID nan", "client-id should be greater than 0")]
    [InlineData("CLIENT LIST NONSENSE", "syntax error")]
    [InlineData("CLIENT SETINFO nonsense x", "Unrecognized option 'nonsense'")]
    public async Task Faulty_arguments_are_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
    }

    private static Dictionary<string, string> Fields(string line)
    {
        Dictionary<string, string> fields = [];
        foreach (string field in line.TrimEnd('\n').Split(' '))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            fields[field[..equals]] = field[(equals + 1)..];
        }

        return fields;
    }
}
