// Clients of others subscribe: redis-cli, and the Python library of the distribution.

namespace Valkey.IntegrationTests.Peers;

[Trait(Tags.Name, Tags.NeedsRedisTools)]
[Trait(Tags.Name, Tags.TlsSkip)]
public sealed class PubSubPeerTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    private const string SystemPython = "/usr/bin/python3";

    [SkippableFact]
    public async Task Redis_cli_shows_messages()
    {
        await using RespClient client = await server.ConnectAsync();
        using ChildProcess cli = ChildProcess.Start(
            RedisTools.Cli, ["-h", server.Host, "-p", $"{server.Port}", "PSUBSCRIBE", "peer.*"], null, null);
        await WaitFor.ConditionAsync(async () => await client.RawAsync("PUBLISH", "peer.cli", "hello") == ":1\r\n", "redis-cli is subscribed");

        await WaitFor.ConditionAsync(
            () => Task.FromResult(cli.Output.Contains("peer.cli", StringComparison.Ordinal) && cli.Output.Contains("hello", StringComparison.Ordinal)),
            "redis-cli has shown the message");
        cli.Kill();
    }

    [SkippableFact]
    public async Task The_python_library_subscribes_and_unsubscribes()
    {
        await RequirePythonAsync();
        string script =
            $"""
            import redis
            r = redis.Redis(host='{server.Host}', port={server.Port})
            r.config_set('notify-keyspace-events', 'KEA')
            p = r.pubsub()
            p.subscribe('py.a')
            p.psubscribe('__keyspace@0__:py:*')
            def take(kind):
                while True:
                    m = p.get_message(timeout=10)
                    assert m is not None, kind
                    if m['type'] == kind: return m
            take('subscribe'); take('psubscribe')
            assert r.publish('py.a', 'hello') == 1
            assert take('message')['data'] == b'hello'
            r.set('py:k', 1)
            m = take('pmessage')
            assert (m['channel'], m['data']) == (b'__keyspace@0__:py:k', b'set'), m
            p.ping(); assert take('pong')['data'] == b''
            assert dict(r.pubsub_numsub('py.a')) == dict([(b'py.a', 1)])
            p.unsubscribe(); p.punsubscribe()
            take('unsubscribe'); take('punsubscribe')
            assert r.pubsub_channels('py.*') == []
            r.config_set('notify-keyspace-events', '')
            print('done')
            """;

        ProcessResult result = await RedisTools.RunAsync(SystemPython, ["-c", script]);

        Assert.Equal("", result.Errors);
        Assert.Equal("done", result.Output.Trim());
    }

    private static async Task RequirePythonAsync()
    {
        Skip.IfNot(File.Exists(SystemPython), "There is no Python.");
        ProcessResult result = await RedisTools.RunAsync(SystemPython, ["-c", "import redis"]);
        Skip.If(result.ExitCode != 0, "Python has no redis library.");
    }
}
