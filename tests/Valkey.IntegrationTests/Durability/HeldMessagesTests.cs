// What clients are told of changes while replies wait for durability: key events as messages, invalidations, parked replies.

using Valkey.IntegrationTests.Modules;

namespace Valkey.IntegrationTests.Durability;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
public sealed class HeldMessagesTests(HeldMessagesTests.Fixture server) : IClassFixture<HeldMessagesTests.Fixture>
{
    [SkippableFact]
    public async Task Key_events_become_messages_once_they_are_durable_and_in_their_order()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient listener = await server.ConnectAsync();
        await control.CallAsync("CONFIG", "SET", "notify-keyspace-events", "EA");
        await listener.CallAsync("PSUBSCRIBE", "__keyevent@0__:*");
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "a", "1");
        await HeldServerFixture.SendHeldAsync(control, writer, "DEL", "a");

        await control.CallAsync("PUBLISH", "__keyevent@0__:own", "a message changes nothing and is not held");
        Assert.Equal("__keyevent@0__:own", (await listener.ReadAsync())[2].Text);
        Assert.True(await listener.IsSilentForAsync(TimeSpan.FromMilliseconds(50)));
        await server.ResumeAsync(control);

        Assert.Equal("__keyevent@0__:set", (await listener.ReadAsync())[2].Text);
        Assert.Equal("__keyevent@0__:del", (await listener.ReadAsync())[2].Text);
        await control.CallAsync("CONFIG", "SET", "notify-keyspace-events", "");
    }

    [SkippableTheory]
    [InlineData("ON")]
    [InlineData("ON", "BCAST")]
    public async Task Invalidations_wait_until_the_change_is_durable_and_follow_the_own_reply(params string[] mode)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await using RespClient writer = await server.ConnectAsync(3);
        foreach (RespClient client in (RespClient[])[reader, writer])
        {
            await client.CallAsync(["CLIENT", "TRACKING", .. mode]);
            await client.CallAsync("GET", "k");
        }

        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "1");
        Assert.True(await reader.IsSilentForAsync(TimeSpan.FromMilliseconds(50)));

        await server.ResumeAsync(control);

        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", (await reader.ReadAsync()).Raw);
        Assert.Equal("+OK\r\n", (await writer.ReadAsync()).Raw);
        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", (await writer.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task An_invalidation_comes_although_the_writer_is_gone()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        RespClient writer = await server.ConnectAsync();
        await reader.CallAsync("CLIENT", "TRACKING", "ON");
        await reader.CallAsync("GET", "k");
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "1");
        await writer.DisposeAsync();

        await server.ResumeAsync(control);

        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", (await reader.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task FLUSHALL_is_told_when_it_is_durable()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await using RespClient writer = await server.ConnectAsync();
        await control.CallAsync("SET", "k", "1");
        await reader.CallAsync("CLIENT", "TRACKING", "ON");
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "FLUSHALL");
        Assert.True(await reader.IsSilentForAsync(TimeSpan.FromMilliseconds(50)));

        await server.ResumeAsync(control);

        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n_\r\n", (await reader.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_reply_that_a_module_had_parked_waits_for_durability_as_well()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await server.PauseAsync(control);
        await writer.SendAsync("SET", "held:k", "1");
        await WaitFor.ConditionAsync(async () => (await control.CallAsync("REACTIONS.HELD")).Integer > 0, "the reply is parked");
        while ((await control.CallAsync("REACTIONS.RELEASE")).Integer == 1)
        {
            // All holders let go.
        }

        Assert.True(await writer.IsSilentForAsync(TimeSpan.FromMilliseconds(50)));
        await server.ResumeAsync(control);

        Assert.Equal("+OK\r\n", (await writer.ReadAsync()).Raw);
        Assert.Equal("+PONG\r\n", await writer.RawAsync("PING"));
    }

    [SkippableFact]
    public async Task What_a_job_writes_is_behind_the_same_reply()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient reader = await server.ConnectAsync();
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "mirror:k", "1");
        await HeldServerFixture.SendHeldAsync(control, reader, "GET", "copy:k");

        await server.ResumeAsync(control);

        Assert.Equal("+OK\r\n", (await writer.ReadAsync()).Raw);
        Assert.Equal("$1\r\n1\r\n", (await reader.ReadAsync()).Raw);
    }

    /// <summary>The held server with the module that reacts to changes.</summary>
    public sealed class Fixture : HeldServerFixture
    {
        /// <inheritdoc/>
        protected override ServerOptions Options => BuiltModules.With(
            "SecondFileModule", "enable-debug-command yes", $"loadmodule {BuiltModules.Sample("KeyReactionsModule")}");
    }
}
