// The dataset written to a file that is no snapshot of the server's own: the base of an append-only file. The same providers
// do it in the same way; one piece of work of either kind at a time.

namespace Valkey.Abstractions;

/// <summary>One writing of the whole dataset for a plugin.</summary>
public sealed class DatasetJob
{
    /// <summary>What it is for, as the log says it: <c>AOF rewrite</c>.</summary>
    public required string Purpose { get; init; }

    /// <summary>How it is written.</summary>
    public required ISnapshotFormat Format { get; init; }

    /// <summary>The file to be written, in the working directory, by the id of the process that writes it.</summary>
    public required Func<int, string> PathOf { get; init; }

    /// <summary>The disk is kept busy while the file grows, so that the sync at the end is short.</summary>
    public bool StartsWritingEarly { get; init; }

    /// <summary>CPUs for a process of its own, as taskset(1) takes them; empty for all.</summary>
    public string CpuList { get; init; } = "";

    /// <summary>Called once on the command thread when it ended. The file at <see cref="Path"/> is complete and synced, or was removed.</summary>
    public required Action<SnapshotResult> Ended { get; init; }

    /// <summary>Where it is written.</summary>
    public string Path { get; internal set; } = "";

    /// <summary>Id of the process that writes it, -1 when it is the server itself.</summary>
    public int ProcessId { get; internal set; } = -1;
}
