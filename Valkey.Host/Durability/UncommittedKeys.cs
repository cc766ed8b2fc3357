// Which keys have changed and are not durable yet, and how far the running command has looked at such keys.
//
// A key is kept as the hash of its name and database, so it costs 32 bytes whatever its length; were two hashes ever equal, a
// reply would wait for no good reason, and that is all. While a command runs, what it changes has no offset yet: it is marked as
// unsettled, above all offsets, and settled when the outermost command has ended and is propagated. The order in which keys
// become durable is a queue with one place for each key: one that was changed again goes to the end when its turn comes.
// Whole databases (FLUSHDB, FLUSHALL, SWAPDB) have one offset.
// Holds always: each key of the table that is settled stands in the queue exactly once; a key with an offset above the
// committed one is in the table. Command thread only.

using System.Runtime.CompilerServices;
using Valkey.Structures;

namespace Valkey.Host.Durability;

internal sealed class UncommittedKeys : IDisposable
{
    private const long Unsettled = long.MaxValue;

    private readonly OffsetTable _offsets = new();
    private readonly long[] _wholeOffsets;
    private readonly long[] _lastChangeOffsets;
    private NativeQueue<Place> _order;
    private NativeQueue<Change> _unsettled;

    public UncommittedKeys(int databaseCount)
    {
        _wholeOffsets = new long[databaseCount];
        _lastChangeOffsets = new long[databaseCount];
    }

    /// <summary>Number of keys, whole databases not counted.</summary>
    public int Count => _offsets.Count;

    /// <summary>Native memory that they take.</summary>
    public long SizeBytes => _offsets.SizeBytes + _order.SizeBytes + _unsettled.SizeBytes;

    /// <summary>There are changes without an offset.</summary>
    public bool HasUnsettled => _unsettled.Count > 0;

    /// <summary>The highest offset of what the running command has looked at so far; 0: only at durable things.</summary>
    public long SeenOffset { get; set; }

    /// <summary>A key is looked up, whether it is there or not.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // lookups stay short for the many servers that never come here
    public void NoteSeen(int databaseIndex, ulong keyHash)
    {
        long offset = OffsetOf(databaseIndex, keyHash);
        if (offset > SeenOffset) SeenOffset = offset;
    }

    /// <summary>A command tells something about all keys of a database: how many there are, which there are.</summary>
    public void NoteDatabaseSeen(int databaseIndex) => SeenOffset = Math.Max(SeenOffset, _lastChangeOffsets[databaseIndex]);

    /// <summary>The offset that a key's last change became durable or will become durable with; 0 when it was durable before.</summary>
    public long OffsetOf(int databaseIndex, ulong keyHash)
    {
        long whole = _wholeOffsets[databaseIndex];
        return _offsets.TryGet(Mixed(databaseIndex, keyHash), out long offset) ? Math.Max(offset, whole) : whole;
    }

    /// <summary>A key was changed, came into being or went.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Mark(int databaseIndex, ulong keyHash)
    {
        ulong hash = Mixed(databaseIndex, keyHash);
        bool isKnown = _offsets.TryGet(hash, out long offset);
        if (isKnown && offset == Unsettled) return;
        _offsets.Set(hash, Unsettled);
        _unsettled.Enqueue(new Change(hash, databaseIndex, isKnown ? ChangeKind.KnownKey : ChangeKind.NewKey));
    }

    /// <summary>All keys of a database have changed, came into being or went.</summary>
    public void MarkDatabase(int databaseIndex)
    {
        if (_wholeOffsets[databaseIndex] == Unsettled) return;
        _wholeOffsets[databaseIndex] = Unsettled;
        _unsettled.Enqueue(new Change(0, databaseIndex, ChangeKind.WholeDatabase));
    }

    /// <summary>What was marked since the last call is durable when this offset is.</summary>
    public void Settle(long offset)
    {
        while (_unsettled.Count > 0)
        {
            Change change = _unsettled.Dequeue();
            _lastChangeOffsets[change.DatabaseIndex] = offset;
            if (change.Kind == ChangeKind.WholeDatabase) _wholeOffsets[change.DatabaseIndex] = offset;
            else _offsets.Set(change.Hash, offset);
            if (change.Kind == ChangeKind.NewKey) _order.Enqueue(new Place(change.Hash, offset));
        }
    }

    /// <summary>Forgets the keys whose last change is durable.</summary>
    public void DropCommitted(long committedOffset)
    {
        for (int left = _order.Count; left > 0 && _order.First.Offset <= committedOffset; left--)
        {
            Place place = _order.Dequeue();
            _offsets.TryGet(place.Hash, out long offset);
            if (offset <= committedOffset) _offsets.Remove(place.Hash);
            else _order.Enqueue(place with { Offset = offset == Unsettled ? place.Offset : offset });
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _offsets.Clear();
        _order.Free();
        _unsettled.Free();
        Array.Clear(_wholeOffsets);
        Array.Clear(_lastChangeOffsets);
        SeenOffset = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private static ulong Mixed(int databaseIndex, ulong keyHash) => keyHash ^ ((ulong)databaseIndex * 0x9E3779B97F4A7C15UL);

    private enum ChangeKind
    {
        NewKey,
        KnownKey,
        WholeDatabase,
    }

    private readonly record struct Change(ulong Hash, int DatabaseIndex, ChangeKind Kind);

    private readonly record struct Place(ulong Hash, long Offset);
}
