// Channels, patterns and shard channels over raw sockets.

namespace Valkey.IntegrationTests.PubSub;

public sealed class PubSubTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableFact]
    public async Task Subscriptions_are_confirmed_one_by_one_and_counted()
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendAsync("SUBSCRIBE", "one", "two", "one");

        Assert.Equal("*3\r\n$9\r\nsubscribe\r\n$3\r\none\r\n:1\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("*3\r\n$9\r\nsubscribe\r\n$3\r\ntwo\r\n:2\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("*3\r\n$9\r\nsubscribe\r\n$3\r\none\r\n:2\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("*3\r\n$10\r\npsubscribe\r\n$2\r\nn*\r\n:3\r\n", await client.RawAsync("PSUBSCRIBE", "n*"));
        Assert.Equal("*3\r\n$10\r\nssubscribe\r\n$1\r\ns\r\n:1\r\n", await client.RawAsync("SSUBSCRIBE", "s"));
        Assert.Equal("*3\r\n$11\r\nunsubscribe\r\n$3\r\none\r\n:2\r\n", await client.RawAsync("UNSUBSCRIBE", "one"));
        Assert.Equal("*3\r\n$12\r\npunsubscribe\r\n$2\r\nn*\r\n:1\r\n", await client.RawAsync("PUNSUBSCRIBE"));
        Assert.Equal("*3\r\n$12\r\npunsubscribe\r\n$-1\r\n:1\r\n", await client.RawAsync("PUNSUBSCRIBE"));
        Assert.Equal("*3\r\n$12\r\nsunsubscribe\r\n$1\r\ns\r\n:0\r\n", await client.RawAsync("SUNSUBSCRIBE"));
        Assert.Equal("*3\r\n$11\r\nunsubscribe\r\n$7\r\nunknown\r\n:1\r\n", await client.RawAsync("UNSUBSCRIBE", "unknown"));
    }

    [SkippableTheory]
    [RespVersions]
    public async Task A_message_reaches_subscribers_of_its_channel_and_of_patterns(int respVersion)
    {
        char head = respVersion == 3 ? '>' : '*';
        await using RespClient subscriber = await server.ConnectAsync(respVersion);
        await using RespClient publisher = await server.ConnectAsync();
        await SubscribeAsync(subscriber, "SUBSCRIBE", "news.a");
        await SubscribeAsync(subscriber, "PSUBSCRIBE", "news.*");
        await SubscribeAsync(subscriber, "SSUBSCRIBE", "news.a");

        Assert.Equal(":2\r\n", await publisher.RawAsync("PUBLISH", "news.a", "hello"));
        Assert.Equal(":1\r\n", await publisher.RawAsync("PUBLISH", "news.b", ""));
        Assert.Equal(":1\r\n", await publisher.RawAsync("SPUBLISH", "news.a", "x"));
        Assert.Equal(":0\r\n", await publisher.RawAsync("SPUBLISH", "news.b", "x"));

        Assert.Equal($"{head}3\r\n$7\r\nmessage\r\n$6\r\nnews.a\r\n$5\r\nhello\r\n", (await subscriber.ReadAsync()).Raw);
        Assert.Equal($"{head}4\r\n$8\r\npmessage\r\n$6\r\nnews.*\r\n$6\r\nnews.a\r\n$5\r\nhello\r\n", (await subscriber.ReadAsync()).Raw);
        Assert.Equal($"{head}4\r\n$8\r\npmessage\r\n$6\r\nnews.*\r\n$6\r\nnews.b\r\n$0\r\n\r\n", (await subscriber.ReadAsync()).Raw);
        Assert.Equal($"{head}3\r\n$8\r\nsmessage\r\n$6\r\nnews.a\r\n$1\r\nx\r\n", (await subscriber.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task An_old_subscriber_may_only_run_commands_about_subscribing()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SUBSCRIBE", "c");

        Assert.Equal(
            "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n",
            await client.RawAsync("GET", "k"));
        Assert.StartsWith("-ERR Can't execute 'client|id'", await client.RawAsync("CLIENT", "ID"), StringComparison.Ordinal);
        Assert.Equal("*2\r\n$4\r\npong\r\n$2\r\nhi\r\n", await client.RawAsync("PING", "hi"));
        await client.CallAsync("UNSUBSCRIBE", "c");
        Assert.Equal("$-1\r\n", await client.RawAsync("GET", "no-such-key"));
    }

    [SkippableFact]
    public async Task A_subscriber_of_RESP3_may_run_everything()
    {
        await using RespClient client = await server.ConnectAsync(3);
        await SubscribeAsync(client, "SUBSCRIBE", "c");

        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
        Assert.Equal("_\r\n", await client.RawAsync("GET", "no-such-key"));
    }

    [SkippableFact]
    public async Task What_one_publishes_to_oneself_follows_the_reply_of_the_transaction()
    {
        await using RespClient client = await server.ConnectAsync(3);
        await SubscribeAsync(client, "SUBSCRIBE", "self");
        await client.CallAsync("MULTI");
        await client.CallAsync("PUBLISH", "self", "1");
        await client.CallAsync("PING", "between");

        await client.SendAsync("EXEC");

        Assert.Equal("*2\r\n:1\r\n$7\r\nbetween\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal(">3\r\n$7\r\nmessage\r\n$4\r\nself\r\n$1\r\n1\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task Subscribing_works_inside_of_a_transaction_but_not_for_shard_channels()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("SUBSCRIBE", "t");
        await client.CallAsync("SSUBSCRIBE", "t");

        Assert.Equal(
            "*2\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nt\r\n:1\r\n-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client\r\n",
            await client.RawAsync("EXEC"));
    }

    [SkippableFact]
    public async Task CLIENT_REPLY_OFF_holds_back_neither_confirmations_nor_messages()
    {
        await using RespClient client = await server.ConnectAsync(3);
        await using RespClient publisher = await server.ConnectAsync();
        await client.SendAsync("CLIENT", "REPLY", "OFF");

        await client.SendAsync("SUBSCRIBE", "quiet");
        Assert.Equal(">3\r\n$9\r\nsubscribe\r\n$5\r\nquiet\r\n:1\r\n", (await client.ReadAsync()).Raw);
        await client.SendAsync("PING");
        await publisher.CallAsync("PUBLISH", "quiet", "x");

        Assert.Equal(">3\r\n$7\r\nmessage\r\n$5\r\nquiet\r\n$1\r\nx\r\n", (await client.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task PUBSUB_and_CLIENT_LIST_and_INFO_tell_what_is_subscribed_to()
    {
        await using RespClient subscriber = await server.ConnectAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("CLIENT", "SETNAME", "asker");
        await subscriber.SendAsync("CLIENT", "SETNAME", "listener");
        await subscriber.ReadAsync();
        await SubscribeAsync(subscriber, "SUBSCRIBE", "told.1", "told.2");
        await SubscribeAsync(subscriber, "PSUBSCRIBE", "told.*");
        await SubscribeAsync(subscriber, "SSUBSCRIBE", "shard.told");

        Assert.Equal(
            ["told.1", "told.2"],
            (await client.CallAsync("PUBSUB", "CHANNELS", "told.*")).Items.Select(item => item.Text).Order());
        Assert.Equal(["shard.told"], (await client.CallAsync("PUBSUB", "SHARDCHANNELS", "*told")).Items.Select(item => item.Text));
        Assert.Equal("*4\r\n$6\r\ntold.1\r\n:1\r\n$5\r\nother\r\n:0\r\n", await client.RawAsync("PUBSUB", "NUMSUB", "told.1", "other"));
        Assert.Equal("*2\r\n$10\r\nshard.told\r\n:1\r\n", await client.RawAsync("PUBSUB", "SHARDNUMSUB", "shard.told"));
        Assert.Equal("*0\r\n", await client.RawAsync("PUBSUB", "NUMSUB"));
        Assert.True((await client.CallAsync("PUBSUB", "NUMPAT")).Integer >= 1);
        string line = (await client.CallAsync("CLIENT", "LIST")).Text!.Split('\n').Single(text => text.Contains("name=listener", StringComparison.Ordinal));
        Assert.Contains(" flags=P ", line, StringComparison.Ordinal);
        Assert.Contains(" sub=2 psub=1 ssub=1 ", line, StringComparison.Ordinal);
        string info = (await client.CallAsync("INFO")).Text!;
        Assert.Matches(@"\npubsub_channels:[1-9]", info);
        Assert.Matches(@"\npubsub_patterns:[1-9]", info);
        Assert.Matches(@"\npubsubshard_channels:[1-9]", info);
        Assert.Matches(@"\npubsub_clients:[1-9]", info);
    }

    [SkippableFact]
    public async Task RESET_and_the_end_of_a_connection_end_its_subscriptions()
    {
        await using RespClient client = await server.ConnectAsync();
        RespClient leaver = await server.ConnectAsync();
        await SubscribeAsync(leaver, "SUBSCRIBE", "ending");
        await SubscribeAsync(leaver, "PSUBSCRIBE", "ending*");
        await SubscribeAsync(leaver, "SSUBSCRIBE", "ending");
        Assert.Equal(":2\r\n", await client.RawAsync("PUBLISH", "ending", "x"));
        await leaver.ReadAsync();
        await leaver.ReadAsync();

        Assert.Equal("+RESET\r\n", await leaver.RawAsync("RESET"));
        Assert.Equal(":0\r\n", await client.RawAsync("PUBLISH", "ending", "x"));
        Assert.Equal(":0\r\n", await client.RawAsync("SPUBLISH", "ending", "x"));
        await SubscribeAsync(leaver, "SUBSCRIBE", "ending");
        await leaver.DisposeAsync();

        await WaitFor.ConditionAsync(
            async () => await client.RawAsync("PUBLISH", "ending", "x") == ":0\r\n", "the subscription has ended with its client");
    }

    [SkippableFact]
    public async Task A_subscriber_that_does_not_read_is_closed_by_its_own_limit_and_the_others_are_served()
    {
        await using RespClient slow = await server.ConnectAsync();
        await using RespClient publisher = await server.ConnectAsync();
        await publisher.CallAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0");
        await SubscribeAsync(slow, "SUBSCRIBE", "flood");
        byte[] message = new byte[100_000];

        await WaitFor.ConditionAsync(
            async () => await publisher.RawAsync("PUBLISH", "flood", message) == ":0\r\n", "the slow subscriber was closed");

        Assert.Equal("+PONG\r\n", await publisher.RawAsync("PING"));
        await publisher.CallAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60");
    }

    [SkippableFact]
    public async Task Wrong_numbers_of_arguments_are_refused()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("-ERR wrong number of arguments for 'subscribe' command\r\n", await client.RawAsync("SUBSCRIBE"));
        Assert.Equal("-ERR wrong number of arguments for 'publish' command\r\n", await client.RawAsync("PUBLISH", "c"));
        Assert.Equal("-ERR wrong number of arguments for 'pubsub|numpat' command\r\n", await client.RawAsync("PUBSUB", "NUMPAT", "x"));
        Assert.StartsWith("-ERR", await client.RawAsync("PUBSUB", "CHANNELS", "a", "b"), StringComparison.Ordinal);
        Assert.StartsWith("-ERR unknown subcommand 'nonsense'", await client.RawAsync("PUBSUB", "nonsense"), StringComparison.Ordinal);
    }

    private static async Task SubscribeAsync(RespClient client, string command, params string[] names)
    {
        await client.SendAsync([command, .. names]);
        foreach (string _ in names) await client.ReadAsync();
    }
}
