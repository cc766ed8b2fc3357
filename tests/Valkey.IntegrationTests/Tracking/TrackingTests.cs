// Client-side caching over raw sockets: who is told what, and when.

using System.Globalization;

namespace Valkey.IntegrationTests.Tracking;

public sealed class TrackingTests(ValkeyServerFixture server) : IClassFixture<ValkeyServerFixture>
{
    [SkippableFact]
    public async Task A_key_that_was_read_is_told_once_when_it_changes()
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        Assert.Equal("+OK\r\n", await reader.RawAsync("CLIENT", "TRACKING", "ON"));
        await reader.CallAsync("GET", "read");

        await writer.CallAsync("SET", "unread", "1");
        await writer.CallAsync("SET", "read", "1");
        await writer.CallAsync("SET", "read", "2");

        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n*1\r\n$4\r\nread\r\n", (await reader.ReadAsync()).Raw);
        Assert.Equal("+PONG\r\n", (await PongAsync(reader)).Raw);
    }

    [SkippableTheory]
    [InlineData("DEL", "k")]
    [InlineData("EXPIRE", "k", "0")]
    [InlineData("APPEND", "k", "x")]
    [InlineData("RENAME", "k", "other")]
    [InlineData("RENAME", "source", "k")]
    [InlineData("COPY", "source", "k", "REPLACE")]
    [InlineData("MOVE", "k", "3")]
    [InlineData("PERSIST", "k")]
    public async Task Every_way_of_changing_a_key_is_told(string command, params string[] arguments)
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await writer.CallAsync("SET", "k", "v", "EX", 100);
        await writer.CallAsync("SET", "source", "v");
        await reader.CallAsync("CLIENT", "TRACKING", "ON");
        await reader.CallAsync("MGET", "k", "nothing");

        await writer.CallAsync([command, .. arguments]);

        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", (await reader.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_key_that_expires_is_told()
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await writer.CallAsync("SET", "k", "v", "PX", 500);
        await reader.CallAsync("CLIENT", "TRACKING", "ON");
        Assert.Equal("v", (await reader.CallAsync("GET", "k")).Text);

        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", (await reader.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task One_s_own_change_is_told_behind_one_s_own_reply_and_not_at_all_with_NOLOOP()
    {
        await using RespClient client = await server.ConnectAsync(3);
        await client.CallAsync("CLIENT", "TRACKING", "ON");
        await client.SendRawAsync("GET own\r\nMULTI\r\nSET own 1\r\nPING\r\nEXEC\r\n");
        for (int i = 0; i < 4; i++) await client.ReadAsync();

        Assert.Equal("*2\r\n+OK\r\n+PONG\r\n", (await client.ReadAsync()).Raw);
        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nown\r\n", (await client.ReadAsync()).Raw);

        await client.CallAsync("CLIENT", "TRACKING", "OFF");
        await client.CallAsync("CLIENT", "TRACKING", "ON", "NOLOOP");
        await client.CallAsync("GET", "own");
        await client.CallAsync("SET", "own", "2");
        Assert.Equal("+PONG\r\n", (await PongAsync(client)).Raw);
    }

    [SkippableFact]
    public async Task OPTIN_remembers_only_keys_behind_CLIENT_CACHING_YES()
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await reader.CallAsync("CLIENT", "TRACKING", "ON", "OPTIN");
        await reader.CallAsync("GET", "a");
        Assert.Equal("+OK\r\n", await reader.RawAsync("CLIENT", "CACHING", "YES"));
        await reader.CallAsync("GET", "b");
        await reader.CallAsync("GET", "c");
        await reader.CallAsync("CLIENT", "CACHING", "YES");
        await reader.CallAsync("MULTI");
        await reader.CallAsync("GET", "d");
        await reader.CallAsync("GET", "e");
        await reader.CallAsync("EXEC");

        await writer.CallAsync("MSET", "a", "1", "b", "1", "c", "1", "d", "1", "e", "1");

        foreach (string key in (string[])["b", "d", "e"]) Assert.Equal(key, (await reader.ReadAsync())[1][0].Text);
        Assert.Equal("+PONG\r\n", (await PongAsync(reader)).Raw);
        Assert.StartsWith("-ERR CLIENT CACHING NO is only valid", await reader.RawAsync("CLIENT", "CACHING", "NO"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task OPTOUT_leaves_out_the_keys_behind_CLIENT_CACHING_NO()
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await reader.CallAsync("CLIENT", "TRACKING", "ON", "OPTOUT");
        await reader.CallAsync("CLIENT", "CACHING", "NO");
        await reader.CallAsync("GET", "a");
        await reader.CallAsync("GET", "b");

        await writer.CallAsync("MSET", "a", "1", "b", "1");

        Assert.Equal("b", (await reader.ReadAsync())[1][0].Text);
        Assert.Equal("+PONG\r\n", (await PongAsync(reader)).Raw);
    }

    [SkippableFact]
    public async Task BCAST_tells_all_changes_under_the_prefixes_at_once_in_the_order_of_the_keys()
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await reader.CallAsync("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "user:", "PREFIX", "item:");
        await writer.CallAsync("MULTI");
        foreach (string key in (string[])["user:b", "other", "user:a", "user:b"]) await writer.CallAsync("SET", key, "1");

        await writer.CallAsync("EXEC");

        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n*2\r\n$6\r\nuser:a\r\n$6\r\nuser:b\r\n", (await reader.ReadAsync()).Raw);
        Assert.Equal("+PONG\r\n", (await PongAsync(reader)).Raw);
    }

    [SkippableFact]
    public async Task BCAST_with_NOLOOP_leaves_out_what_the_client_changed_last_itself()
    {
        await using RespClient reader = await server.ConnectAsync(3);
        await using RespClient writer = await server.ConnectAsync();
        await reader.CallAsync("CLIENT", "TRACKING", "ON", "BCAST", "NOLOOP");

        await reader.CallAsync("SET", "mine", "1");
        await writer.CallAsync("SET", "theirs", "1");

        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n*1\r\n$6\r\ntheirs\r\n", (await reader.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task An_old_client_is_told_by_another_connection_of_its_that_is_subscribed()
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync();
        await using RespClient listener = await server.ConnectAsync();
        long listenerId = (await listener.CallAsync("CLIENT", "ID")).Integer;
        await listener.CallAsync("SUBSCRIBE", "__redis__:invalidate");
        Assert.Equal("+OK\r\n", await reader.RawAsync("CLIENT", "TRACKING", "ON", "REDIRECT", listenerId));
        Assert.Equal(listenerId, (await reader.CallAsync("CLIENT", "GETREDIR")).Integer);
        await reader.CallAsync("GET", "k");

        await writer.CallAsync("SET", "k", "1");
        await writer.CallAsync("FLUSHDB");

        Assert.Equal("*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n*1\r\n$1\r\nk\r\n", (await listener.ReadAsync()).Raw);
        Assert.Equal("*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n$-1\r\n", (await listener.ReadAsync()).Raw);
    }

    [SkippableFact]
    public async Task A_redirection_whose_receiver_is_gone_is_told_and_shown()
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        RespClient listener = await server.ConnectAsync(3);
        long listenerId = (await listener.CallAsync("CLIENT", "ID")).Integer;
        await reader.CallAsync("CLIENT", "TRACKING", "ON", "REDIRECT", listenerId);
        await reader.CallAsync("GET", "k");
        await writer.CallAsync("CLIENT", "KILL", "ID", listenerId);
        await listener.DisposeAsync();

        await writer.CallAsync("SET", "k", "1");

        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $">2\r\n$21\r\ntracking-redir-broken\r\n:{listenerId}\r\n"), (await reader.ReadAsync()).Raw);
        RespValue info = await reader.CallAsync("CLIENT", "TRACKINGINFO");
        Assert.Equal(["on", "broken_redirect"], info["flags"].Items.Select(item => item.Text));
        Assert.Contains(" flags=tR ", (await reader.CallAsync("CLIENT", "INFO")).Text!, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task FLUSHALL_tells_that_all_keys_are_gone_and_forgets_who_read_what()
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await reader.CallAsync("CLIENT", "TRACKING", "ON");
        for (int i = 0; i < 3000; i++) await reader.CallAsync("GET", "key:" + i.ToString(CultureInfo.InvariantCulture));
        Assert.Contains("tracking_total_keys:3000\r\n", (await writer.CallAsync("INFO", "stats")).Text!, StringComparison.Ordinal);

        await writer.CallAsync("FLUSHALL");

        Assert.Equal(">2\r\n$10\r\ninvalidate\r\n_\r\n", (await reader.ReadAsync()).Raw);
        string info = (await writer.CallAsync("INFO")).Text!;
        Assert.Contains("tracking_total_keys:0\r\n", info, StringComparison.Ordinal);
        Assert.Contains("tracking_total_items:0\r\n", info, StringComparison.Ordinal);
        Assert.Contains("tracking_clients:1\r\n", info, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Beyond_the_limit_of_the_table_keys_are_forgotten_and_that_is_told()
    {
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await writer.CallAsync("CONFIG", "SET", "tracking-table-max-keys", 10);
        await reader.CallAsync("CLIENT", "TRACKING", "ON");

        for (int i = 0; i < 50; i++) await reader.CallAsync("GET", "key:" + i.ToString(CultureInfo.InvariantCulture));

        await reader.CallAsync("PING");
        Assert.Equal(40, reader.Pushes.Count);
        Assert.Contains("tracking_total_keys:10\r\n", (await writer.CallAsync("INFO", "stats")).Text!, StringComparison.Ordinal);
        await writer.CallAsync("CONFIG", "SET", "tracking-table-max-keys", 1000000);
    }

    [SkippableFact]
    public async Task TRACKINGINFO_tells_how_the_connection_tracks()
    {
        await using RespClient client = await server.ConnectAsync(3);
        Assert.Equal(
            "%3\r\n$5\r\nflags\r\n~1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n", await client.RawAsync("CLIENT", "TRACKINGINFO"));
        await client.CallAsync("CLIENT", "TRACKING", "ON", "BCAST", "NOLOOP", "PREFIX", "b", "PREFIX", "a");

        Assert.Equal(
            "%3\r\n$5\r\nflags\r\n~3\r\n$2\r\non\r\n$5\r\nbcast\r\n$6\r\nnoloop\r\n$8\r\nredirect\r\n:0\r\n$8\r\nprefixes\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n",
            await client.RawAsync("CLIENT", "TRACKINGINFO"));
        string line = (await client.CallAsync("CLIENT", "INFO")).Text!;
        Assert.Contains(" flags=tB ", line, StringComparison.Ordinal);
        Assert.Contains(" redir=0 ", line, StringComparison.Ordinal);
        Assert.Equal("+RESET\r\n", await client.RawAsync("RESET"));
        Assert.Equal(-1, (await client.CallAsync("CLIENT", "GETREDIR")).Integer);
    }

    [SkippableTheory]
    [InlineData("ERR PREFIX option requires BCAST mode to be enabled", "ON", "PREFIX", "a")]
    [InlineData("ERR OPTIN and OPTOUT are not compatible with BCAST", "ON", "BCAST", "OPTIN")]
    [InlineData("ERR You can't specify both OPTIN mode and OPTOUT mode", "ON", "OPTIN", "OPTOUT")]
    [InlineData("ERR The client ID you want redirect to does not exist", "ON", "REDIRECT", "999999")]
    [InlineData("ERR value is not an integer or out of range", "ON", "REDIRECT", "x")]
    [InlineData("ERR syntax error", "MAYBE")]
    [InlineData("ERR syntax error", "ON", "REDIRECT")]
    [InlineData("ERR syntax error", "ON", "NONSENSE")]
    [InlineData("ERR Prefix 'foo' overlaps with another provided prefix 'foobar'. Prefixes for a single client must not overlap.", "ON", "BCAST", "PREFIX", "foo", "PREFIX", "foobar")]
    public async Task What_does_not_go_together_is_refused(string error, params string[] arguments)
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal($"-{error}\r\n", await client.RawAsync(["CLIENT", "TRACKING", .. arguments]));

        Assert.Equal(-1, (await client.CallAsync("CLIENT", "GETREDIR")).Integer);
    }

    [SkippableFact]
    public async Task Modes_are_not_switched_while_tracking_is_on()
    {
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("CLIENT", "TRACKING", "ON", "OPTIN");

        Assert.StartsWith("-ERR You can't switch BCAST mode", await client.RawAsync("CLIENT", "TRACKING", "ON", "BCAST"), StringComparison.Ordinal);
        Assert.StartsWith("-ERR You can't switch OPTIN/OPTOUT", await client.RawAsync("CLIENT", "TRACKING", "ON", "OPTOUT"), StringComparison.Ordinal);
        await client.CallAsync("CLIENT", "TRACKING", "OFF");
        Assert.StartsWith("-ERR CLIENT CACHING can be called only", await client.RawAsync("CLIENT", "CACHING", "YES"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Readers_and_writers_at_random_see_no_stale_value_after_they_were_told()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        await using RespClient writer = await server.ConnectToEmptyAsync();
        await using RespClient reader = await server.ConnectAsync(3);
        await reader.CallAsync("CLIENT", "TRACKING", "ON");
        Dictionary<string, string?> cache = [], truth = [];

        for (int step = 0; step < 2000; step++)
        {
            string key = "key:" + random.Next(20).ToString(CultureInfo.InvariantCulture);
            if (random.Next(2) == 0)
            {
                string value = step.ToString(CultureInfo.InvariantCulture);
                await writer.CallAsync("SET", key, value);
                truth[key] = value;
                continue;
            }

            // What was pushed before this reply is in the connection in front of it.
            await reader.CallAsync("PING");
            while (reader.Pushes.TryDequeue(out RespValue? push)) cache.Remove(push[1][0].Text!);
            if (!cache.TryGetValue(key, out string? cached))
            {
                RespValue found = await reader.CallAsync("GET", key);
                cached = found.IsNull ? null : found.Text;
                cache[key] = cached;
            }

            Assert.True(cached == truth.GetValueOrDefault(key), $"seed {seed}, step {step}: {key} is {cached} in the cache");
        }
    }

    private static async Task<RespValue> PongAsync(RespClient client)
    {
        await client.SendAsync("PING");
        return await client.ReadAsync();
    }
}
