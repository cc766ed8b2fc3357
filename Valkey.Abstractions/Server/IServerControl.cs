// What a plugin that keeps the dataset safe may do to the server as a whole: refuse writes, have a say when it ends, end it.

namespace Valkey.Abstractions;

/// <summary>The server as a whole. Command thread.</summary>
public interface IServerControl
{
    /// <summary>
    /// Commands that write (and PING, so that somebody notices) are answered with this error until the result is disposed: the
    /// data cannot be kept safe at the moment.
    /// </summary>
    /// <param name="error">The whole error with its code: <c>MISCONF ...</c>.</param>
    IDisposable RefuseWrites(string error);

    /// <summary>Takes part in the server's end. Disposing the result takes it out.</summary>
    IDisposable AtShutdown(IShutdownStep step);

    /// <summary>Names memory of the plugin's own. Disposing the result takes it out.</summary>
    IDisposable AddMemoryUse(IMemoryUse use);

    /// <summary>Adds a lever for tests: <c>DEBUG name ...</c>. Disposing the result takes it out.</summary>
    /// <param name="name">Upper case; new.</param>
    /// <param name="argumentCount">Arguments behind the name; the first has the index 2.</param>
    /// <param name="handler">Replies once.</param>
    /// <param name="help">Lines of DEBUG HELP.</param>
    IDisposable AddDebugTool(string name, int argumentCount, CommandHandler handler, params string[] help);

    /// <summary>Something took so long: for the latency monitor, when it took longer than the threshold.</summary>
    /// <param name="eventName">Lower case with dashes: <c>aof-write</c>.</param>
    /// <param name="durationMs">Milliseconds.</param>
    void ReportLatency(string eventName, long durationMs);

    /// <summary>The dataset is being loaded.</summary>
    bool IsLoading { get; }

    /// <summary>Inside of EXEC: what concerns the dataset as a whole had better wait.</summary>
    bool IsInTransaction { get; }

    /// <summary>
    /// Ends the process at once, with exit code 1: it cannot go on without breaking a promise. No reply that was not sent yet goes
    /// out. Log the reason before.
    /// </summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    void Abort();
}

/// <summary>Somebody with something to bring to safety before the server ends.</summary>
public interface IShutdownStep
{
    /// <summary>The server is about to end.</summary>
    /// <param name="isForced">It ends whatever is returned.</param>
    /// <returns>False, with the reason in the log, when it must not end now.</returns>
    bool TryEnd(bool isForced);
}
