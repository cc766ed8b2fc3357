// CLIENT KILL: by id, address, name of its user, type; the old form by address alone.

namespace Valkey.IntegrationTests.Clients;

public sealed class ClientKillTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory, RespVersions]
    public async Task A_client_is_killed_by_its_id(int resp)
    {
        await using RespClient killer = await server.ConnectAsync(resp);
        await using RespClient victim = await server.ConnectAsync(resp);
        long id = (await victim.CallAsync("CLIENT", "ID")).Integer;

        Assert.Equal(":1\r\n", await killer.RawAsync("CLIENT", "KILL", "ID", id));

        Assert.Equal("", await victim.ReadToEndAsync());
        Assert.Equal(":0\r\n", await killer.RawAsync("CLIENT", "KILL", "ID", id));
    }

    [SkippableFact]
    public async Task A_client_is_killed_by_its_address()
    {
        await using RespClient killer = await server.ConnectAsync();
        await using RespClient victim = await server.ConnectAsync();
        await victim.CallAsync("PING");
        string address = $"127.0.0.1:{((System.Net.IPEndPoint)victim.Socket.LocalEndPoint!).Port}";

        Assert.Equal("+OK\r\n", await killer.RawAsync("CLIENT", "KILL", address));

        Assert.Equal("", await victim.ReadToEndAsync());
        Assert.Equal("-ERR No such client\r\n", await killer.RawAsync("CLIENT", "KILL", address));
    }

    [SkippableFact]
    public async Task SKIPME_decides_whether_the_killer_dies_too()
    {
        await using RespClient killer = await server.ConnectAsync();
        await using RespClient victim = await server.ConnectAsync();
        await victim.CallAsync("PING");

        Assert.True((await killer.CallAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")).Integer >= 1);
        Assert.Equal("", await victim.ReadToEndAsync());
        Assert.Equal("+PONG\r\n", await killer.RawAsync("PING"));

        await killer.SendAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no");

        Assert.Equal(":1\r\n", await killer.ReadToEndAsync());
    }

    [SkippableFact]
    public async Task Replies_before_one_s_own_death_arrive()
    {
        await using RespClient client = await server.ConnectAsync();
        long id = (await client.CallAsync("CLIENT", "ID")).Integer;

        await client.SendRawAsync($"PING\r\nCLIENT KILL ID {id} SKIPME no\r\nPING\r\n");

        Assert.Equal("+PONG\r\n:1\r\n", await client.ReadToEndAsync());
    }

    [SkippableFact]
    public async Task A_transaction_of_a_killed_client_does_not_happen()
    {
        await using RespClient killer = await server.ConnectToEmptyAsync();
        await using RespClient victim = await server.ConnectAsync();
        long id = (await victim.CallAsync("CLIENT", "ID")).Integer;
        await victim.CallAsync("MULTI");
        await victim.CallAsync("SET", "k", "1");

        await killer.CallAsync("CLIENT", "KILL", "ID", id);

        Assert.Equal(":0\r\n", await killer.RawAsync("EXISTS", "k"));
    }

    [SkippableTheory]
    [InlineData("CLIENT KILL ID nan", "client-id should be greater than 0")]
    [InlineData("CLIENT KILL ID 0", "client-id should be greater than 0")]
    [InlineData("CLIENT KILL TYPE nonsense", "Unknown client type 'nonsense'")]
    [InlineData("CLIENT KILL ID 1 TYPE", "syntax error")]
    [InlineData("CLIENT KILL SKIPME maybe", "syntax error")]
    [InlineData("CLIENT KILL 1.2.3.4:5", "No such client")]
    [InlineData("CLIENT KILL USER nobody", "No such user 'nobody'")]
    public async Task Faulty_arguments_are_refused(string command, string expected)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
    }
}
