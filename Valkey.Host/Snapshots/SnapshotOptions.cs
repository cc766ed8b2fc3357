// The options about when, where to and how the dataset is saved. What the file looks like inside is the business of its format.

using Valkey.Abstractions;

namespace Valkey.Host.Snapshots;

internal sealed class SnapshotOptions
{
    /// <summary>When it is saved by itself.</summary>
    public SavePoints SavePoints { get; } = new();

    public StringOption FileName { get; } = new("dbfilename", "dump.rdb")
    {
        Flags = OptionFlags.Protected,
        Validate = static arguments =>
            arguments[0].Length == 0 ? "dbfilename can't be empty"
            : arguments[0].Contains('/') ? "dbfilename can't be a path, just a filename"
            : null,
    };

    /// <summary>While saving fails, writes are refused: somebody will notice.</summary>
    public BoolOption StopWritesOnError { get; } = new("stop-writes-on-bgsave-error", true);

    /// <summary>The disk is kept busy while a file is written, so that the sync at the end is short.</summary>
    public BoolOption IncrementalSync { get; } = new("rdb-save-incremental-fsync", true);

    /// <summary>Files that only a replica's synchronization needed are deleted after it.</summary>
    public BoolOption DeleteSyncFiles { get; } = new("rdb-del-sync-files", false);

    /// <summary>Microseconds to wait after each saved key; -n: now and then, one in n keys. For tests.</summary>
    public IntegerOption KeySaveDelay { get; } = new("rdb-key-save-delay", 0, int.MinValue, int.MaxValue) { Flags = OptionFlags.Hidden };

    /// <summary>Plain BGSAVE and saves at save points are made by a thread instead of a forked child.</summary>
    public BoolOption ThreadForBackup { get; } = new("threadsave-enabled-for-backup", false);

    public IEnumerable<ConfigOption> All =>
        [SavePoints.Option, FileName, StopWritesOnError, IncrementalSync, DeleteSyncFiles, KeySaveDelay, ThreadForBackup];
}
