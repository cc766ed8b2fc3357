// Waiting for keys, by the waiting commands of the CounterMap sample: who is served, when, and how a wait ends otherwise.

using Valkey.IntegrationTests.Modules;

namespace Valkey.IntegrationTests.Blocking;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class WaitingForKeysTests(CounterMapModuleFixture server) : IClassFixture<CounterMapModuleFixture>
{
    [SkippableTheory]
    [RespVersions]
    public async Task A_command_that_finds_its_key_does_not_wait(int respVersion)
    {
        await using RespClient client = await server.ConnectAsync(respVersion);
        await client.CallAsync("CMAP.INCRBY", "there", "f", 7);

        Assert.Equal("*3\r\n$5\r\nthere\r\n$1\r\nf\r\n:7\r\n", await client.RawAsync("CMAP.BTAKE", "nothing", "there", 0));
    }

    [SkippableTheory]
    [RespVersions]
    public async Task A_wait_whose_time_is_over_ends_with_a_null_array(int respVersion)
    {
        await using RespClient client = await server.ConnectAsync(respVersion);

        Assert.Equal(respVersion == 3 ? "_\r\n" : "*-1\r\n", await client.RawAsync("CMAP.BTAKE", "never", "0.05"));
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    [SkippableTheory]
    [InlineData("x", "ERR timeout is not a float or out of range")]
    [InlineData("nan", "ERR timeout is not a float or out of range")]
    [InlineData("", "ERR timeout is not a float or out of range")]
    [InlineData("-1", "ERR timeout is negative")]
    [InlineData("-inf", "ERR timeout is negative")]
    [InlineData("1e18", "ERR timeout is out of range")]
    [InlineData("inf", "ERR timeout is out of range")]
    [InlineData("0x7FFFFFFFFFFFFF", "ERR timeout is out of range")]
    [InlineData("9223372036854775", "ERR timeout is out of range")]
    public async Task A_timeout_that_makes_no_sense_is_refused(string timeout, string error)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal($"-{error}\r\n", await client.RawAsync("CMAP.BTAKE", "k", timeout));
    }

    [SkippableFact]
    public async Task Whoever_came_first_is_served_first_and_each_gets_one_field()
    {
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient first = await WaitAsync(writer, "CMAP.BTAKE", "queue", 0);
        await using RespClient second = await WaitAsync(writer, "CMAP.BTAKE", "queue", 0);

        await writer.CallAsync("CMAP.INCRBY", "queue", "a", 1);
        await writer.CallAsync("CMAP.INCRBY", "queue", "b", 2);

        Assert.Equal("*3\r\n$5\r\nqueue\r\n$1\r\na\r\n:1\r\n", (await first.ReadAsync()).Raw);
        Assert.Equal("*3\r\n$5\r\nqueue\r\n$1\r\nb\r\n:2\r\n", (await second.ReadAsync()).Raw);
        Assert.Equal(":0\r\n", await writer.RawAsync("EXISTS", "queue"));
    }

