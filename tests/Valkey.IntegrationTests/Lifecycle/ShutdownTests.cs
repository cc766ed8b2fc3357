// Ending: by SHUTDOWN, by SIGTERM, by SIGINT. The exit code tells a supervisor whether it was in order.

namespace Valkey.IntegrationTests.Lifecycle;

[Trait(Tags.Name, Tags.ExternalSkip)]
public sealed class ShutdownTests
{
    private const int SigInt = 2;

    [SkippableFact]
    public async Task SIGTERM_ends_in_order()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();

        int exitCode = await server.StopAsync();

        Assert.Equal(0, exitCode);
        Assert.Contains("Received SIGTERM scheduling shutdown...", server.Log, StringComparison.Ordinal);
        Assert.Contains("ready to exit, bye bye...", server.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task SIGINT_ends_in_order()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();

        server.Signal(SigInt);

        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [SkippableTheory]
    [InlineData("SHUTDOWN")]
    [InlineData("SHUTDOWN NOSAVE")]
    [InlineData("SHUTDOWN NOW")]
    [InlineData("shutdown nosave force")]
    public async Task SHUTDOWN_ends_without_a_reply(string command)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [SkippableFact]
    public async Task What_was_published_before_SHUTDOWN_is_delivered()
    {
        const int SubscriberCount = 100, MessageCount = 20;
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient publisher = await server.ConnectAsync();
        RespClient[] subscribers = new RespClient[SubscriberCount];
        for (int i = 0; i < SubscriberCount; i++)
        {
            subscribers[i] = await server.ConnectAsync();
            await subscribers[i].CallAsync("SUBSCRIBE", "news");
        }

        // One after the other, so that the server has seen how long sending takes; the last one together with the end.
        for (int i = 1; i < MessageCount; i++) Assert.Equal(SubscriberCount, (await publisher.CallAsync("PUBLISH", "news", i)).Integer);
        await publisher.SendRawAsync($"PUBLISH news {MessageCount}\r\nSHUTDOWN NOSAVE\r\n");

        foreach (RespClient subscriber in subscribers)
        {
            string received = await subscriber.ReadToEndAsync();
            for (int i = 1; i <= MessageCount; i++) Assert.Contains($"\r\n{i}\r\n", received, StringComparison.Ordinal);
            await subscriber.DisposeAsync();
        }

        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [SkippableTheory]
    [InlineData("SHUTDOWN NONSENSE", "syntax error")]
    [InlineData("SHUTDOWN SAVE NOSAVE", "syntax error")]
    [InlineData("SHUTDOWN ABORT", "No shutdown in progress.")]
    public async Task Faulty_arguments_are_refused_and_the_server_stays(string command, string expected)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(command + "\r\n");

        Assert.Equal($"-ERR {expected}\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal("+PONG\r\n", await client.RawAsync("PING"));
    }

    [SkippableFact]
    public async Task Connections_are_closed_at_the_end()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("PING");

        await server.StopAsync();

        Assert.Equal("", await client.ReadToEndAsync());
    }

    [SkippableFact]
    public async Task After_a_crash_the_port_can_be_used_again_at_once()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "k", "v");

        server.Kill();
        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal(":0\r\n", await again.RawAsync("DBSIZE"));
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.NeedsSave)]
    public async Task SHUTDOWN_SAVE_keeps_the_data()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using (RespClient client = await server.ConnectAsync())
        {
            await client.RequireCommandAsync("SAVE");
            await client.CallAsync("SET", "kept", "v");
            await client.SendAsync("SHUTDOWN", "SAVE");
            await server.WaitForExitAsync();
        }

        await server.StartAgainAsync();

        await using RespClient again = await server.ConnectAsync();
        Assert.Equal("v", await again.TextAsync("GET", "kept"));
    }
}
