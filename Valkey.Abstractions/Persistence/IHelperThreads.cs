// Threads beside the command thread, and the moment at which none of them may be inside anything: a fork.

namespace Valkey.Abstractions;

/// <summary>The server's helper threads.</summary>
public interface IHelperThreads
{
    /// <summary>
    /// There is one more helper from now on: the calling thread, or one that it is about to start. It counts as being at work,
    /// and must pass the gate between any two pieces of work. Any thread.
    /// </summary>
    IHelperGate Register(string name);

    /// <summary>Binds the calling thread, a helper, to the processors that the option <c>bio-cpulist</c> names.</summary>
    /// <returns>False when it names none: the thread runs wherever the system puts it.</returns>
    bool BindThread();

    /// <summary>
    /// Brings the calling thread, a helper, to the processor that the command thread runs on: where there are fewer processors than
    /// work, it then takes from the commands what they leave, and nothing from the clients of this machine. For once: wherever a
    /// processor is idle, the system may take it there at once.
    /// </summary>
    void JoinCommandThread();

    /// <summary>
    /// Waits until every helper is at its gate, and keeps those that came there until the result is disposed. Command thread.
    /// </summary>
    /// <param name="waitMs">How long to wait for them, about, milliseconds in which this process had a processor.</param>
    /// <param name="missing">The names of the helpers that did not come in time, and work on; empty when all came.</param>
    IDisposable Park(int waitMs, out string missing);
}

/// <summary>The gate of one helper thread. Used by that thread only.</summary>
public interface IHelperGate : IDisposable
{
    /// <summary>
    /// The thread has no work and is about to wait in native code: it counts as parked until <see cref="Leave"/>.
    /// </summary>
    void Enter();

    /// <summary>The thread goes on to work; waits here while helpers are parked.</summary>
    void Leave();
}
