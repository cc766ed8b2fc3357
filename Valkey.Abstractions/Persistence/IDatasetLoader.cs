// Bringing the dataset back from something that is no snapshot, or not only: a log of commands. The server's own way is to load
// the snapshot file when it starts; a loader that is added takes that place whenever it wants to.
//
// Everything here happens on the command thread.

namespace Valkey.Abstractions;

/// <summary>How a loading ended.</summary>
public enum LoadOutcome
{
    /// <summary>There is nothing to load from.</summary>
    NothingThere,

    /// <summary>What there is holds nothing.</summary>
    Empty,

    /// <summary>All of it was loaded.</summary>
    Loaded,

    /// <summary>All but an incomplete end was loaded, and the end was cut off.</summary>
    LoadedTruncated,

    /// <summary>It cannot be loaded; the log says why. The databases may hold a part of it.</summary>
    Failed,
}

/// <summary>Brings the dataset instead of the snapshot file. There is one.</summary>
public interface IDatasetLoader
{
    /// <summary>Whether it, and not the snapshot file, is where the dataset is.</summary>
    bool IsWanted { get; }

    /// <summary>
    /// Called before a loading, and first when the server starts, wanted or not: time to bring what is pending to where it is
    /// loaded from, and to look at what there is. False, with the reason in the log: nothing can be loaded, and the start ends.
    /// </summary>
    bool Prepare();

    /// <summary>Loads the dataset into databases that are empty. What <see cref="IDatasetLoading"/> throws must pass.</summary>
    LoadOutcome Load(IDatasetLoading loading);

    /// <summary>
    /// The server has its dataset, whoever brought it, and will serve clients next: time to begin to log. False, with the reason in
    /// the log, ends the start.
    /// </summary>
    bool Started();
}

/// <summary>What a loader is given. It may serve clients of the server at each progress: commands that need the dataset are answered -LOADING.</summary>
public interface IDatasetLoading
{
    /// <summary>The state of loading begins, for so many bytes in all; it ends when the result is disposed.</summary>
    IDisposable Begin(long totalBytes);

    /// <summary>So many of the bytes are behind us. To be told often: every thousand commands, every megabyte.</summary>
    void Progress(long bytesRead);

    /// <summary>
    /// Loads a snapshot, with all keys in it though their time may be over: what follows may say otherwise. The source may go on
    /// behind the snapshot.
    /// </summary>
    /// <param name="source">Where it is.</param>
    /// <param name="bytesBefore">Bytes of the whole that were read before it, for telling progress.</param>
    /// <returns>The size of the snapshot, bytes.</returns>
    /// <exception cref="SnapshotFormatException">It cannot be read.</exception>
    long LoadSnapshot(ISnapshotSource source, long bytesBefore);

    /// <summary>Begins to repeat commands, as a new client that has selected database 0. Dispose of it at the end.</summary>
    ICommandReplay BeginReplay();
}

/// <summary>
/// Repeats commands that were executed once: no replies, no statistics, no propagation, nothing expires meanwhile, and what a
/// client would be refused for is not asked. Commands between MULTI and EXEC run when EXEC comes.
/// </summary>
public interface ICommandReplay : IDisposable
{
    /// <summary>How many commands may be collected before <see cref="Run"/>.</summary>
    int CommandsMax { get; }

    /// <summary>A MULTI has run, and no EXEC for it.</summary>
    bool IsInTransaction { get; }

    /// <summary>The position given for that MULTI.</summary>
    long TransactionPosition { get; }

    /// <summary>The next argument of the command that is being collected: native memory that stays as it is until <see cref="Run"/>.</summary>
    void Add(ReadOnlySpan<byte> argument);

    /// <summary>The command has all of its arguments.</summary>
    /// <param name="position">Where it began, in whatever the caller counts.</param>
    /// <returns>How many commands are collected now.</returns>
    int EndCommand(long position);

    /// <summary>Forgets the arguments since the last <see cref="EndCommand"/>.</summary>
    void DropCommand();

    /// <summary>Runs what was collected.</summary>
    /// <returns>Null, or why a command cannot be run: it is unknown, or has a wrong number of arguments. What followed it is forgotten.</returns>
    string? Run();
}
