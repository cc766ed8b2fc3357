// redis-benchmark drives the server: it ends without an error and the keyspace holds what it has written. How fast it was
// is no matter here; benchmarks/ is for that.

namespace Valkey.IntegrationTests.Peers;

[Trait(Tags.Name, Tags.NeedsRedisTools)]
[Trait(Tags.Name, Tags.TlsSkip)]
public sealed class RedisBenchmarkTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableTheory]
    [InlineData("ping_inline,ping_mbulk", 1)]
    [InlineData("set,get,incr,mset", 1)]
    [InlineData("set,get,incr,mset", 16)]
    public async Task Its_own_tests_run_without_an_error(string tests, int pipeline)
    {
        ProcessResult result = await BenchmarkAsync(
            ["-n", "20000", "-c", "20", "-P", $"{pipeline}", "-r", "1000", "-d", "64", "-t", tests, "--csv"]);

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("Error", result.Output + result.Errors, StringComparison.Ordinal);
        Assert.Contains("\"rps\"", result.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Every_increment_arrives()
    {
        await using RespClient client = await server.ConnectToEmptyAsync();

        ProcessResult result = await BenchmarkAsync(["-n", "30000", "-c", "30", "-P", "10", "-q", "INCR", "bench:counter"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("30000", await client.TextAsync("GET", "bench:counter"));
    }

    [SkippableFact]
    public async Task Resp3_clients_are_served()
    {
        ProcessResult result = await BenchmarkAsync(["-3", "-n", "10000", "-c", "10", "-q", "SET", "bench:resp3", "v"]);

        Assert.Equal(0, result.ExitCode);
        await using RespClient client = await server.ConnectAsync();
        Assert.Equal("v", await client.TextAsync("GET", "bench:resp3"));
    }

    private Task<ProcessResult> BenchmarkAsync(string[] arguments) => RedisTools.RunAsync(
        RedisTools.Benchmark, ["-h", server.Host, "-p", $"{server.Port}", .. arguments],
        deadline: TimeSpan.FromMinutes(2 * TestEnvironment.TimeoutFactor));
}
