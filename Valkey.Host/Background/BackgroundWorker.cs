// Helper threads for plugins: a few threads that take work in order. An exception arrives where the work came from.

using System.Collections.Concurrent;

namespace Valkey.Host.Background;

internal sealed class BackgroundWorker(string cpuList) : IDisposable
{
    private const int ThreadsMax = 2;
    private readonly ConcurrentQueue<(string Name, Action Work, Action<Exception?> Completed)> _queue = new();
    private readonly SemaphoreSlim _available = new(0);
    private int _threadCount;

    /// <summary>Runs work on a helper thread, then <paramref name="completed"/> on the same thread.</summary>
    public void Run(string name, Action work, Action<Exception?> completed)
    {
        _queue.Enqueue((name, work, completed));
        _available.Release();
        if (_threadCount == ThreadsMax) return;
        _threadCount++;
        new Thread(Loop) { IsBackground = true, Name = "bio_plugin" }.Start();
    }

    public void Dispose() => _available.Dispose();

    private void Loop()
    {
        Process.CpuAffinity.Apply(cpuList);
        while (true)
        {
            _available.Wait();
            if (!_queue.TryDequeue(out (string Name, Action Work, Action<Exception?> Completed) item)) continue;
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
    }
}
