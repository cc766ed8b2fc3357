// Helper threads for plugins: a few threads that take work in order. An exception arrives where the work came from.

using Valkey.Abstractions;

namespace Valkey.Host.Background;

internal sealed class BackgroundWorker(HelperThreads helpers) : IDisposable
{
    private const int ThreadsMax = 2;
    private readonly HelperQueue<(string Name, Action Work, Action<Exception?> Completed)> _queue = new();
    private int _threadCount;

    /// <summary>Runs work on a helper thread, then <paramref name="completed"/> on the same thread.</summary>
    public void Run(string name, Action work, Action<Exception?> completed)
    {
        _queue.Add((name, work, completed));
        if (_threadCount == ThreadsMax) return;
        _threadCount++;
        IHelperGate gate = helpers.Register("bio_plugin"); // here: the thread counts before its first step
        new Thread(() => Loop(gate)) { IsBackground = true, Name = "bio_plugin" }.Start();
    }

    public void Dispose() => _queue.Dispose();

    private void Loop(IHelperGate gate)
    {
        _ = helpers.BindThread();
        while (_queue.TryTake(gate, out (string Name, Action Work, Action<Exception?> Completed) item))
        {
            Exception? failure = null;
            try
            {
                item.Work();
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            item.Completed(failure);
        }

        gate.Dispose();
    }
}
