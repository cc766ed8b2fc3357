// What a forked child will run is run here before: a few keys of every kind (type and encoding) are written through the same
// code, again and again, until the runtime has compiled all of it to its last form. A child that had to compile would need
// locks of the runtime that some other thread may have held when the process was forked.
//
// Each call looks at some keys, going on where the last one stopped, and writes those of kinds that were not written often
// enough yet. So a kind that appears later is found in time, and a dataset that has been seen costs only the look.
// Holds always: nothing is changed. Command thread only.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Snapshots;

internal sealed class Rehearsal(Server server, Dataset dataset)
{
    private const int WritesPerKind = 2000;
    private const int WritesPerCall = 200;
    private const long EffortMax = 4096; // larger values are written less often: each of their elements counts
    private const int KindCount = 1 << 16;

    private readonly ushort[] _writes = new ushort[KindCount];
    private readonly ushort[] _writesInCall = new ushort[KindCount];
    private int _databaseIndex;
    private ulong _cursor;

    /// <summary>Looks at about so many keys and writes what is worth it.</summary>
    /// <returns>How many values were written; 0 when every kind that was seen has been written often enough.</returns>
    public long Run(ISnapshotWriter writer, int keysMax)
    {
        Array.Clear(_writesInCall);
        dataset.Write(writer, null, keysMax / 8); // how a walk begins, goes from key to key, and ends
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Write(ISnapshotWriter writer, Entry entry)
    {
        int kind = (entry.TypeId << 8) | entry.Encoding;
        if (_writes[kind] >= WritesPerKind || _writesInCall[kind] >= WritesPerCall) return 0;
        int repeats = server.DataTypes.FreeEffort(entry) > EffortMax ? 1 : WritesPerCall / 4;
        for (int i = 0; i < repeats; i++) writer.WriteEntry(dataset.EntryFor(entry));
        int weight = repeats == 1 ? WritesPerCall / 4 : repeats;
        _writes[kind] += (ushort)weight;
        _writesInCall[kind] += (ushort)weight;
        return repeats;
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
