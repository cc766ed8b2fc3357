// Lazy freeing: what is expensive to free goes to a thread of its own, so that no client waits for it.
//
// Holds always: what is queued here is reachable by nobody else. The queue is bounded by what was in memory anyway.

using System.Collections.Concurrent;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class LazyFree : IDisposable
{
    /// <summary>Values that take no more frees than this are freed on the spot: handing them over would cost more.</summary>
    public const long EffortThreshold = 64;

    private const int EndWaitMs = 100;

    private readonly DataTypeRegistry _types;
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly string _cpuList;
    private readonly Action<Exception> _failed;
    private long _pending;
    private long _freed;

    /// <param name="types">Know how to free values.</param>
    /// <param name="cpuList">The CPUs for the thread, empty for all.</param>
    /// <param name="failed">Told of what a type's code throws. Any thread.</param>
    public LazyFree(DataTypeRegistry types, string cpuList, Action<Exception> failed)
    {
        _failed = failed;
        _types = types;
        _cpuList = cpuList;
        _thread = new Thread(Run) { IsBackground = true, Name = "bio_lazy_free" };
        _thread.Start();
    }

    /// <summary>Objects queued and not freed yet.</summary>
    public long PendingCount => Interlocked.Read(ref _pending);

    /// <summary>Objects freed here since the start or the last reset.</summary>
    public long FreedCount => Interlocked.Read(ref _freed);

    public void ResetStatistics() => Interlocked.Exchange(ref _freed, 0);

    /// <summary>Frees an entry that was unlinked: here, or over there when it is allowed and worth it.</summary>
    public void Free(Entry entry, bool lazily)
    {
        if (!lazily || _types.FreeEffort(entry) <= EffortThreshold)
        {
            _types.Free(entry);
            return;
        }

        Enqueue(1, () => _types.Free(entry));
    }

    /// <summary>Frees the content of a database.</summary>
    public void Free(EntryTable<EntryTraits> keys, EntryTable<EntryTraits> expires, bool lazily)
    {
        if (lazily) Enqueue(keys.Count, () => FreeTables(keys, expires));
        else FreeTables(keys, expires);
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        // What is still queued would be freed only for the process to end: it ends without that.
        if (_thread.Join(EndWaitMs)) _work.Dispose();
    }

    private void FreeTables(EntryTable<EntryTraits> keys, EntryTable<EntryTraits> expires)
    {
        expires.Dispose();
        FreeVisitor visitor = new(_types);
        keys.Clear(ref visitor);
        keys.Dispose();
    }

    private void Enqueue(long count, Action work)
    {
        Interlocked.Add(ref _pending, count);
        _work.Add(() =>
        {
            try
            {
                work();
            }
            catch (Exception exception)
            {
                _failed(exception); // a faulty type loses its memory, the server goes on
            }

            Interlocked.Add(ref _pending, -count);
            Interlocked.Add(ref _freed, count);
        });
    }

    private void Run()
    {
        Process.CpuAffinity.Apply(_cpuList);
        foreach (Action work in _work.GetConsumingEnumerable()) work();
    }

    private readonly struct FreeVisitor(DataTypeRegistry types) : IEntryVisitor
    {
        public void Visit(nint entry) => types.Free(new Entry(entry));
    }
}
