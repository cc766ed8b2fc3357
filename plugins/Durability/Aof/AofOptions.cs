// What operators set about the append-only file.

using Valkey.Abstractions;

namespace Valkey.Aof;

/// <summary>When written commands are brought to the disk; the order of the option's words.</summary>
internal enum SyncPolicy
{
    /// <summary>Once per second, beside the commands.</summary>
    EverySecond,

    /// <summary>Before the writer is answered.</summary>
    Always,

    /// <summary>When the system likes.</summary>
    Never,
}

internal sealed class AofOptions
{
    /// <summary>Writes are logged.</summary>
    public BoolOption Enabled { get; } = new("appendonly", false) { Flags = OptionFlags.DenyLoading };

    /// <summary>What the names of all files begin with.</summary>
    public StringOption FileName { get; } = new("appendfilename", "appendonly.aof")
    {
        Flags = OptionFlags.Immutable,
        Validate = static arguments => RefusePath(arguments[0], "appendfilename", "filename"),
    };

    /// <summary>The folder of the files.</summary>
    public StringOption FolderName { get; } = new("appenddirname", "appendonlydir")
    {
        Flags = OptionFlags.Immutable,
        Validate = static arguments => RefusePath(arguments[0], "appenddirname", "dirname"),
    };

    /// <summary>When the disk gets what was written.</summary>
    public EnumOption Sync { get; } = new("appendfsync", (int)SyncPolicy.EverySecond, "everysec", "always", "no");

    /// <summary>No syncs while the dataset is being written in the background, because both would get slow.</summary>
    public BoolOption NoSyncOnRewrite { get; } = new("no-appendfsync-on-rewrite", false);

    /// <summary>Rewritten by itself when it grew by so many percent since the last rewrite; 0: never.</summary>
    public IntegerOption RewritePercentage { get; } = new("auto-aof-rewrite-percentage", 100, 0, int.MaxValue);

    /// <summary>Not rewritten by itself while it is smaller, bytes.</summary>
    public IntegerOption RewriteSizeMin { get; } =
        new("auto-aof-rewrite-min-size", 64 << 20, 0, long.MaxValue, NumberKind.Memory);

    /// <summary>A last file that ends in the middle of a command is cut off behind the last whole one, and loaded.</summary>
    public BoolOption LoadsTruncated { get; } = new("aof-load-truncated", true);

    /// <summary>The base is a snapshot instead of commands.</summary>
    public BoolOption UsesSnapshot { get; } = new("aof-use-rdb-preamble", true);

    /// <summary>Commands are preceded by the time at which they were written.</summary>
    public BoolOption HasTimestamps { get; } = new("aof-timestamp-enabled", false);

    /// <summary>The disk is kept busy while a base is written, so that the sync at its end is short.</summary>
    public BoolOption RewriteSyncsEarly { get; } = new("aof-rewrite-incremental-fsync", true);

    /// <summary>Writes and syncs are done beside the command thread, and replies are held back until they are durable.</summary>
    public BoolOption Offload { get; } = new("bio-aof-offload-enabled", false) { Flags = OptionFlags.Hidden };

    /// <summary>Replaced files stay. For tests.</summary>
    public BoolOption KeepsHistory { get; } = new("aof-disable-auto-gc", false) { Flags = OptionFlags.Hidden };

    /// <summary>CPUs of the process that rewrites.</summary>
    public StringOption RewriteCpuList { get; } = new("aof-rewrite-cpulist")
    {
        Alias = "aof_rewrite_cpulist",
        Flags = OptionFlags.Immutable,
    };

    /// <summary>The policy.</summary>
    public SyncPolicy Policy => (SyncPolicy)Sync.Value;

    public void Register(IOptionRegistry registry)
    {
        foreach (ConfigOption option in (ReadOnlySpan<ConfigOption>)
            [Enabled, FileName, FolderName, Sync, NoSyncOnRewrite, RewritePercentage, RewriteSizeMin, LoadsTruncated, UsesSnapshot,
             HasTimestamps, RewriteSyncsEarly, Offload, KeepsHistory, RewriteCpuList])
            registry.Add(option);
    }

    private static string? RefusePath(string value, string name, string kind) =>
        value.Length == 0 ? $"{name} can't be empty"
        : value.AsSpan().ContainsAny('/', '\\') ? $"{name} can't be a path, just a {kind}"
        : null;
}
