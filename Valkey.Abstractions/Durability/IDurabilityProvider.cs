// Who confirms that writes are durable. Offsets are those of the propagation stream.

namespace Valkey.Abstractions;

/// <summary>Confirms up to where writes are durable. The server's committed offset is the minimum over the enabled providers.</summary>
/// <remarks>While at least one provider is enabled, replies are held back until what they tell is durable.</remarks>
public interface IDurabilityProvider
{
    /// <summary>Lower-case name, for INFO and DEBUG.</summary>
    string Name { get; }

    /// <summary>Whether it takes part in the minimum. Command thread. A change is announced by <see cref="IDurabilityRegistry.Changed"/>.</summary>
    bool IsEnabled { get; }

    /// <summary>Offset up to which this provider has made writes durable. Never decreases while enabled.</summary>
    /// <value>Bytes of the propagation stream since its start; -1 while nothing was confirmed.</value>
    /// <remarks>Read on the command thread; written by the provider's own thread, which calls <see cref="IDurabilityRegistry.Advanced"/>.</remarks>
    long DurableOffset { get; }

    /// <summary>For tests: stops confirming until <see cref="Resume"/>.</summary>
    void Pause();

    /// <summary>Goes on confirming.</summary>
    void Resume();
}

/// <summary>Something to be done once what has happened so far is durable.</summary>
public abstract class PostCommitTask
{
    /// <summary>It is durable. Command thread.</summary>
    public abstract void Run();

    /// <summary>It will never be: the client whose command made it is gone, or durability was given up. Command thread.</summary>
    public virtual void Drop() { }

    /// <summary>Whether it is to be done although the client whose command made it is gone by then.</summary>
    public virtual bool OutlivesClient => false;
}

/// <summary>The server's durability providers, and what others may ask about durability. Command thread, where nothing else is said.</summary>
public interface IDurabilityRegistry
{
    /// <summary>Adds a provider. Disposing the result takes it out.</summary>
    IDisposable Add(IDurabilityProvider provider);

    /// <summary>A provider's <see cref="IDurabilityProvider.DurableOffset"/> has grown: the server looks at it soon. Any thread.</summary>
    void Advanced();

    /// <summary>A provider was enabled or disabled: what is held back is settled by the providers that are left.</summary>
    void Changed();

    /// <summary>
    /// A provider has failed to make writes durable and will not confirm them: replies that wait are never sent, their clients
    /// are closed. What was changed stays unconfirmed; whoever reads it waits until a provider has caught up or is disabled.
    /// </summary>
    void Failed(string reason);

    /// <summary>Replies and messages are held back until they are durable: some provider is enabled and this server is a primary.</summary>
    bool HoldsBack { get; }

    /// <summary>The offset that every enabled provider has confirmed; the current offset when none is enabled.</summary>
    long CommittedOffset { get; }

    /// <summary>
    /// Does the task once everything that the running command (or transaction) has changed is durable; at once when nothing is
    /// held back, and at the end of the command when nothing undurable is behind it. Tasks run in the order in which they came.
    /// </summary>
    void Defer(PostCommitTask task);

    /// <summary>Calls back with the committed offset each time that it has advanced. Disposing the result ends it.</summary>
    IDisposable Observe(Action<long> advanced);

    /// <summary>Calls back once when the committed offset has reached an offset; at once when it has already.</summary>
    void WhenCommitted(long offset, Action callback);
}
