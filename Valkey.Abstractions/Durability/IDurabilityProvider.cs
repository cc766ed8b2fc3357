namespace Valkey.Abstractions;

/// <summary>Confirms up to where writes are durable. The server's committed offset is the minimum over the enabled providers.</summary>
public interface IDurabilityProvider
{
    /// <summary>Lower-case name, for INFO and DEBUG.</summary>
    string Name { get; }

    /// <summary>Whether it takes part in the minimum. Command thread.</summary>
    bool IsEnabled { get; }

    /// <summary>Replication offset up to which this provider has made writes durable. Never decreases while enabled.</summary>
    /// <value>Bytes of the replication stream since its start; -1 while nothing was confirmed.</value>
    /// <remarks>Read on the command thread once per loop turn; written by the provider's own thread.</remarks>
    long DurableOffset { get; }

    /// <summary>For tests: stops confirming until <see cref="Resume"/>.</summary>
    void Pause();

    /// <summary>Goes on confirming.</summary>
    void Resume();
}

/// <summary>The server's durability providers.</summary>
public interface IDurabilityRegistry
{
    /// <summary>Adds a provider. Disposing the result takes it out.</summary>
    IDisposable Add(IDurabilityProvider provider);

    /// <summary>The offset that every enabled provider has confirmed; the current offset when none is enabled.</summary>
    long CommittedOffset { get; }
}
