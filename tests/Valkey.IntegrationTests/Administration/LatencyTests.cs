// LATENCY: histograms of commands, and spikes.

namespace Valkey.IntegrationTests.Administration;

public sealed class LatencyTests(LatencyTests.Fixture server) : IClassFixture<LatencyTests.Fixture>
{
    [SkippableTheory, RespVersions]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task Histograms_count_calls(int resp)
    {
        await using RespClient client = await server.ConnectAsync(resp);
        await client.CallAsync("CONFIG", "RESETSTAT");
        for (int i = 0; i < 5; i++) await client.CallAsync("ECHO", "x");
        await client.CallAsync("CLIENT", "ID");

        RespValue all = await client.CallAsync("LATENCY", "HISTOGRAM");
        RespValue some = await client.CallAsync("LATENCY", "HISTOGRAM", "echo", "nonesuch", "client");

        Assert.Equal(resp == 3 ? RespKind.Map : RespKind.Array, all.Kind);
        Assert.Equal(5, all["echo"]["calls"].Integer);
        Assert.Equal(5, all["echo"]["histogram_usec"].Items[^1].Integer);
        Assert.Equal(1, all["config|resetstat"]["calls"].Integer);
        Assert.Equal(4, some.Items.Count);
        Assert.Equal(1, some["client|id"]["calls"].Integer);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task A_spike_is_seen_everywhere()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("LATENCY", "RESET");
        await client.CallAsync("CONFIG", "SET", "latency-monitor-threshold", 20);

        await client.CallAsync("DEBUG", "SLEEP", "0.05");
        await client.CallAsync("CONFIG", "SET", "latency-monitor-threshold", 0);

        RespValue latest = (await client.CallAsync("LATENCY", "LATEST"))[0];
        Assert.Equal("command", latest[0].Text);
        Assert.True(latest[2].Integer >= 50);
        Assert.True(latest[3].Integer >= latest[2].Integer);
        RespValue history = await client.CallAsync("LATENCY", "HISTORY", "command");
        Assert.Equal(latest[1].Integer, history[0][0].Integer);
        Assert.Matches("^command - high [0-9]+ ms, low [0-9]+ ms \\(all time high [0-9]+ ms\\)\n-{80}\n", await client.TextAsync("LATENCY", "GRAPH", "command"));
        Assert.Contains("1. command: 1 latency spikes", await client.TextAsync("LATENCY", "DOCTOR"), StringComparison.Ordinal);
        Assert.Equal(1, (await client.CallAsync("LATENCY", "RESET", "nonesuch", "COMMAND")).Integer);
        Assert.Empty((await client.CallAsync("LATENCY", "LATEST")).Items);
    }

    [SkippableFact]
    public async Task Unknown_events_have_no_history_and_no_graph()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("*0\r\n", await client.RawAsync("LATENCY", "HISTORY", "nonesuch"));
        Assert.Equal("-ERR No samples available for event 'nonesuch'\r\n", await client.RawAsync("LATENCY", "GRAPH", "nonesuch"));
        Assert.Equal(":0\r\n", await client.RawAsync("LATENCY", "RESET", "nonesuch"));
    }

    public sealed class Fixture : ValkeyServerFixture
    {
        protected override ServerOptions Options => new() { Config = ["enable-debug-command yes"] };
    }
}
