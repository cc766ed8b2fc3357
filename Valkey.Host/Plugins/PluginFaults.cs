// What a plugin's callbacks throw ends here: in the log and in the plugin's status, and nowhere else.
// A subscriber that throws at every key event would fill the disk: one line a second, the others are counted.
// Any thread.

using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>The faults of one plugin.</summary>
internal sealed class PluginFaults(IPluginHost host)
{
    private const long LinePeriodMs = 1000;

    private readonly Lock _gate = new();
    private long _nextLineAtMs = long.MinValue;
    private long _silentCount;

    /// <summary>How many there were.</summary>
    public long Count { get; private set; }

    /// <summary>The last one, in one line; null while there was none.</summary>
    public string? Last { get; private set; }

    /// <summary>Notes an exception and logs it, unless another one was logged just now.</summary>
    public void Report(string owner, string where, Exception exception)
    {
        string line = PluginLoadException.OneLine(
            $"<{owner}> {where} threw {exception.GetType().Name}: {exception.Message}");
        long silentCount;
        lock (_gate)
        {
            Count++;
            Last = line;
            long nowMs = Environment.TickCount64;
            if (nowMs < _nextLineAtMs)
            {
                _silentCount++;
                return;
            }

            _nextLineAtMs = nowMs + LinePeriodMs;
            silentCount = _silentCount;
            _silentCount = 0;
        }

        if (silentCount > 0) line += $" ({silentCount} more were not logged)";
        host.Log(LogLevel.Warning, line + " | " + PluginLoadException.OneLine(exception.StackTrace ?? ""));
    }
}
