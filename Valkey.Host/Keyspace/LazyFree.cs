// Lazy freeing: what is expensive to free goes to a thread of its own, so that no client waits for it.
//
// Holds always: what is queued here is reachable by nobody else. The queue is bounded by what was in memory anyway. The thread
// passes its gate between any two values, so that a fork does not wait for a whole database.

using Valkey.Abstractions;
using Valkey.Host.Background;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class LazyFree : IDisposable
{
    /// <summary>Values that take no more frees than this are freed on the spot: handing them over would cost more.</summary>
    public const long EffortThreshold = 64;

    private const int EndWaitMs = 100;

    private readonly DataTypeRegistry _types;
    private readonly HelperQueue<Action> _work = new();
    private readonly IHelperGate _gate;
    private readonly Thread _thread;
    private readonly HelperThreads _helpers;
    private readonly Action<Exception> _failed;
    private long _pending;
    private long _freed;

    /// <param name="types">Know how to free values.</param>
    /// <param name="helpers">The thread is one of them.</param>
    /// <param name="failed">Told of what a type's code throws. Any thread.</param>
    public LazyFree(DataTypeRegistry types, HelperThreads helpers, Action<Exception> failed)
    {
        _failed = failed;
        _types = types;
        _helpers = helpers;
        _gate = helpers.Register("bio_lazy_free");
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
        if (lazily) Enqueue(keys.Count, () => FreeTables(keys, expires, _gate));
        else FreeTables(keys, expires, null);
    }

    public void Dispose()
    {
        // What is still queued would be freed only for the process to end: it ends without that.
        _work.Dispose();
        _thread.Join(EndWaitMs);
    }

    private void FreeTables(EntryTable<EntryTraits> keys, EntryTable<EntryTraits> expires, IHelperGate? gate)
    {
        expires.Dispose();
        FreeVisitor visitor = new(_types, gate);
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
        _ = _helpers.BindThread();
        while (_work.TryTake(_gate, out Action work)) work();
        _gate.Dispose();
    }

    private readonly struct FreeVisitor(DataTypeRegistry types, IHelperGate? gate) : IEntryVisitor
    {
        public void Visit(nint entry)
        {
            types.Free(new Entry(entry));
            gate?.Enter();
            gate?.Leave();
        }
    }
}
