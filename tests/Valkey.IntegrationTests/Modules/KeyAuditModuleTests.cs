// The KeyAudit sample on the real server: events are heard inside the command that caused them.

namespace Valkey.IntegrationTests.Modules;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class KeyAuditModuleTests
{
    [SkippableTheory]
    [RespVersions]
    public async Task A_change_is_heard_before_the_next_command(int respVersion)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With("KeyAuditModule"));
        await using RespClient client = await server.ConnectAsync(respVersion);
        await client.CallAsync("SELECT", 3);

        await client.CallAsync("SET", "k", "v");

        RespValue last = Assert.Single((await client.CallAsync("AUDIT.LAST", 1)).Items);
        Assert.Equal(respVersion == 3 ? RespKind.Map : RespKind.Array, last.Kind);
        Assert.Equal("set", last["event"].Text);
        Assert.Equal("k", last["key"].Text);
        Assert.Equal(3, last["db"].Integer);
        long nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Assert.InRange(last["at-ms"].Integer, nowMs - 60_000, nowMs + 1000);
    }

    [SkippableFact]
    public async Task Inside_a_transaction_events_are_heard_one_by_one()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With("KeyAuditModule"));
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("MULTI");
        await client.CallAsync("SET", "first", "1");
        await client.CallAsync("AUDIT.LAST", 10);
        await client.CallAsync("INCR", "second");
        await client.CallAsync("AUDIT.LAST", 1);

        RespValue replies = await client.CallAsync("EXEC");

        Assert.Contains(replies[1].Items, item => item["event"].Text == "set" && item["key"].Text == "first");
        Assert.DoesNotContain(replies[1].Items, item => item["key"].Text == "second");
        Assert.Equal("second", replies[3][0]["key"].Text);
        Assert.Equal("incrby", replies[3][0]["event"].Text);
    }

    [SkippableFact]
    public async Task Deletion_and_expiry_are_heard()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With("KeyAuditModule"));
        await using RespClient client = await server.ConnectAsync();
        await client.RequireCommandAsync("del");
        await client.CallAsync("SET", "deleted", "v");
        await client.CallAsync("DEL", "deleted");
        await client.CallAsync("SET", "expiring", "v", "PX", 20);

        await WaitFor.ConditionAsync(async () => (await client.CallAsync("GET", "expiring")).IsNull, "the key has expired");

        RespValue events = await client.CallAsync("AUDIT.LAST", 100);
        Assert.Contains(events.Items, item => item["event"].Text == "del" && item["key"].Text == "deleted");
        Assert.Contains(events.Items, item => item["event"].Text == "expired" && item["key"].Text == "expiring");
    }

    [SkippableFact]
    public async Task Only_the_classes_of_the_option_are_heard_whatever_the_server_publishes_to_clients()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            BuiltModules.With("KeyAuditModule", "keyaudit.events g", "notify-keyspace-events \"\""));
        await using RespClient client = await server.ConnectAsync();

        await client.CallAsync("SET", "k", "v");
        Assert.Equal("*0\r\n", await client.RawAsync("AUDIT.LAST", 10));

        await client.RequireCommandAsync("config");
        Assert.Equal("+OK\r\n", await client.RawAsync("CONFIG", "SET", "keyaudit.events", "$"));
        await client.CallAsync("SET", "k", "v");
        Assert.Equal("set", (await client.CallAsync("AUDIT.LAST", 10))[0]["event"].Text);
        Assert.StartsWith("-ERR", await client.RawAsync("CONFIG", "SET", "keyaudit.events", "Q"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task After_its_unload_changes_go_on_unheard()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With("KeyAuditModule"));
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "k", "v");

        Assert.Equal("+OK\r\n", await client.RawAsync("MODULE", "UNLOAD", "keyaudit"));

        Assert.Equal("+OK\r\n", await client.RawAsync("SET", "k", "w"));
        await server.WaitForLogAsync("The code of module keyaudit is out of memory");
    }
}
