// Background iterations of this server: one at a time, numbered, with the gate that writes pass meanwhile.
// Command thread only.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Iteration;

internal sealed class IterationService(Server server) : IDisposable
{
    private const int EndWaitMs = 1000;
    private const uint NumberMax = int.MaxValue - 1; // twice that is an epoch

    private readonly IterationThread _thread = new(server);
    private uint _number;

    /// <summary>Whether entries have room for the epoch.</summary>
    public static bool IsSupported => Entry.ReserveEpochs;

    /// <summary>The iteration that runs, or null.</summary>
    public BackgroundIteration? Current { get; private set; }

    /// <summary>How fast the next one goes.</summary>
    public IterationPace Pace { get; set; } = new();

    /// <summary>What writes pass while one runs.</summary>
    public WriteGate Gate { get; } = new(server);

    /// <summary>Memory that is there for the iteration only and comes back with its progress.</summary>
    public long HeldBytes => Current?.HeldBytes ?? 0;

    /// <summary>Values that may still be needed although they are in no database any more: at most so many.</summary>
    public long PendingCount => Current is { } iteration ? iteration.KeysTotal - iteration.Processed : 0;

    /// <summary>Starts one.</summary>
    /// <exception cref="InvalidOperationException">One runs already, or entries have no room for its epochs.</exception>
    public BackgroundIteration Begin(IIterationConsumer consumer)
    {
        if (!IsSupported) throw new InvalidOperationException("forkless-options-supported is off");
        if (Current is not null) throw new InvalidOperationException("a background iteration is running already");
        if (_number == NumberMax) throw new InvalidOperationException("there are no epochs left, the server has to be restarted");
        Current = new BackgroundIteration(server, consumer, ++_number, Pace, Ended);
        server.Dispatcher.Gate = Gate;
        _thread.Run(Current);
        return Current;
    }

    /// <summary>Makes ready what the first one would have to wait for.</summary>
    public void Prepare() => _thread.Start();

    /// <summary>Before the loop sleeps: goes on with the walk. True when it should not sleep long.</summary>
    public bool Step() => Current is { } iteration && iteration.Step();

    /// <summary>The server ends: waits, not for long, until the iteration's thread has let go of everything.</summary>
    public void Dispose()
    {
        Current?.Abort();
        _ = Current?.Join(EndWaitMs);
        _thread.Dispose();
    }

    private void Ended(BackgroundIteration iteration)
    {
        Current = null;
        iteration.Dispose();
    }
}