    [SkippableFact]
    public async Task What_a_transaction_made_is_given_out_when_it_has_ended()
    {
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient waiting = await WaitAsync(writer, "CMAP.BTAKE", "in-multi", 0);

        await writer.CallAsync("MULTI");
        await writer.CallAsync("CMAP.INCRBY", "in-multi", "f", 1);
        await writer.CallAsync("DEL", "in-multi");
        await writer.CallAsync("CMAP.INCRBY", "in-multi", "f", 5);
        await writer.CallAsync("EXISTS", "in-multi");
        string replies = await writer.RawAsync("EXEC");

        Assert.Equal("*4\r\n:1\r\n:1\r\n:5\r\n:1\r\n", replies);
        Assert.Equal("*3\r\n$8\r\nin-multi\r\n$1\r\nf\r\n:5\r\n", (await waiting.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task Nobody_waits_in_a_transaction()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("CMAP.BTAKE", "nothing-there", 0);

        Assert.Equal("*1\r\n*-1\r\n", await client.RawAsync("EXEC"));
    }

    [SkippableTheory]
    [InlineData("RENAME source target")]
    [InlineData("COPY source target")]
    public async Task A_key_that_gets_the_name_serves_whoever_waits_for_it(string command)
    {
        await using RespClient writer = await server.ConnectAsync();
        await writer.CallAsync("DEL", "source", "target");
        await writer.CallAsync("CMAP.INCRBY", "source", "f", 3);
        await using RespClient waiting = await WaitAsync(writer, "CMAP.BTAKE", "other", "target", "target", 0);

        await writer.CallAsync([.. command.Split(' ')]);

        Assert.Equal("*3\r\n$6\r\ntarget\r\n$1\r\nf\r\n:3\r\n", (await waiting.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_key_that_comes_from_another_database_serves_whoever_waits_for_it()
    {
        await using RespClient writer = await server.ConnectAsync();
        await writer.CallAsync("CMAP.INCRBY", "moved", "f", 3);
        await using RespClient waiting = await server.ConnectAsync();
        await waiting.CallAsync("SELECT", 5);
        await waiting.SendAsync("CMAP.BTAKE", "moved", 0);
        await WaitForWaitingAsync(writer, 1);

        await writer.CallAsync("MOVE", "moved", 5);

        Assert.Equal("*3\r\n$5\r\nmoved\r\n$1\r\nf\r\n:3\r\n", (await waiting.ReadAsync()).Raw);

        await writer.CallAsync("CMAP.INCRBY", "swapped", "f", 4);
        await waiting.SendAsync("CMAP.BTAKE", "swapped", 0);
        await WaitForWaitingAsync(writer, 1);

        await writer.CallAsync("SWAPDB", 0, 5);

        Assert.Equal("*3\r\n$7\r\nswapped\r\n$1\r\nf\r\n:4\r\n", (await waiting.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_key_of_another_type_is_not_what_was_waited_for()
    {
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient waiting = await WaitAsync(writer, "CMAP.BTAKE", "typed-anew", 0);
        string errorsBefore = await writer.TextAsync("INFO", "errorstats");

        await writer.CallAsync("SET", "typed-anew", "a string");
        Assert.Equal(1, await CountWaitingAsync(writer));
        Assert.Equal(errorsBefore, await writer.TextAsync("INFO", "errorstats"));
        await writer.CallAsync("DEL", "typed-anew");
        await writer.CallAsync("CMAP.INCRBY", "typed-anew", "f", 1);

        Assert.Equal("*3\r\n$10\r\ntyped-anew\r\n$1\r\nf\r\n:1\r\n", (await waiting.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_wait_for_the_end_of_a_key_ends_when_it_is_deleted_flushed_replaced_or_over()
    {
        await using RespClient writer = await server.ConnectAsync();
        string[] ends = ["DEL doomed", "FLUSHDB", "PEXPIRE doomed 1", "RENAME doomed elsewhere"];
        foreach (string end in ends)
        {
            await writer.CallAsync("CMAP.INCRBY", "doomed", "f", 1);
            await using RespClient waiting = await WaitAsync(writer, "CMAP.BWATCH", "doomed", 0);
            Assert.Contains("total_blocking_keys_on_nokey:1\r\n", await writer.TextAsync("INFO", "clients"));

            await writer.CallAsync([.. end.Split(' ')]);

            Assert.Equal("+GONE\r\n", (await waiting.ReadAsync()).Raw);
        }

        await writer.CallAsync("CMAP.INCRBY", "doomed", "f", 1);
        await using RespClient told = await WaitAsync(writer, "CMAP.BWATCH", "doomed", 0);
        await writer.CallAsync("SET", "doomed", "a string");
        Assert.StartsWith("-WRONGTYPE", (await told.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task CLIENT_UNBLOCK_ends_a_wait_as_if_its_time_were_over_or_with_an_error()
    {
        await using RespClient other = await server.ConnectAsync();
        await using RespClient waiting = await server.ConnectAsync();
        long id = (await waiting.CallAsync("CLIENT", "ID")).Integer;

        await waiting.SendAsync("CMAP.BTAKE", "no-such", 0);
        await WaitForWaitingAsync(other, 1);
        Assert.Equal(":1\r\n", await other.RawAsync("CLIENT", "UNBLOCK", id));
        Assert.Equal("*-1\r\n", (await waiting.ReadAsync()).Raw);

        await waiting.SendAsync("CMAP.BTAKE", "no-such", 0);
        await WaitForWaitingAsync(other, 1);
        Assert.Equal(":1\r\n", await other.RawAsync("CLIENT", "UNBLOCK", id, "ERROR"));
        Assert.Equal("-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n", (await waiting.ReadAsync()).Raw);

        Assert.Equal(":0\r\n", await other.RawAsync("CLIENT", "UNBLOCK", id));
    }

    [SkippableFact]
    public async Task A_waiting_client_s_next_requests_are_executed_when_it_was_served()
    {
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient waiting = await server.ConnectAsync();
        await waiting.SendRawAsync((byte[])[
            .. RespClient.Encode("CMAP.BTAKE", "pipelined", 0), .. RespClient.Encode("ECHO", "next"),
            .. RespClient.Encode("CMAP.BTAKE", "pipelined", "0.01"),
        ]);
        await WaitForWaitingAsync(writer, 1);

        await writer.CallAsync("CMAP.INCRBY", "pipelined", "f", 1);

        Assert.Equal("*3\r\n$9\r\npipelined\r\n$1\r\nf\r\n:1\r\n", (await waiting.ReadAsync()).Raw);
        Assert.Equal("$4\r\nnext\r\n", (await waiting.ReadAsync()).Raw);
        Assert.Equal("*-1\r\n", (await waiting.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_client_that_leaves_is_passed_over()
    {
        await using RespClient writer = await server.ConnectAsync();
        RespClient leaving = await WaitAsync(writer, "CMAP.BTAKE", "passed", 0);
        await using RespClient staying = await WaitAsync(writer, "CMAP.BTAKE", "passed", 0);

        await leaving.DisposeAsync();
        await WaitForWaitingAsync(writer, 1);
        await writer.CallAsync("CMAP.INCRBY", "passed", "f", 1);

        Assert.Equal("*3\r\n$6\r\npassed\r\n$1\r\nf\r\n:1\r\n", (await staying.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_wait_is_counted_once_and_shown_to_monitors_once()
    {
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient monitor = await server.ConnectAsync();
        await writer.CallAsync("CONFIG", "RESETSTAT");
        await monitor.CallAsync("MONITOR");
        await using RespClient waiting = await WaitAsync(writer, "CMAP.BTAKE", "counted", 0);
        Assert.DoesNotContain("cmdstat_cmap.btake", await writer.TextAsync("INFO", "commandstats"));

        await writer.CallAsync("CMAP.INCRBY", "counted", "f", 1);
        await waiting.ReadAsync();
        await writer.CallAsync("ECHO", "the-end");

        Assert.Contains("cmdstat_cmap.btake:calls=1,", await writer.TextAsync("INFO", "commandstats"));
        List<string> seen = [];
        while (seen.Count == 0 || !seen[^1].Contains("the-end", StringComparison.Ordinal)) seen.Add((await monitor.ReadAsync()).Raw);
        Assert.Single(seen, line => line.Contains("cmap.btake", StringComparison.OrdinalIgnoreCase));
    }

    [SkippableFact]
    public async Task The_server_tells_who_waits_and_for_how_many_keys()
    {
        await using RespClient writer = await server.ConnectAsync();
        await writer.CallAsync("FLUSHALL");
        await using RespClient waiting = await WaitAsync(writer, "CMAP.BTAKE", "one", "two", 100);

        string info = await writer.TextAsync("INFO", "clients");
        Assert.Contains("blocked_clients:1\r\n", info);
        Assert.Contains("total_blocking_keys:2\r\n", info);
        Assert.Contains("total_blocking_keys_on_nokey:0\r\n", info);
        Assert.Contains("clients_in_timeout_table:1\r\n", info);
        Assert.Contains(" flags=b ", await writer.TextAsync("CLIENT", "LIST"));
        Assert.Contains("the module has blocked clients", await writer.RawAsync("MODULE", "UNLOAD", "cmap"));

        await waiting.DisposeAsync();
        await WaitForWaitingAsync(writer, 0);
        info = await writer.TextAsync("INFO", "clients");
        Assert.Contains("total_blocking_keys:0\r\n", info);
        Assert.Contains("clients_in_timeout_table:0\r\n", info);
    }

    [SkippableFact]
    public async Task While_writes_are_paused_nobody_is_served()
    {
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient waiting = await WaitAsync(writer, "CMAP.BTAKE", "paused", 0);

        await writer.CallAsync("MULTI");
        await writer.CallAsync("CMAP.INCRBY", "paused", "f", 1);
        await writer.CallAsync("CLIENT", "PAUSE", 100_000, "WRITE");
        await writer.CallAsync("EXEC");
        Assert.Equal(":1\r\n", await writer.RawAsync("EXISTS", "paused"));
        await writer.CallAsync("CLIENT", "UNPAUSE");

        Assert.Equal("*3\r\n$6\r\npaused\r\n$1\r\nf\r\n:1\r\n", (await waiting.ReadAsync()).Raw);
    }

    private async Task<RespClient> WaitAsync(RespClient observer, params object[] command)
    {
        int before = await CountWaitingAsync(observer);
        RespClient client = await server.ConnectAsync();
        await client.SendAsync(command);
        await WaitForWaitingAsync(observer, before + 1);
        return client;
    }

    private static Task WaitForWaitingAsync(RespClient observer, int count) =>
        WaitFor.ConditionAsync(async () => await CountWaitingAsync(observer) == count, $"{count} clients wait");

    private static async Task<int> CountWaitingAsync(RespClient observer)
    {
        string info = await observer.TextAsync("INFO", "clients");
        const string Name = "blocked_clients:";
        int start = info.IndexOf(Name, StringComparison.Ordinal) + Name.Length;
        return int.Parse(info.AsSpan(start, info.IndexOf('\r', start) - start), System.Globalization.CultureInfo.InvariantCulture);
    }
}
