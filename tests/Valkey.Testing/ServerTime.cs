// Time as the server sees it: tests that need some of it to have passed wait until the server says so, however long that takes.

namespace Valkey.Testing;

/// <summary>Waiting by the server's clock.</summary>
public static class ServerTime
{
    /// <summary>Returns once a time to live of so many milliseconds, given before the call, is over for the server.</summary>
    public static async Task OutliveAsync(this RespClient client, int ttlMs)
    {
        long overAtMs = await UnixMsAsync(client).ConfigureAwait(false) + ttlMs;
        await WaitFor.ConditionAsync(
            async () => await UnixMsAsync(client).ConfigureAwait(false) > overAtMs,
            $"{ttlMs} ms have passed for the server").ConfigureAwait(false);
    }

    /// <summary>Returns once the server's cron has run so many times: what it does regularly, it has done.</summary>
    public static async Task OutliveCronAsync(this RespClient client, int tickCount)
    {
        for (; tickCount > 0; tickCount--)
        {
            string before = await CronTimeAsync(client).ConfigureAwait(false);
            await WaitFor.ConditionAsync(
                async () => await CronTimeAsync(client).ConfigureAwait(false) != before, "the cron has run").ConfigureAwait(false);
        }
    }

    private static async Task<long> UnixMsAsync(RespClient client)
    {
        RespValue time = await client.CallAsync("TIME").ConfigureAwait(false);
        return (time[0].Integer * 1000) + (time[1].Integer / 1000);
    }

    private static async Task<string> CronTimeAsync(RespClient client)
    {
        const string Field = "eventloop_duration_cron_sum:";
        string info = await client.TextAsync("INFO", "debug").ConfigureAwait(false);
        int start = info.IndexOf(Field, StringComparison.Ordinal);
        return start < 0
            ? throw new InvalidOperationException($"No {Field} in {info}")
            : info[start..info.IndexOf('\r', start)];
    }
}
