// After three failed rewrites in a row the next automatic one comes later and later: one minute, two, four, up to an hour.
// Each failed rewrite leaves an increment, and a folder with thousands of them helps nobody.

using Valkey.Abstractions;

namespace Valkey.Aof.Rewriting;

internal sealed class RewriteLimit(ILog log)
{
    private const int FailuresMax = 3;
    private const int DelayMinutesMax = 60;
    private const long MinuteMs = 60_000;

    private int _delayMinutes;
    private long _nextMs;

    /// <summary>Whether a rewrite has to wait.</summary>
    /// <param name="failureCount">Rewrites that failed, one after the other.</param>
    /// <param name="nowMs">Milliseconds of a clock that never goes back.</param>
    public bool Holds(long failureCount, long nowMs)
    {
        if (failureCount < FailuresMax)
        {
            _delayMinutes = 0;
            _nextMs = 0;
            return false;
        }

        if (_nextMs != 0)
        {
            if (nowMs < _nextMs) return true;
            _nextMs = 0;
            return false;
        }

        _delayMinutes = Math.Clamp(_delayMinutes * 2, 1, DelayMinutesMax);
        _nextMs = nowMs + (_delayMinutes * MinuteMs);
        log.Write(
            LogLevel.Warning,
            $"Background AOF rewrite has repeatedly failed and triggered the limit, will retry in {_delayMinutes} minutes");
        return true;
    }
}
