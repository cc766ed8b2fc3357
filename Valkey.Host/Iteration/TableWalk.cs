// The tables that there were when the iteration began, and how far each was walked.
//
// A walk belongs to a table and not to a database's number: SWAPDB gives tables to other databases, and FLUSHDB takes one
// out of its database; then the iteration adopts it, goes on with it, and frees what it has no more need of.
// Command thread only.

using Valkey.Structures;

namespace Valkey.Host.Iteration;

internal sealed class TableWalk(EntryTable<EntryTraits> keys, int databaseIndex)
{
    private ulong _cursor;

    public EntryTable<EntryTraits> Keys { get; } = keys;

    /// <summary>The number of its database when the iteration began.</summary>
    public int DatabaseIndex { get; } = databaseIndex;

    /// <summary>Every entry has been shown.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Shows the entries of one bucket to the iteration.</summary>
    public void ScanBucket(BackgroundIteration iteration)
    {
        Lender lender = new(iteration, DatabaseIndex);
        ulong next = Keys.Scan(_cursor, ref lender);
        if (lender.WasFull) return; // the same bucket again: those that were lent are known by their epoch
        _cursor = next;
        IsComplete = next == 0;
    }

    /// <summary>Takes the entries of one bucket of an adopted table out of it.</summary>
    public void DrainBucket(BackgroundIteration iteration)
    {
        Inheritor inheritor = new(iteration, DatabaseIndex);
        IsComplete = !Keys.DrainStep(ref inheritor, 1);
        if (IsComplete) Keys.Dispose();
    }

    /// <summary>The table was taken out of its database: it is walked again, to be emptied.</summary>
    public void Restart() => IsComplete = false;

    private struct Lender(BackgroundIteration iteration, int databaseIndex) : IEntryVisitor
    {
        public bool WasFull;

        public void Visit(nint entry)
        {
            if (!iteration.TryLend(new Entry(entry), databaseIndex)) WasFull = true;
        }
    }

    private readonly struct Inheritor(BackgroundIteration iteration, int databaseIndex) : IEntryVisitor
    {
        public void Visit(nint entry) => iteration.Inherit(new Entry(entry), databaseIndex);
    }
}
