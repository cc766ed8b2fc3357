// The helper threads' gate: see IHelperThreads.
// Holds always: a helper is either parked (it waits in native code and touches nothing) or at work; while the gate is shut
// none goes from parked to work.

using Valkey.Abstractions;

namespace Valkey.Host.Background;

internal sealed class HelperThreads : IHelperThreads
{
    private readonly object _lock = new();
    private int _workingCount;
    private bool _isShut;

    /// <inheritdoc/>
    public IHelperGate Register(string name)
    {
        lock (_lock) _workingCount++;
        return new Gate(this);
    }

    /// <inheritdoc/>
    public IDisposable? Park(int waitMs)
    {
        long deadline = Environment.TickCount64 + waitMs;
        lock (_lock)
        {
            _isShut = true;
            while (_workingCount > 0)
            {
                long left = deadline - Environment.TickCount64;
                if (left > 0 && Monitor.Wait(_lock, (int)left)) continue;
                if (_workingCount == 0) break;
                _isShut = false;
                Monitor.PulseAll(_lock);
                return null;
            }
        }

        return new Commands.Registration(Open);
    }

    private void Open()
    {
        lock (_lock)
        {
            _isShut = false;
            Monitor.PulseAll(_lock);
        }
    }

    private sealed class Gate(HelperThreads owner) : IHelperGate
    {
        private bool _isWorking = true;

        public void Enter() => Set(false);

        public void Leave() => Set(true);

        public void Dispose() => Set(false);

        private void Set(bool working)
        {
            lock (owner._lock)
            {
                if (working == _isWorking) return;
                while (working && owner._isShut) Monitor.Wait(owner._lock);
                _isWorking = working;
                owner._workingCount += working ? 1 : -1;
                if (!working) Monitor.PulseAll(owner._lock);
            }
        }
    }
}
