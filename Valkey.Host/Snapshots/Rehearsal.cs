// What a forked child will run is run here before: a few keys of every kind are written through the same code, again and
// again, until the runtime has bound every call and compiled all of it to its last form. A child that had to compile would
// need locks of the runtime that some other thread may have held when the process was forked.
//
// Each call writes some keys as a snapshot would, and looks at some more, going on where the last call stopped: of those it
// writes what is of a kind (type, encoding, rough size) that was not written often enough yet. So a kind that appears later
// is found, and a dataset that has been seen costs only the look.
// Holds always: nothing is changed. Command thread only.

using Valkey.Abstractions;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Snapshots;

internal sealed class Rehearsal(Server server, Dataset dataset)
{
    // Several times what the runtime counts before it compiles again (30 calls, more than once).
    private const int WritesPerKind = 2000;
    private const int WritesPerCall = 200;
    private const int RepeatsOfSmall = 50;
    private const long QuickEffortMax = 128, QuickBytesMax = 4 << 10; // written in microseconds
    private const long EffortMax = 10_000, BytesMax = 256 << 10; // written in a millisecond or so; more is too much beside commands
    private const int KindsPerType = 1 << 10;
    private const int SizeClassCount = 4;
    private const int RepeatsOfWhole = 20; // what happens once in a snapshot, or once in a buffer, has to be counted too
    private const int PlainShare = 8; // one in so many keys is written whatever its kind

    private readonly int[] _registrations = new int[256]; // not the types: they would keep an unloaded module's code in memory
    private readonly Kind[]?[] _kinds = new Kind[]?[256];
    private int _call;
    private int _databaseIndex;
    private ulong _cursor;

    /// <summary>Looks at about so many keys and writes what is worth it.</summary>
    /// <returns>How many values were written because their kind had not been written often enough.</returns>
    public long Run(ISnapshotWriter writer, IWriteProgress progress, int keysMax)
    {
        dataset.Write(writer, progress, keysMax / PlainShare, delay: 0);
        for (int i = 0; i < RepeatsOfWhole; i++) dataset.Write(writer, progress, keysMax: 1, delay: 0);
        if (server.Options.Snapshots.KeySaveDelay.Value != 0) Dataset.Delay(delay: 1, written: 0);
        _call++;
        Visitor visitor = new(this, writer);
        for (int i = 0; i < server.Databases.Length && visitor.Seen < keysMax; i++) Look(ref visitor, keysMax);
        return visitor.Written;
    }

    private void Look(ref Visitor visitor, int keysMax)
    {
        Database database = server.Databases[_databaseIndex];
        while (database.Keys.Count > 0 && visitor.Seen < keysMax)
        {
            _cursor = database.Keys.Scan(_cursor, ref visitor);
            if (_cursor == 0) break;
        }

        if (_cursor != 0 && database.Keys.Count > 0) return;
        _cursor = 0;
        _databaseIndex = (_databaseIndex + 1) % server.Databases.Length;
    }

    /// <summary>Writes an entry if its kind needs it; how often.</summary>
    private int Write(ISnapshotWriter writer, Entry entry)
    {
        if (!IsWithin(entry, EffortMax, BytesMax)) return 0;
        ref Kind kind = ref KindOf(entry);
        if (kind.Writes >= WritesPerKind) return 0;
        if (kind.LastCall != _call) kind.WritesInCall = 0;
        kind.LastCall = _call;
        if (kind.WritesInCall >= WritesPerCall) return 0;

        // The elements of a larger value count for themselves.
        int repeats = IsQuick(entry) ? RepeatsOfSmall : 1;
        for (int i = 0; i < repeats; i++) writer.WriteEntry(dataset.EntryFor(entry));
        kind.Writes += RepeatsOfSmall;
        kind.WritesInCall += RepeatsOfSmall;
        return repeats;
    }

    /// <summary>Whether writing it takes no time worth mentioning.</summary>
    public bool IsQuick(Entry entry) => IsWithin(entry, QuickEffortMax, QuickBytesMax);

    private bool IsWithin(Entry entry, long effortMax, long bytesMax)
    {
        if (entry.IsEmbedded) return true;
        StoredValue value = DataTypeRegistry.ValueOf(entry);
        DataType type = server.DataTypes.Of(entry);
        return type.FreeEffort(value) <= effortMax && type.MemoryUsageBytes(value, samples: 1) <= bytesMax;
    }

    private ref Kind KindOf(Entry entry)
    {
        DataType type = server.DataTypes.Of(entry);
        int id = entry.TypeId;
        int registration = server.DataTypes.RegistrationOf(entry);
        Kind[]? kinds = _kinds[id];
        if (kinds is null || _registrations[id] != registration) // the number of an unloaded module's type may serve another one
        {
            _registrations[id] = registration;
            kinds = _kinds[id] = new Kind[KindsPerType];
        }

        int sizeClass = type.ElementCount(DataTypeRegistry.ValueOf(entry)) switch { <= 20 => 0, <= 64 => 1, <= 1024 => 2, _ => 3 };
        return ref kinds[(entry.Encoding * SizeClassCount) + sizeClass];
    }

    /// <summary>How often values of a kind were written.</summary>
    private struct Kind
    {
        public int Writes;
        public int WritesInCall;
        public int LastCall;
    }

    private struct Visitor(Rehearsal owner, ISnapshotWriter writer) : IEntryVisitor
    {
        public int Seen;
        public long Written;

        public void Visit(nint entry)
        {
            Seen++;
            Written += owner.Write(writer, new Entry(entry));
        }
    }
}
