// Work for helper threads, in order. A thread without work waits in a read of a descriptor, parked at its gate: nothing that
// the base library does while a thread waits (its locks, its allocations) can be in the middle when the process forks.
// Holds always: the descriptor counts the pieces of work that nobody has been woken for.

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Host.Loop;

namespace Valkey.Host.Background;

/// <summary>A queue between the command thread (or any other) and helper threads.</summary>
internal sealed unsafe class HelperQueue<T> : IDisposable
{
    private readonly ConcurrentQueue<T> _work = new();
    private readonly int _available;
    private volatile bool _isEnding;

    public HelperQueue()
    {
        _available = Libc.EventDescriptor(0, Libc.EfdSemaphore | Libc.EfdCloexec);
        if (_available < 0) throw new InvalidOperationException($"eventfd: {Libc.LastErrorText()}");
    }

    /// <summary>Any thread.</summary>
    public void Add(T work)
    {
        _work.Enqueue(work);
        WakeOne();
    }

    /// <summary>The next piece of work; false when the queue has ended. Waits at the gate, and passes it even when there is work.</summary>
    public bool TryTake(IHelperGate gate, out T work)
    {
        while (true)
        {
            gate.Enter();
            ulong count;
            nint read = Libc.Read(_available, &count, sizeof(ulong));
            bool mustRetry = read < 0 && Marshal.GetLastPInvokeError() == Libc.Eintr;
            gate.Leave();
            if (_isEnding || (read < 0 && !mustRetry)) break;
            if (_work.TryDequeue(out work!)) return true;
        }

        WakeOne(); // the others are to see the end too
        work = default!;
        return false;
    }

    /// <summary>Ends the queue: whoever waits comes back without work. What is queued stays undone.</summary>
    public void Dispose()
    {
        _isEnding = true;
        WakeOne();
    }

    private void WakeOne()
    {
        ulong one = 1;
        _ = Libc.Write(_available, &one, sizeof(ulong));
    }
}
