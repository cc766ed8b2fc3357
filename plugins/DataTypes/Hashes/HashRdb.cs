// How a hash is saved and loaded.
//
//   16  a listpack, as it is
//   4   the number of fields, then name and value of each
//   22  the number of fields, then name, value and expiry of each: ms of unix time, -1 for never
// Holds always: saving allocates nothing on the managed heap and changes nothing, as it runs on snapshot threads and in forked
// children. What is loaded was checked: a listpack that is kept can be walked without looking out of it.
// Source: the RDB format of Valkey (https://valkey.io/topics/persistence/).

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static class HashRdb
{
    private const byte TableCode = 4;
    private const byte ListpackCode = 16;
    private const byte ExpiringCode = 22;

    // A count from a file is not believed beyond this: the table grows when the fields are really there.
    private const ulong ReserveMax = 1 << 20;

    public static bool Loads(byte typeCode) => typeCode is TableCode or ListpackCode or ExpiringCode;

    public static void Save(HashView hash, IValueWriter writer)
    {
        if (hash.IsListpack)
        {
            writer.TypeCode(ListpackCode);
            writer.String(hash.Listpack.Bytes);
            return;
        }

        bool expires = hash.HasExpiring;
        writer.TypeCode(expires ? ExpiringCode : TableCode);
        writer.Length((ulong)hash.Count);
        foreach (nint address in hash.Table)
        {
            HashField field = new(address);
            writer.String(field.Name);
            writer.String(field.Value);
            if (expires) writer.Int64(field.ExpireAtUnixMs);
        }
    }

    /// <summary>A hash with the content that was saved; none when it is empty, or all its fields are over.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a hash.</exception>
    public static HashView Load(IValueReader reader, out byte encoding)
    {
        if (reader.TypeCode == ListpackCode) return LoadListpack(reader, out encoding);
        if (!Loads(reader.TypeCode))
        {
            throw new InvalidDataException($"Type code {reader.TypeCode} is not one of the hash type.");
        }

        return LoadFields(reader, out encoding);
    }

    private static HashView LoadListpack(IValueReader reader, out byte encoding)
    {
        ReadOnlySpan<byte> bytes = reader.String();
        if (!Listpack.IsValid(bytes, everyElement: true))
        {
            throw new InvalidDataException("The listpack of a hash is damaged.");
        }

        Listpack listpack = Listpack.From(bytes);
        encoding = HashEncoding.Listpack;
        int count = listpack.Count;
        bool isWhole = count % 2 == 0;
        if (count == 0 || !isWhole)
        {
            listpack.Free();
            return isWhole ? default : throw new InvalidDataException("The listpack of a hash has a field without a value.");
        }

        bool becomesTable = count / 2 > HashOptions.MaxListpackEntries;
        if (!becomesTable && !reader.IsSanitizing) return new HashView(encoding, listpack.Address);

        // A table has every name once, so its size tells whether the listpack had.
        FieldTable table = HashValue.ToTable(listpack);
        bool hasTwins = table.Count != count / 2;
        if (hasTwins || becomesTable) listpack.Free();
        if (hasTwins || !becomesTable) table.Free();
        if (hasTwins) throw new InvalidDataException("Hash listpack with dup elements");
        if (!becomesTable) return new HashView(encoding, listpack.Address);

        encoding = HashEncoding.Table;
        return new HashView(encoding, table.Address);
    }

    private static HashView LoadFields(IValueReader reader, out byte encoding)
    {
        ulong count = reader.Length();
        bool staysCompact = reader.TypeCode == TableCode && count <= (ulong)HashOptions.MaxListpackEntries;
        encoding = HashEncoding.Table;
        if (count == 0) return default;

        // A small one is put into a listpack when all of it turned out to be short.
        FieldTable table = FieldTable.Create();
        table.Reserve((long)Math.Min(count, ReserveMax));
        try
        {
            staysCompact &= TryReadFields(reader, table, count);
        }
        catch
        {
            table.Free();
            throw;
        }

        if (table.Count > 0 && !staysCompact) return new HashView(encoding, table.Address);

        encoding = HashEncoding.Listpack;
        HashView compact = table.Count == 0 ? default : new HashView(encoding, ToListpack(table).Address);
        table.Free();
        return compact;
    }

    /// <summary>Reads the fields into the table; whether all are short enough for a listpack.</summary>
    private static bool TryReadFields(IValueReader reader, FieldTable table, ulong count)
    {
        bool expires = reader.TypeCode == ExpiringCode;
        long dropBeforeUnixMs = reader.DropExpiredAtUnixMs;
        long totalBytes = 0;
        bool areShort = true;
        NativeBuffer name = default;
        try
        {
            for (; count > 0; count--)
            {
                name.Set(reader.String()); // the next string takes its place in the reader
                ReadOnlySpan<byte> value = reader.String();
                bool isNew = TryAdd(reader, table, name.Span, value, expires, dropBeforeUnixMs);
                if (!isNew) throw new InvalidDataException("A hash has a field twice.");
                areShort &= Math.Max(name.Span.Length, value.Length) <= HashOptions.MaxListpackValueBytes;
                totalBytes += name.Span.Length + value.Length;
            }
        }
        finally
        {
            name.Free();
        }

        return areShort && Listpack.FitsAdding(0, totalBytes);
    }

    private static bool TryAdd(
        IValueReader reader, FieldTable table, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool expires, long dropBeforeUnixMs)
    {
        if (!expires) return table.TryAdd(name, value);

        // The value's bytes end with the next call of the reader, so the field is made before its expiry is read.
        if (!table.TryFindPlace(name, out FieldPlace place)) table.Add(in place, name, value, HashField.NoExpiry);
        else return false;

        long expireAtUnixMs = reader.Int64();
        if (expireAtUnixMs < HashField.NoExpiry) throw new InvalidDataException($"A field of a hash expires at {expireAtUnixMs}.");
        if (expireAtUnixMs == HashField.NoExpiry) return true;

        _ = table.TryFindPlace(name, out place);
        if (dropBeforeUnixMs != 0 && expireAtUnixMs < dropBeforeUnixMs) table.Remove(in place);
        else table.SetExpiry(in place, expireAtUnixMs);
        return true;
    }

    private static Listpack ToListpack(FieldTable table)
    {
        Listpack listpack = Listpack.Create();
        foreach (nint address in table)
        {
            HashField field = new(address);
            listpack = listpack.Append(field.Name).Append(field.Value);
        }

        return listpack;
    }

    /// <summary>Bytes that are kept while the reader goes on.</summary>
    private ref struct NativeBuffer
    {
        private const int InitialBytes = 256;

        private Blob _blob;

        public readonly ReadOnlySpan<byte> Span => _blob.Span;

        public void Set(ReadOnlySpan<byte> bytes)
        {
            if (_blob.IsNull || _blob.Capacity < bytes.Length)
            {
                Free();
                _blob = Blob.Allocate(0, Math.Max(InitialBytes, bytes.Length));
            }

            _blob.Overwrite(bytes);
        }

        public void Free()
        {
            if (!_blob.IsNull) _blob.Release();
            _blob = default;
        }
    }
}
