// notify-keyspace-events: which events become messages, and in which order.

namespace Valkey.IntegrationTests.PubSub;

public sealed class KeyspaceMessageTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData("KEA", "AKE")]
    [InlineData("Kxge", "gxeK")]
    [InlineData("nmE", "nEm")]
    [InlineData("", "")]
    public async Task CONFIG_SET_takes_letters_in_any_order_and_GET_prints_them_in_one(string given, string printed)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "SET", "notify-keyspace-events", given));

        Assert.Equal(printed, (await client.CallAsync("CONFIG", "GET", "notify-keyspace-events"))[1].Text);
        Assert.Equal(
            "-ERR CONFIG SET failed (possibly related to argument 'notify-keyspace-events') - Invalid event class character. "
                + "Use 'Ag$lshzxeKEtmdn'.\r\n",
            await client.RawAsync("CONFIG", "SET", "notify-keyspace-events", "KEQ"));
    }

    [SkippableFact]
    public async Task Each_class_is_told_only_when_it_was_asked_for()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient listener = await server.ConnectAsync();
        await listener.CallAsync("PSUBSCRIBE", "__key*");

        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "E$");
        await client.CallAsync("SET", "string", "1");
        await client.CallAsync("RPUSH", "list", "1");
        await client.CallAsync("DEL", "string");
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "Kl");
        await client.CallAsync("SET", "string", "1");
        await client.CallAsync("RPUSH", "list", "1");
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "KEg");
        await client.CallAsync("DEL", "list");
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "Em");
        await client.CallAsync("GET", "missing");
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "En");
        await client.CallAsync("SET", "fresh", "1");
        await client.CallAsync("SET", "fresh", "2");
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "");
        await client.CallAsync("SET", "unheard", "2");
        await client.CallAsync("PUBLISH", "__key:end", "");

        await ExpectAsync(listener, "__keyevent@0__:set", "string");
        await ExpectAsync(listener, "__keyspace@0__:list", "rpush");
        await ExpectAsync(listener, "__keyspace@0__:list", "del");
        await ExpectAsync(listener, "__keyevent@0__:del", "list");
        await ExpectAsync(listener, "__keyevent@0__:keymiss", "missing");
        await ExpectAsync(listener, "__keyevent@0__:new", "fresh");
        await ExpectAsync(listener, "__key:end", "");
    }

    [SkippableFact]
    public async Task Events_come_in_the_order_of_the_changes_and_name_the_database()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient listener = await server.ConnectAsync();
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "EA");
        await listener.CallAsync("PSUBSCRIBE", "__keyevent@5__:*");
        await client.CallAsync("SELECT", 5);

        await client.CallAsync("SET", "a", "1", "PX", 700);
        await client.CallAsync("RENAME", "a", "b");
        await WaitFor.ConditionAsync(async () => (await client.CallAsync("EXISTS", "b")).Integer == 0, "the key has expired");

        await ExpectAsync(listener, "__keyevent@5__:set", "a");
        await ExpectAsync(listener, "__keyevent@5__:expire", "a");
        await ExpectAsync(listener, "__keyevent@5__:rename_from", "a");
        await ExpectAsync(listener, "__keyevent@5__:rename_to", "b");
        await ExpectAsync(listener, "__keyevent@5__:expired", "b");
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "");
    }

    [SkippableFact]
    public async Task Evicted_keys_are_told()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient listener = await server.ConnectAsync();
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "Ee");
        await listener.CallAsync("PSUBSCRIBE", "*");
        await client.CallAsync("SET", "victim", "1");
        await client.CallAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", 1);

        await client.CallAsync("PING");

        await ExpectAsync(listener, "__keyevent@0__:evicted", "victim");
        await client.CallAsync("CONFIG", "SET", "maxmemory", 0, "maxmemory-policy", "noeviction");
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "");
    }

    [SkippableFact]
    public async Task Channel_names_of_every_length_are_whole()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();
        await using RespClient listener = await server.ConnectAsync();
        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "K$");
        await listener.CallAsync("PSUBSCRIBE", "__keyspace@0__:*");
        foreach (int length in (int[])[0, 1, 230, 256, 5000])
        {
            string key = new('k', length);
            await client.CallAsync("SET", key, "1");
            await ExpectAsync(listener, "__keyspace@0__:" + key, "set");
        }

        await client.CallAsync("CONFIG", "SET", "notify-keyspace-events", "");
    }

    private static async Task ExpectAsync(RespClient listener, string channel, string message)
    {
        RespValue received = await listener.ReadAsync();
        Assert.Equal("pmessage", received[0].Text);
        Assert.Equal(channel, received[2].Text);
        Assert.Equal(message, received[3].Text);
    }
}
