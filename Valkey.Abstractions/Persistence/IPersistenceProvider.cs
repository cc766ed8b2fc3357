namespace Valkey.Abstractions;

/// <summary>Where a snapshot goes.</summary>
public sealed class SnapshotTarget
{
    /// <summary>A file that appears under its name only when it is complete; null when <see cref="Connections"/> receive it.</summary>
    public string? FilePath { get; init; }

    /// <summary>Connections that receive the snapshot as it is written.</summary>
    public IReadOnlyList<TransportConnection> Connections { get; init; } = [];
}

/// <summary>How far a snapshot is.</summary>
public readonly record struct SnapshotProgress(long KeysProcessed, long KeysTotal, long BytesWritten);

/// <summary>Takes snapshots of the dataset as it was at one moment: <c>fork</c>, <c>thread</c>, or a third party's way.</summary>
/// <remarks>All calls come on the command thread; the end is reported there too. One snapshot at a time.</remarks>
public interface IPersistenceProvider
{
    /// <summary>Lower-case name, as BGSAVE takes it.</summary>
    string Name { get; }

    /// <summary>Starts a snapshot.</summary>
    /// <param name="target">Where it goes.</param>
    /// <param name="ended">Called once on the command thread: null for success, else the reason.</param>
    /// <returns>Null when it started, else why it could not.</returns>
    string? Start(SnapshotTarget target, Action<string?> ended);

    /// <summary>How far it is.</summary>
    SnapshotProgress Progress { get; }

    /// <summary>Gives it up; <c>ended</c> is called with the reason.</summary>
    void Kill();
}

/// <summary>The server's persistence providers.</summary>
public interface IPersistenceRegistry
{
    /// <summary>Adds a provider. Disposing the result takes it out.</summary>
    IDisposable Add(IPersistenceProvider provider);
}
