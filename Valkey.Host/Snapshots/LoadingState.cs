// How far loading is, and what the last one brought: for INFO persistence.

using Valkey.Abstractions;

namespace Valkey.Host.Snapshots;

internal sealed class LoadingState(Server server)
{
    private const double PercentMax = 99.99; // memory is a guess at a file's size, and nothing is complete by a guess

    private long _startUnixSeconds;
    private long _totalBytes;

    /// <summary>Bytes that were read.</summary>
    public long LoadedBytes { get; set; }

    /// <summary>Memory in use when the snapshot was taken, as its header says; 0 when it does not.</summary>
    public long UsedMemoryBytes { get; set; }

    /// <summary>Keys that the last loading brought.</summary>
    public long KeysLoaded { get; set; }

    /// <summary>Keys that it left out because their time was over.</summary>
    public long KeysExpired { get; set; }

    /// <summary>Keys that it left out because they had no elements.</summary>
    public long EmptyKeys { get; set; }

    /// <summary>Hashes that it left out because all their fields' time was over.</summary>
    public long ExpiredHashes { get; set; }

    /// <summary>A loading begins.</summary>
    /// <param name="totalBytes">-1 when nobody knows.</param>
    public void Begin(long totalBytes)
    {
        _startUnixSeconds = server.Clock.UnixSeconds;
        _totalBytes = Math.Max(totalBytes, 0);
        LoadedBytes = 0;
        UsedMemoryBytes = 0;
        KeysLoaded = 0;
        KeysExpired = 0;
        EmptyKeys = 0;
        ExpiredHashes = 0;
    }

    /// <summary>The fields that are shown while loading.</summary>
    public void WriteProgress(InfoWriter info)
    {
        double percent = 0;
        long remainingBytes = 1;
        if (_totalBytes > 0)
        {
            percent = (double)LoadedBytes / _totalBytes * 100;
            remainingBytes = _totalBytes - LoadedBytes;
        }
        else if (UsedMemoryBytes > 0)
        {
            percent = Math.Min((double)LoadedBytes / UsedMemoryBytes * 100, PercentMax);
            remainingBytes = Math.Max(UsedMemoryBytes - LoadedBytes, 1);
        }

        long elapsedSeconds = server.Clock.UnixSeconds - _startUnixSeconds;
        info.Field("loading_start_time", _startUnixSeconds);
        info.Field("loading_total_bytes", _totalBytes);
        info.Field("loading_rdb_used_mem", UsedMemoryBytes);
        info.Field("loading_loaded_bytes", LoadedBytes);
        info.Field("loading_loaded_perc", percent, 2);
        info.Field("loading_eta_seconds", elapsedSeconds <= 0 ? 1 : (long)((double)elapsedSeconds * remainingBytes / (LoadedBytes + 1)));
    }
}
