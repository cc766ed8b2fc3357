// Walks through a stream: its nodes of entries, its ids, its groups with what is pending in them.
//
// A node is a listpack that begins with a master entry: [entries][deleted][fields][field ...][0]. An entry:
// [flags][ms - master's][sequence - master's], then with the master's fields the values, else [fields] and field, value ...;
// then how many elements the entry took.

using Valkey.Rdb;
using Valkey.Structures;

namespace Valkey.CheckRdb;

internal sealed class StreamInspector(RdbInput input)
{
    private const int IdBytes = 16;
    private const int TimeBytes = 8;
    private const int DeletedFlag = 1;
    private const int SameFieldsFlag = 2;

    private readonly byte[] _digits = new byte[IntegerText.LengthMax];

    /// <summary>Checks; returns how many entries the stream has.</summary>
    public long Inspect(byte typeCode, TypeStatistics statistics)
    {
        for (int i = input.Count(bytesEach: 2); i > 0; i--)
        {
            if (input.String(_digits).Length != IdBytes) throw new InvalidDataException("Stream node key entry is not the size of a stream ID");
            InspectNode(input.String(_digits), statistics);
        }

        ulong length = input.Length();
        int idParts = 2; // the last id
        if (typeCode != RdbTypeCode.Stream) idParts += 5; // first id, highest deleted id, entries ever added
        for (int i = 0; i < idParts; i++) _ = input.Length();
        for (int i = input.Count(bytesEach: 4); i > 0; i--) InspectGroup(typeCode);
        return length <= long.MaxValue ? (long)length : throw new InvalidDataException("Stream length inconsistent with rax entries");
    }

    private void InspectGroup(byte typeCode)
    {
        input.SkipString();
        int idParts = typeCode == RdbTypeCode.Stream ? 2 : 3; // the last id delivered, entries read
        for (int i = 0; i < idParts; i++) _ = input.Length();
        for (int i = input.Count(IdBytes + TimeBytes + 1); i > 0; i--)
        {
            input.Skip(IdBytes + TimeBytes);
            _ = input.Length(); // deliveries
        }

        int times = typeCode == RdbTypeCode.Stream3 ? 2 : 1; // seen, active
        for (int i = input.Count(2 + TimeBytes); i > 0; i--)
        {
            input.SkipString();
            input.Skip(times * TimeBytes);
            input.Skip((long)input.Count(IdBytes) * IdBytes);
        }
    }

    private static unsafe void InspectNode(ReadOnlySpan<byte> bytes, TypeStatistics statistics)
    {
        CompactEncodings.CheckListpack(bytes, "Stream listpack");
        fixed (byte* start = bytes)
        {
            Walk walk = new(new Listpack((nint)start));
            long entryCount = walk.Integer() + walk.Integer(); // the deleted ones are there too
            long fieldCount = walk.Integer();
            int fieldsStart = walk.Position;
            walk.Pass(fieldCount);
            if (walk.Integer() != 0) throw Damaged();
            for (; entryCount > 0; entryCount--) InspectEntry(ref walk, fieldCount, fieldsStart, statistics);
            if (!walk.IsAtEnd) throw Damaged();
        }
    }

    private static void InspectEntry(ref Walk walk, long masterFieldCount, int fieldsStart, TypeStatistics statistics)
    {
        long flags = walk.Integer();
        _ = walk.Integer();
        _ = walk.Integer();
        bool hasMastersFields = (flags & SameFieldsFlag) != 0;
        bool isDeleted = (flags & DeletedFlag) != 0;
        long fieldCount = hasMastersFields ? masterFieldCount : walk.Integer();
        Walk fields = walk.At(fieldsStart);
        for (long i = 0; i < fieldCount; i++)
        {
            long sizeBytes = hasMastersFields ? fields.TextLength() : walk.TextLength();
            sizeBytes += walk.TextLength();
            if (!isDeleted) statistics.AddElement(sizeBytes);
        }

        long taken = hasMastersFields ? fieldCount + 3 : (2 * fieldCount) + 4;
        if (walk.Integer() != taken) throw Damaged();
    }

    private static InvalidDataException Damaged() => new("Stream listpack integrity check failed.");

    /// <summary>Goes through a valid listpack, and finds it damaged where it ends too soon.</summary>
    private struct Walk(Listpack listpack)
    {
        public int Position { get; private set; } = listpack.First;

        public readonly bool IsAtEnd => Position < 0;

        public readonly Walk At(int position) => new(listpack) { Position = position };

        public long Integer()
        {
            if (Position < 0) throw Damaged();
            ListpackElement element = listpack.At(Position);
            if (!element.IsInteger) throw Damaged();
            Position = listpack.Next(Position);
            return element.Integer;
        }

        public long TextLength()
        {
            if (Position < 0) throw Damaged();
            long length = listpack.At(Position).TextLength;
            Position = listpack.Next(Position);
            return length;
        }

        public void Pass(long count)
        {
            for (; count > 0; count--) _ = TextLength();
        }
    }
}
