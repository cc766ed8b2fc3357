// Loads the dataset from the append-only file: the base, then the increments, as the manifest says. The single file of an old
// server is moved into the folder first.
//
// Holds always: a file that the manifest names and that is not there ends the start, and so does an incomplete end in any file
// but the last: what came after it cannot be right.

using System.Diagnostics;
using System.Globalization;
using Valkey.Abstractions;
using Valkey.Aof.Files;

namespace Valkey.Aof.Loading;

/// <summary>The loader that takes the snapshot file's place while appendonly is on.</summary>
/// <param name="folder">The files.</param>
/// <param name="isEnabled">appendonly.</param>
/// <param name="loadsTruncated">aof-load-truncated.</param>
/// <param name="log">Where it tells what it does.</param>
internal sealed class AofLoader(AofFolder folder, Func<bool> isEnabled, Func<bool> loadsTruncated, ILog log) : IDatasetLoader
{
    private readonly AofFileLoader _files = new(folder, loadsTruncated, log);

    /// <summary>Called before the files are looked at: what is still to be written to them has to be. False, with the reason in the log, when it cannot.</summary>
    public Func<bool> Settling { get; set; } = static () => true;

    /// <summary>Called when the server has its dataset: time to open what is written to. False, with the reason in the log, ends the start.</summary>
    public Func<bool> Opening { get; set; } = static () => true;

    /// <summary>Size of the files that the last loading read.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Size of the base among them.</summary>
    public long BaseBytes { get; private set; }

    /// <inheritdoc/>
    public bool IsWanted => isEnabled();

    /// <inheritdoc/>
    public bool Prepare() => Settling() && folder.TryReadManifest();

    /// <inheritdoc/>
    public bool Started() => Opening();

    /// <inheritdoc/>
    public LoadOutcome Load(IDatasetLoading loading)
    {
        long startTicks = Stopwatch.GetTimestamp();
        LoadOutcome outcome = LoadFiles(loading);
        if (outcome is not (LoadOutcome.Failed or LoadOutcome.NothingThere))
            log.Write(LogLevel.Notice, $"DB loaded from append only file: {SecondsSince(startTicks)} seconds");
        return outcome;
    }

    private LoadOutcome LoadFiles(IDatasetLoading loading)
    {
        if (folder.NeedsUpgrade() && !folder.TryUpgrade()) return LoadOutcome.Failed;
        AofManifest manifest = folder.Manifest;
        if (manifest.LoadedCount == 0) return LoadOutcome.NothingThere;
        if (!TryMeasure(manifest)) return LoadOutcome.Failed;
        if (TotalBytes == 0) return LoadOutcome.Empty;

        using IDisposable state = loading.Begin(TotalBytes);
        int left = manifest.LoadedCount;
        long bytesBefore = 0;
        foreach (AofFile file in manifest.Loaded)
        {
            LoadOutcome outcome = LoadFile(loading, file, bytesBefore, isLast: --left == 0);
            if (left == 0 || outcome == LoadOutcome.Failed) return outcome;
            bytesBefore += folder.TrySizeOf(file.Name, out long sizeBytes) ? sizeBytes : 0;
        }

        return LoadOutcome.Loaded;
    }

    /// <summary>Learns the sizes of all files. False, with the reason in the log, when one is missing.</summary>
    private bool TryMeasure(AofManifest manifest)
    {
        TotalBytes = BaseBytes = 0;
        foreach (AofFile file in manifest.Loaded)
        {
            if (!folder.TrySizeOf(file.Name, out long sizeBytes)) return false;
            TotalBytes += sizeBytes;
            if (file.Type == AofFileType.Base) BaseBytes = sizeBytes;
        }

        return true;
    }

    private LoadOutcome LoadFile(IDatasetLoading loading, AofFile file, long bytesBefore, bool isLast)
    {
        long startTicks = Stopwatch.GetTimestamp();
        LoadOutcome outcome = _files.Load(loading, file.Name, bytesBefore, isLast);
        TotalBytes -= _files.TruncatedBytes;
        bool isBase = file.Type == AofFileType.Base;
        if (outcome is LoadOutcome.Loaded or LoadOutcome.LoadedTruncated)
            log.Write(LogLevel.Notice, $"DB loaded from {(isBase ? "base" : "incr")} file {file.Name}: {SecondsSince(startTicks)} seconds");
        return outcome == LoadOutcome.Empty ? LoadOutcome.Loaded : outcome; // another file has something
    }

    private static string SecondsSince(long startTicks) =>
        Stopwatch.GetElapsedTime(startTicks).TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
}
