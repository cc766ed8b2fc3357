// What becomes of clients while their replies wait: pipelines, blocking commands, ends of connections, monitors, limits.

namespace Valkey.IntegrationTests.Durability;

/// <summary>The same for every provider.</summary>
[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
[Trait(Tags.Name, Tags.NeedsDebug)]
public abstract class HeldClientsTests<TFixture>(TFixture server) : IClassFixture<TFixture>
    where TFixture : HeldServerFixture
{
    private const int LargeBytes = 100_000;

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Commands_of_a_pipeline_go_on_while_its_replies_wait_and_the_replies_keep_their_order(int enforcesReplyList)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient client = await server.ConnectAsync();
        await control.CallAsync("DEBUG", "CLIENT-ENFORCE-REPLY-LIST", enforcesReplyList);
        string large = new('x', LargeBytes); // sent from where it lies, not copied
        await client.CallAsync("RPUSH", "list", "a", "b");
        await server.PauseAsync(control);
        long heldBefore = await HeldServerFixture.HeldCountAsync(control);
        await client.SendAsync("GET", "clean");
        await client.SendAsync("SET", "large", large);
        await client.SendAsync("GET", "large");
        await client.SendAsync("LRANGE", "list", 0, -1);
        await client.SendAsync("KEYS", "*ist");
        await client.SendAsync("PING");
        await client.SendAsync("INCR", "n");
        await client.SendAsync("NOSUCH");
        for (int i = 0; i < 500; i++) await client.SendAsync("ECHO", $"{i}");
        await HeldServerFixture.ExpectFirstOnlyAsync(control, client, "$-1\r\n", heldBefore + 4); // SET, GET, KEYS, INCR
        Assert.Equal(2, await HeldServerFixture.FieldAsync(control, "uncommitted_keys"));

        await server.ResumeAsync(control);

        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal(large, (await client.ReadAsync()).Text);
        Assert.Equal("*2\r\n$1\r\na\r\n$1\r\nb\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("*1\r\n$4\r\nlist\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("+PONG\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal(":1\r\n", (await client.ReadAsync()).Raw);
        Assert.StartsWith("-ERR unknown command", (await client.ReadAsync()).Raw, StringComparison.Ordinal);
        for (int i = 0; i < 500; i++) Assert.Equal($"{i}", (await client.ReadAsync()).Text);
    }

    [SkippableFact]
    public async Task QUIT_behind_a_held_reply_closes_when_that_was_sent()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient client = await server.ConnectAsync();
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, client, "SET", "k", "v");
        await client.SendAsync("QUIT");
        Assert.True(await client.IsSilentForAsync(TimeSpan.FromMilliseconds(50)));

        await server.ResumeAsync(control);

        Assert.Equal("+OK\r\n+OK\r\n", await client.ReadToEndAsync());
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_goes_while_its_reply_waits_leaves_its_write(bool isKilled)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient reader = await server.ConnectAsync();
        RespClient client = await server.ConnectAsync();
        long id = (await client.CallAsync("CLIENT", "ID")).Integer;
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, client, "SET", "k", "v");

        if (isKilled) await control.CallAsync("CLIENT", "KILL", "ID", id);
        else client.Reset();

        await WaitFor.ConditionAsync(async () => await HeldServerFixture.FieldAsync(control, "clients_waiting_ack") == 0, "nobody waits");
        if (isKilled) Assert.Equal("", await client.ReadToEndAsync());
        await HeldServerFixture.SendHeldAsync(control, reader, "GET", "k");
        await server.ResumeAsync(control);
        Assert.Equal("$1\r\nv\r\n", (await reader.ReadAsync()).Raw);
        client.Dispose();
    }

    [SkippableFact]
    public async Task CLIENT_REPLY_OFF_and_SKIP_leave_nothing_to_wait_for()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient client = await server.ConnectAsync();
        await server.PauseAsync(control);
        await client.SendAsync("CLIENT", "REPLY", "SKIP");
        await client.SendAsync("SET", "k", "1");
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        await client.SendAsync("CLIENT", "REPLY", "OFF");
        await client.SendAsync("SET", "k", "2");
        await client.SendAsync("CLIENT", "REPLY", "ON");
        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);

        await HeldServerFixture.SendHeldAsync(control, client, "GET", "k");

        await server.ResumeAsync(control);
        Assert.Equal("$1\r\n2\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableTheory]
    [RespVersions]
    public async Task A_client_that_waited_for_a_key_is_answered_when_the_push_and_its_own_pop_are_durable(int respVersion)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient popper = await server.ConnectAsync(respVersion);
        await using RespClient pusher = await server.ConnectAsync();
        await popper.SendAsync("BLPOP", "list", 0);
        await WaitFor.ConditionAsync(async () => (await control.TextAsync("INFO", "clients")).Contains("blocked_clients:1", StringComparison.Ordinal), "BLPOP waits");
        await server.PauseAsync(control);

        await HeldServerFixture.SendHeldAsync(control, pusher, "RPUSH", "list", "a");
        await WaitFor.ConditionAsync(async () => await HeldServerFixture.FieldAsync(control, "clients_waiting_ack") == 2, "both wait");
        Assert.True(await popper.IsSilentForAsync(TimeSpan.FromMilliseconds(50)));

        await server.ResumeAsync(control);
        Assert.Equal(":1\r\n", (await pusher.ReadAsync()).Raw);
        Assert.Equal("*2\r\n$4\r\nlist\r\n$1\r\na\r\n", (await popper.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task That_nothing_came_in_time_is_told_when_the_end_of_the_list_is_durable()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient popper = await server.ConnectAsync();
        await using RespClient writer = await server.ConnectAsync();
        await writer.CallAsync("RPUSH", "list", "a");
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "DEL", "list");

        await HeldServerFixture.SendHeldAsync(control, popper, "BLPOP", "list", 0.01);
        Assert.Equal("*-1\r\n", await control.RawAsync("BLPOP", "another-list", 0.01));

        await server.ResumeAsync(control);
        Assert.Equal("*-1\r\n", (await popper.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task What_a_monitor_is_shown_of_a_write_waits_with_it()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient monitor = await server.ConnectAsync();
        await using RespClient client = await server.ConnectAsync();
        await monitor.CallAsync("MONITOR");
        await server.PauseAsync(control);
        await client.CallAsync("GET", "clean");
        while (!(await monitor.ReadAsync()).Raw.Contains("\"GET\" \"clean\"", StringComparison.Ordinal)) { }

        await HeldServerFixture.SendHeldAsync(control, client, "SET", "k", "secret");
        await WaitFor.ConditionAsync(async () => await HeldServerFixture.FieldAsync(control, "clients_waiting_ack") == 2, "the monitor waits");
        await server.ResumeAsync(control);

        string line = "";
        while (!line.Contains("\"SET\"", StringComparison.Ordinal)) line = (await monitor.ReadAsync()).Raw;
        Assert.Contains("\"secret\"", line, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("reply-blocking-client-limit")]
    [InlineData("reply-blocking-total-limit")]
    public async Task Past_a_limit_of_held_bytes_a_client_is_not_read_until_enough_has_gone_and_is_never_closed(string limit)
    {
        const int CommandCount = 20_000;
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient client = await server.ConnectAsync();
        await control.CallAsync("CONFIG", "SET", limit, "20kb");
        await server.PauseAsync(control);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < CommandCount; i++) await client.SendAsync("INCR", "n");
        });

        await WaitFor.ConditionAsync(
            async () => await HeldServerFixture.FieldAsync(control, "reading_suspended_clients") == 1, "reading is suspended");
        Assert.InRange(await HeldServerFixture.FieldAsync(control, "held_bytes"), 1, 60_000); // memory comes in blocks of 16 KB
        await server.ResumeAsync(control);

        for (int i = 1; i <= CommandCount; i++) Assert.Equal(i, (await client.ReadAsync()).Integer);
        await sending;
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "reading_suspended_clients"));
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "held_bytes"));
    }

    [SkippableFact]
    public async Task Many_that_are_released_at_once_beside_others_are_all_answered_and_so_is_what_they_ask_next()
    {
        const int WriterCount = 200, ReaderCount = 5;
        await using RespClient control = await server.ConnectControlAsync();
        RespClient[] writers = await ConnectManyAsync(WriterCount), readers = await ConnectManyAsync(ReaderCount);
        await server.PauseAsync(control);
        for (int i = 0; i < WriterCount; i++) await writers[i].SendAsync("SET", $"k{i}", i);
        await WaitFor.ConditionAsync(
            async () => await HeldServerFixture.FieldAsync(control, "clients_waiting_ack") == WriterCount, "all wait");

        using CancellationTokenSource ends = new();
        Task[] reading = [.. readers.Select(async reader =>
        {
            while (!ends.IsCancellationRequested) Assert.Equal("$-1\r\n", await reader.RawAsync("GET", "clean"));
        })];
        await server.ResumeAsync(control);
        for (int i = 0; i < WriterCount; i++) await writers[i].SendAsync("GET", $"k{i}"); // some while the first reply has not been sent

        for (int i = 0; i < WriterCount; i++)
        {
            Assert.Equal("+OK\r\n", (await writers[i].ReadAsync()).Raw);
            Assert.Equal($"{i}", (await writers[i].ReadAsync()).Text);
        }

        ends.Cancel();
        await Task.WhenAll(reading);
        foreach (RespClient client in (RespClient[])[.. writers, .. readers]) await client.DisposeAsync();
    }

    [SkippableFact]
    public async Task Held_replies_do_not_count_against_the_output_buffer_limit()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "other", new string('y', 30_000));
        await control.CallAsync("CONFIG", "SET", "client-output-buffer-limit", "normal 100kb 0 0");
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, client, "SET", "k", "v");
        for (int i = 0; i < 20; i++) await client.SendAsync("GET", "other");
        await WaitFor.ConditionAsync(async () => await HeldServerFixture.FieldAsync(control, "held_bytes") > 600_000, "600 KB wait");

        await server.ResumeAsync(control);

        Assert.Equal("+OK\r\n", (await client.ReadAsync()).Raw);
        for (int i = 0; i < 20; i++) Assert.Equal(30_000, (await client.ReadAsync()).Text.Length);
    }

    [SkippableFact]
    public async Task Client_eviction_may_take_a_client_whose_replies_wait()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient client = await server.ConnectAsync();
        await control.CallAsync("CLIENT", "NO-EVICT", "ON");
        await client.CallAsync("SET", "other", new string('y', 200_000));
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, client, "SET", "k", "v");
        for (int i = 0; i < 20; i++) await client.SendAsync("GET", "other");
        await WaitFor.ConditionAsync(async () => await HeldServerFixture.FieldAsync(control, "held_bytes") > 3_000_000, "3 MB wait");

        await control.CallAsync("CONFIG", "SET", "maxmemory-clients", "1mb");

        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "clients_waiting_ack"));
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "held_bytes"));
    }

    private async Task<RespClient[]> ConnectManyAsync(int count)
    {
        RespClient[] clients = new RespClient[count];
        for (int i = 0; i < count; i++) clients[i] = await server.ConnectAsync();
        return clients;
    }
}
