// The machinery as a whole: switched off while replies wait, failing, unloaded; what INFO and DEBUG tell and do; events that
// plugins hear once they are durable.

using Valkey.IntegrationTests.Aof;
using Valkey.IntegrationTests.Modules;

namespace Valkey.IntegrationTests.Durability;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
[Trait(Tags.Name, Tags.NeedsDebug)]
public sealed class DurabilityStateTests(HeldServerFixture server) : IClassFixture<HeldServerFixture>
{
    [SkippableFact]
    public async Task Switching_the_only_provider_off_releases_what_waits_and_holds_nothing_any_more()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await using RespClient reader = await server.ConnectAsync();
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "v");
        await HeldServerFixture.SendHeldAsync(control, reader, "GET", "k");

        await control.CallAsync("CONFIG", "SET", "secondfile.enabled", "no");

        Assert.Equal("+OK\r\n", (await writer.ReadAsync()).Raw);
        Assert.Equal("$1\r\nv\r\n", (await reader.ReadAsync()).Raw);
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "enabled"));
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "uncommitted_keys"));
        Assert.Equal("+OK\r\n", await writer.RawAsync("SET", "k", "w"));
    }

    [SkippableFact]
    public async Task A_provider_that_is_switched_on_holds_what_comes_afterwards()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await control.CallAsync("CONFIG", "SET", "secondfile.enabled", "no");
        await writer.CallAsync("SET", "before", "v");
        await control.CallAsync("CONFIG", "SET", "secondfile.enabled", "yes");
        await server.PauseAsync(control);

        Assert.Equal("$1\r\nv\r\n", await writer.RawAsync("GET", "before"));
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "v");

        await server.ResumeAsync(control);
        Assert.Equal("+OK\r\n", (await writer.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task Unloading_the_module_of_the_provider_releases_what_waits()
    {
        await using ServerProcess own = await ServerProcess.StartAsync(BuiltModules.With("SecondFileModule", "enable-debug-command yes"));
        await using RespClient control = await own.ConnectAsync();
        await using RespClient writer = await own.ConnectAsync();
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "v");

        await WaitFor.ConditionAsync(async () => !(await control.CallAsync("MODULE", "UNLOAD", "secondfile")).IsError, "it could be unloaded");

        Assert.Equal("+OK\r\n", (await writer.ReadAsync()).Raw);
        Assert.Equal("-ERR unknown durability provider 'secondfile'\r\n", await control.RawAsync("DEBUG", "REPLY-BLOCKING-PAUSE", "secondfile"));
    }

    [SkippableFact]
    public async Task SHUTDOWN_answers_all_who_waited_for_what_is_durable_now()
    {
        const int WriterCount = 100;
        await using ServerProcess own = await ServerProcess.StartAsync([.. AofServer.Offloaded, "enable-debug-command yes"]);
        await using RespClient control = await own.ConnectAsync();
        Assert.Equal("+OK\r\n", await control.RawAsync("DEBUG", "REPLY-BLOCKING-PAUSE", "aof"));
        RespClient[] writers = new RespClient[WriterCount];
        for (int i = 0; i < WriterCount; i++)
        {
            writers[i] = await own.ConnectAsync();
            await writers[i].SendAsync("SET", $"k{i}", i);
        }

        await WaitFor.ConditionAsync(
            async () => await HeldServerFixture.FieldAsync(control, "clients_waiting_ack") == WriterCount, "all wait");

        await control.SendRawAsync("DEBUG REPLY-BLOCKING-RESUME aof\r\nPING\r\nSHUTDOWN NOSAVE\r\n");

        Assert.Equal("+OK\r\n+PONG\r\n", await control.ReadToEndAsync());
        foreach (RespClient writer in writers)
        {
            Assert.Equal("+OK\r\n", await writer.ReadToEndAsync());
            await writer.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_provider_that_fails_closes_those_who_wait_and_acknowledges_nothing()
    {
        await using ServerProcess own = await ServerProcess.StartAsync(BuiltModules.With("SecondFileModule", "secondfile.path /dev/full"));
        await using RespClient control = await own.ConnectAsync();
        await using RespClient writer = await own.ConnectAsync();
        await using RespClient reader = await own.ConnectAsync();

        await writer.SendAsync("SET", "k", "v");
        Assert.Equal("", await writer.ReadToEndAsync());
        await reader.SendAsync("GET", "k");
        Assert.Equal("", await reader.ReadToEndAsync());

        Assert.Equal("+PONG\r\n", await control.RawAsync("PING"));
        Assert.Equal("$-1\r\n", await control.RawAsync("GET", "another"));
        Assert.Contains("Writes cannot be made durable", own.Log, StringComparison.Ordinal);
        await control.CallAsync("CONFIG", "SET", "secondfile.enabled", "no");
        Assert.Equal("$1\r\nv\r\n", await control.RawAsync("GET", "k"));
    }

    [SkippableFact]
    public async Task The_committed_offset_is_the_one_that_all_providers_have_confirmed()
    {
        await using RespClient control = await server.ConnectControlAsync();
        await using RespClient writer = await server.ConnectAsync();
        await server.PauseAsync(control);
        long before = await HeldServerFixture.FieldAsync(control, "previous_acked_offset");

        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "k", "v");

        Assert.Equal(before, await HeldServerFixture.FieldAsync(control, "previous_acked_offset"));
        long end = await HeldServerFixture.FieldAsync(control, "primary_repl_offset");
        Assert.Equal(before + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n".Length, end);
        await server.ResumeAsync(control);
        await writer.ReadAsync();
        Assert.Equal(end, await HeldServerFixture.FieldAsync(control, "previous_acked_offset"));
    }

    [SkippableFact]
    public async Task The_second_file_holds_the_stream()
    {
        await using ServerProcess own = await ServerProcess.StartAsync(BuiltModules.With("SecondFileModule"));
        await using RespClient client = await own.ConnectAsync();

        await client.CallAsync("SELECT", 3);
        await client.CallAsync("SET", "k", "v");
        await client.CallAsync("MULTI");
        await client.CallAsync("INCR", "n");
        await client.CallAsync("INCR", "n");
        await client.CallAsync("EXEC");

        Assert.Equal(
            "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*1\r\n$5\r\nMULTI\r\n"
            + "*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*1\r\n$4\r\nEXEC\r\n",
            await File.ReadAllTextAsync(Path.Combine(own.Folder, "secondfile.resp")));
    }

    [SkippableFact]
    public async Task INFO_shows_it_when_it_is_asked_for_by_name_or_for_debugging_and_never_otherwise()
    {
        await using RespClient control = await server.ConnectControlAsync();

        foreach (string section in new[] { "reply_blocking", "debug" })
            Assert.Contains("reply_blocking_enabled:1", await control.TextAsync("INFO", section), StringComparison.Ordinal);
        foreach (string section in new[] { "all", "everything", "default", "persistence" })
            Assert.DoesNotContain("reply_blocking", await control.TextAsync("INFO", section), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("REPLY-BLOCKING-PAUSE")]
    [InlineData("REPLY-BLOCKING-RESUME")]
    public async Task The_levers_know_only_the_providers_that_there_are(string lever)
    {
        await using RespClient control = await server.ConnectControlAsync();

        Assert.Equal("-ERR unknown durability provider 'nobody'\r\n", await control.RawAsync("DEBUG", lever, "nobody"));
        Assert.StartsWith("-ERR unknown subcommand or wrong number of arguments", await control.RawAsync("DEBUG", lever), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("no")]
    [InlineData("yes")]
    public async Task A_plugin_hears_of_a_change_inline_or_when_it_is_durable_as_it_asked(string onceDurable)
    {
        await using RespClient control = await server.ConnectControlAsync();
        RespClient writer = await server.ConnectAsync();
        await control.CallAsync("CONFIG", "SET", "keyaudit.once-durable", onceDurable);
        await control.CallAsync("AUDIT.RESET");
        await server.PauseAsync(control);
        await HeldServerFixture.SendHeldAsync(control, writer, "SET", "a", "1");
        await HeldServerFixture.SendHeldAsync(control, writer, "DEL", "a");
        writer.Reset(); // the events outlive the client
        await WaitFor.ConditionAsync(async () => await HeldServerFixture.FieldAsync(control, "clients_waiting_ack") == 0, "the client is gone");

        Assert.Equal(onceDurable == "yes" ? 0 : 2, (await control.CallAsync("AUDIT.LAST", 10)).Items.Count);
        await server.ResumeAsync(control);

        await WaitFor.ConditionAsync(async () => (await control.CallAsync("AUDIT.LAST", 10)).Items.Count == 2, "both were heard");
        RespValue events = await control.CallAsync("AUDIT.LAST", 10);
        Assert.Equal("del", events[0]["event"].Text);
        Assert.Equal("set", events[1]["event"].Text);
        await control.CallAsync("CONFIG", "SET", "keyaudit.once-durable", "no");
    }
}
