// The KeyReactions sample on the real server: what a module may do when it hears of a change.

namespace Valkey.IntegrationTests.Modules;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class KeyReactionsModuleTests : IAsyncLifetime
{
    private ServerProcess _server = null!;
    private RespClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(BuiltModules.With("KeyReactionsModule"));
        _client = await _server.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_handler_runs_a_command_inside_of_the_command_that_it_hears_of()
    {
        await _client.CallAsync("MULTI");
        await _client.CallAsync("SET", "count:a", "1");
        await _client.CallAsync("GET", "reactions:count");
        await _client.CallAsync("DEL", "count:a");
        await _client.CallAsync("GET", "reactions:count");

        RespValue replies = await _client.CallAsync("EXEC");

        Assert.Equal("OK", replies[0].Text);
        Assert.Equal("2", replies[1].Text); // set, and new
        Assert.Equal(1, replies[2].Integer);
        Assert.Equal("3", replies[3].Text);
        Assert.Equal(3, (await _client.CallAsync("REACTIONS.DURABLE")).Integer);
    }

    [SkippableFact]
    public async Task A_job_is_done_before_anybody_else_s_command_and_before_the_next_of_the_same_client()
    {
        await _client.SendRawAsync("SET mirror:a 1\r\nGET copy:a\r\nSET mirror:a 2\r\nGET copy:a\r\nDEL mirror:a\r\nEXISTS copy:a\r\n");

        string[] replies = new string[6];
        for (int i = 0; i < replies.Length; i++) replies[i] = (await _client.ReadAsync()).ToString()!;
        Assert.Equal(["OK", "1", "OK", "2", "1", "0"], replies.Select(reply => reply.Trim('"')));
    }

    [SkippableFact]
    public async Task Jobs_of_a_transaction_run_behind_its_last_command()
    {
        await _client.CallAsync("MULTI");
        await _client.CallAsync("SET", "mirror:t", "1");
        await _client.CallAsync("GET", "copy:t");

        RespValue replies = await _client.CallAsync("EXEC");

        Assert.True(replies[1].IsNull);
        Assert.Equal("1", (await _client.CallAsync("GET", "copy:t")).Text);
    }

    [SkippableFact]
    public async Task A_job_follows_an_expired_key_that_nobody_asked_for()
    {
        await _client.CallAsync("SET", "mirror:e", "1", "PX", 700);
        Assert.Equal("1", (await _client.CallAsync("GET", "copy:e")).Text);

        await WaitFor.ConditionAsync(
            async () => (await _client.CallAsync("EXISTS", "copy:e")).Integer == 0, "the copy went with the key");
    }

    [SkippableTheory]
    [InlineData("DEL try:x", "-ERR the command 'set' is working on that key: writes have to be made by a post-notification job")]
    [InlineData("SET try:x 5", "-ERR the command 'set' is working on that key: writes have to be made by a post-notification job")]
    [InlineData("FLUSHALL", "-ERR a handler of key events cannot write without naming keys: add a post-notification job")]
    [InlineData("MULTI", "-ERR the command 'multi' cannot be called by a plugin")]
    [InlineData("SUBSCRIBE a", "-ERR the command 'subscribe' cannot be called by a plugin")]
    [InlineData("NONSENSE", "-ERR unknown command")]
    [InlineData("GET", "-ERR wrong number of arguments for 'get' command")]
    [InlineData("LPUSH other 1", ":2")] // told of twice: as new, and as set
    [InlineData("BLPOP nothing 0", "_")]
    public async Task What_a_handler_may_not_run_is_an_error_and_harms_nobody(string command, string answer)
    {
        Assert.Equal("OK", (await _client.CallAsync("SET", "try:x", command)).Text);

        Assert.Equal(answer, (await _client.CallAsync("REACTIONS.ANSWER")).Text);
        Assert.Equal(command, (await _client.CallAsync("GET", "try:x")).Text);
    }

    [SkippableFact]
    public async Task A_held_reply_waits_and_the_change_is_there_already()
    {
        await using RespClient waiter = await _server.ConnectAsync(3);
        await waiter.SendRawAsync("SET held:a 1\r\nPING\r\n");
        await WaitFor.ConditionAsync(async () => (await _client.CallAsync("REACTIONS.HELD")).Integer > 0, "the reply is held");

        Assert.Equal("1", (await _client.CallAsync("GET", "held:a")).Text);
        Assert.True(await waiter.IsSilentForAsync(TimeSpan.FromMilliseconds(50)));
        Assert.Equal("0", (await _client.CallAsync("CLIENT", "UNBLOCK", "3")).Integer.ToString(System.Globalization.CultureInfo.InvariantCulture));
        while ((await _client.CallAsync("REACTIONS.RELEASE")).Integer == 1)
        {
            // The set and the new event have each held it.
        }

        Assert.Equal("+OK\r\n", (await waiter.ReadAsync()).Raw);
        Assert.Equal("+PONG\r\n", (await waiter.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_transaction_s_reply_is_held_as_a_whole_and_messages_follow_it()
    {
        await using RespClient waiter = await _server.ConnectAsync(3);
        await waiter.SendAsync("SUBSCRIBE", "c");
        await waiter.ReadAsync();
        await waiter.SendRawAsync("MULTI\r\nSET held:t 1\r\nPUBLISH c own\r\nEXEC\r\n");
        for (int i = 0; i < 3; i++) await waiter.ReadAsync();
        await WaitFor.ConditionAsync(async () => (await _client.CallAsync("REACTIONS.HELD")).Integer > 0, "the reply is held");
        await _client.CallAsync("PUBLISH", "c", "other");
        Assert.True(await waiter.IsSilentForAsync(TimeSpan.FromMilliseconds(50)));

        while ((await _client.CallAsync("REACTIONS.RELEASE")).Integer == 1)
        {
            // All holders let go.
        }

        Assert.Equal("*2\r\n+OK\r\n:1\r\n", (await waiter.ReadAsync()).Raw);
        Assert.Equal("own", (await waiter.ReadAsync())[2].Text);
        Assert.Equal("other", (await waiter.ReadAsync())[2].Text);
    }

    [SkippableFact]
    public async Task A_client_that_leaves_while_its_reply_is_held_harms_nobody()
    {
        RespClient leaver = await _server.ConnectAsync();
        await leaver.SendAsync("SET", "held:gone", "1");
        await WaitFor.ConditionAsync(async () => (await _client.CallAsync("REACTIONS.HELD")).Integer > 0, "the reply is held");
        await leaver.DisposeAsync();
        await WaitFor.ConditionAsync(
            async () => !(await _client.CallAsync("INFO", "clients")).Text!.Contains("blocked_clients:1", StringComparison.Ordinal),
            "the client is gone");

        await _client.CallAsync("REACTIONS.RELEASE");

        Assert.Equal("1", (await _client.CallAsync("GET", "held:gone")).Text);
    }

    [SkippableFact]
    public async Task Unloading_the_module_lets_held_clients_go()
    {
        await using RespClient waiter = await _server.ConnectAsync();
        await waiter.SendAsync("SET", "held:u", "1");
        await WaitFor.ConditionAsync(async () => (await _client.CallAsync("REACTIONS.HELD")).Integer > 0, "the reply is held");

        Assert.Equal("+OK\r\n", await _client.RawAsync("MODULE", "UNLOAD", "reactions"));

        Assert.Equal("+OK\r\n", (await waiter.ReadAsync()).Raw);
    }
}
