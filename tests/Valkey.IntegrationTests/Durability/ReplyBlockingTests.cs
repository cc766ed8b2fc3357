// Which replies wait for durability and which do not: each sentence of the rule, by two connections and a lever.

namespace Valkey.IntegrationTests.Durability;

/// <summary>The same for every provider.</summary>
[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
[Trait(Tags.Name, Tags.NeedsDebug)]
public abstract class ReplyBlockingTests<TFixture>(TFixture server) : IClassFixture<TFixture>
    where TFixture : HeldServerFixture
{
    [SkippableTheory]
    [RespVersions]
    public async Task The_reply_of_a_write_waits_until_it_is_durable(int respVersion)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient client = await server.ConnectAsync(respVersion);
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, client, "SET", "k", "v");

        await server.ResumeAsync(control);

        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "clients_waiting_ack"));
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "uncommitted_keys"));
    }

    [SkippableTheory]
    [InlineData("GET k", "$1\r\nv\r\n")]
    [InlineData("EXISTS k", ":1\r\n")]
    [InlineData("EXISTS gone", ":0\r\n")]
    [InlineData("GET gone", "$-1\r\n")]
    [InlineData("TTL k", ":-1\r\n")]
    [InlineData("TYPE k", "+string\r\n")]
    [InlineData("STRLEN k", ":1\r\n")]
    [InlineData("TOUCH k", ":1\r\n")]
    [InlineData("OBJECT ENCODING k", "$6\r\nembstr\r\n")]
    [InlineData("MGET clean k", "*2\r\n$1\r\nc\r\n$1\r\nv\r\n")]
    [InlineData("SET k other NX", "$-1\r\n")]
    [InlineData("DEL gone", ":0\r\n")]
    [InlineData("UNLINK gone", ":0\r\n")]
    [InlineData("PERSIST k", ":0\r\n")]
    [InlineData("RENAMENX clean k", ":0\r\n")]
    [InlineData("COPY clean k", ":0\r\n")]
    [InlineData("DBSIZE", ":2\r\n")]
    [InlineData("KEYS clea*", "*1\r\n$5\r\nclean\r\n")]
    [InlineData("RANDOMKEY", null)]
    [InlineData("SCAN 0", null)]
    [InlineData("MEMORY USAGE k", null)]
    public async Task A_command_that_tells_of_a_key_that_is_not_durable_waits_for_that_key(string command, string? reply)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient reader = await server.ConnectAsync();
        await writer.CallAsync("MSET", "gone", "g", "clean", "c");
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "v");
        await HeldServerFixture.SendHeldAsync(control, writer, "DEL", "gone");

        await HeldServerFixture.SendHeldAsync(control, reader, command.Split(' '));

        await server.ResumeAsync(control);
        RespValue answer = await reader.ReadAsync();
        if (reply is not null) Assert.Equal(reply, answer.Raw);
        Assert.False(answer.IsError);
    }

    [SkippableTheory]
    [InlineData("GET clean", "$1\r\nc\r\n")]
    [InlineData("GET absent", "$-1\r\n")]
    [InlineData("EXISTS clean", ":1\r\n")]
    [InlineData("TTL clean", ":-1\r\n")]
    [InlineData("DEL absent", ":0\r\n")]
    [InlineData("PING", "+PONG\r\n")]
    [InlineData("ECHO hi", "$2\r\nhi\r\n")]
    [InlineData("CONFIG GET port-of-nothing", "*0\r\n")]
    [InlineData("LPUSH k x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n")]
    [InlineData("INCR k", "-ERR value is not an integer or out of range\r\n")]
    [InlineData("GET", "-ERR wrong number of arguments for 'get' command\r\n")]
    [InlineData("SET k v BAD", "-ERR syntax error\r\n")]
    [InlineData("COPY k other DB 99", "-ERR DB index is out of range\r\n")]
    [InlineData("COPY clean other DB -1", "-ERR DB index is out of range\r\n")]
    [InlineData("MOVE k 99", "-ERR DB index is out of range\r\n")]
    [InlineData("MOVE clean 99", "-ERR DB index is out of range\r\n")]
    [InlineData("SELECT 1", "+OK\r\n")]
    [InlineData("MULTI", "+OK\r\n")]
    public async Task Errors_that_changed_nothing_administration_and_reads_of_durable_keys_are_answered_at_once(string command, string reply)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient other = await server.ConnectAsync();
        await writer.CallAsync("SET", "clean", "c");
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "v");

        Assert.Equal(reply, await other.RawAsync(command.Split(' ')));
    }

    [SkippableFact]
    public async Task Keys_of_the_same_name_in_another_database_are_not_concerned()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient other = await server.ConnectAsync();
        await other.CallAsync("SELECT", 1);
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "v");

        Assert.Equal("$-1\r\n", await other.RawAsync("GET", "k"));
        Assert.Equal(":0\r\n", await other.RawAsync("DBSIZE"));
        Assert.Equal("*2\r\n$1\r\n0\r\n*0\r\n", await other.RawAsync("SCAN", "0"));
    }

    [SkippableTheory]
    [InlineData("FLUSHDB")]
    [InlineData("FLUSHALL ASYNC")]
    [InlineData("SWAPDB 0 1")]
    public async Task Emptying_or_exchanging_databases_concerns_all_their_keys(string command)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient reader = await server.ConnectAsync();
        await writer.CallAsync("SET", "k", "v");
        await server.PauseAsync(control);

        await HeldServerFixture.SendHeldAsync(control, writer, command.Split(' '));
        await HeldServerFixture.SendHeldAsync(control, reader, "GET", "k");

        await server.ResumeAsync(control);
        Assert.Equal("$-1\r\n", (await reader.ReadAsync()).Raw);
        Assert.Equal("+OK\r\n", (await writer.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task SWAPDB_concerns_the_other_database_too_and_no_third()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient second = await server.ConnectAsync();
        await using RespClient third = await server.ConnectAsync();
        await second.CallAsync("SELECT", 1);
        await third.CallAsync("SELECT", 2);
        await writer.CallAsync("SET", "k", "v");
        await server.PauseAsync(control);

        await HeldServerFixture.SendHeldAsync(control, writer, "SWAPDB", 0, 1);
        await HeldServerFixture.SendHeldAsync(control, second, "GET", "k");
        Assert.Equal("$-1\r\n", await third.RawAsync("GET", "k"));

        await server.ResumeAsync(control);
        Assert.Equal("$1\r\nv\r\n", (await second.ReadAsync()).Raw);
    }

    [SkippableTheory]
    [RespVersions]
    public async Task A_transaction_is_held_as_one_and_its_queueing_is_not(int respVersion)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient client = await server.ConnectAsync(respVersion);
        await server.PauseAsync(control);

        Assert.Equal("+OK\r\n", await client.RawAsync("MULTI"));
        Assert.Equal("+QUEUED\r\n", await client.RawAsync("SET", "k", "v"));
        Assert.Equal("+QUEUED\r\n", await client.RawAsync("GET", "k"));
        Assert.Equal("+QUEUED\r\n", await client.RawAsync("LPUSH", "k", "v"));
        await HeldServerFixture.SendHeldAsync(control, client, "EXEC");

        await server.ResumeAsync(control);
        Assert.Equal(
            "*3\r\n+OK\r\n$1\r\nv\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_transaction_that_only_reads_waits_if_one_of_its_keys_is_not_durable()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient reader = await server.ConnectAsync();
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "v");

        foreach (string[] command in new[] { new[] { "MULTI" }, ["GET", "absent"], ["LPUSH", "k", "x"], ["GET", "k"] }) await reader.CallAsync(command);
        await HeldServerFixture.SendHeldAsync(control, reader, "EXEC");

        await server.ResumeAsync(control);
        Assert.Equal("$1\r\nv\r\n", (await reader.ReadAsync())[2].Raw);
    }

    [SkippableFact]
    public async Task That_a_watched_key_has_changed_is_told_when_the_change_is_durable()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("WATCH", "k");
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "v");
        await client.CallAsync("MULTI");

        await HeldServerFixture.SendHeldAsync(control, client, "EXEC");

        await server.ResumeAsync(control);
        Assert.Equal("*-1\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_read_that_finds_a_key_expired_deletes_it_and_waits_for_that()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient reader = await server.ConnectAsync();
        await control.CallAsync("DEBUG", "SET-ACTIVE-EXPIRE", 0);
        await SetExpiredAsync(control, "k");
        await server.PauseAsync(control);

        await HeldServerFixture.SendHeldAsync(control, reader, "GET", "k");

        await server.ResumeAsync(control);
        await control.CallAsync("DEBUG", "SET-ACTIVE-EXPIRE", 1);
        Assert.Equal("$-1\r\n", (await reader.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_key_that_was_expired_although_nobody_asked_is_not_durably_gone()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient reader = await server.ConnectAsync();
        await control.CallAsync("DEBUG", "SET-ACTIVE-EXPIRE", 0);
        await SetExpiredAsync(control, "k");
        await server.PauseAsync(control);
        await control.CallAsync("DEBUG", "SET-ACTIVE-EXPIRE", 1);
        await WaitFor.ConditionAsync(
            async () => await HeldServerFixture.FieldAsync(control, "uncommitted_keys") == 1, "active expiry has found the key");

        await HeldServerFixture.SendHeldAsync(control, reader, "EXISTS", "k");

        await server.ResumeAsync(control);
        Assert.Equal(":0\r\n", (await reader.ReadAsync()).Raw);
    }

    /// <summary>A key whose time is over and that nobody has looked at since.</summary>
    private static async Task SetExpiredAsync(RespClient control, string key)
    {
        await control.CallAsync("SET", key, "v", "PX", 1000);
        long endMs = (await control.CallAsync("PEXPIRETIME", key)).Integer;
        await WaitFor.ConditionAsync(
            async () =>
            {
                RespValue now = await control.CallAsync("TIME");
                return (now[0].Integer * 1000) + (now[1].Integer / 1000) > endMs + 1;
            },
            "the key's time is over");
    }
}
