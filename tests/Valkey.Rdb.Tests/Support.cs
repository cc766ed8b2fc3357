// What the tests stand on: sinks and sources in memory, a receiver that remembers, and types that record what they load.

using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Rdb.Tests;

/// <summary>Collects what is written; fails from a given number of bytes on.</summary>
internal sealed class ListSink(long failAfterBytes = long.MaxValue) : ISnapshotSink
{
    private readonly List<byte> _bytes = [];

    public long BytesWritten => _bytes.Count;

    public int ErrorNumber { get; private set; }

    public bool WasFlushed { get; private set; }

    public byte[] Written => [.. _bytes];

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Count + bytes.Length > failAfterBytes) ErrorNumber = 28;
        if (ErrorNumber == 0) _bytes.AddRange(bytes);
    }

    public void Flush() => WasFlushed = true;
}

/// <summary>Gives bytes in pieces of random size.</summary>
internal sealed class TornSource(byte[] bytes, int seed, bool knowsLength = true) : ISnapshotSource
{
    private readonly Random _random = new(seed);
    private int _position;

    public long LengthBytes => knowsLength ? bytes.Length : -1;

    public int Read(Span<byte> buffer)
    {
        int count = Math.Min(Math.Min(buffer.Length, bytes.Length - _position), 1 + _random.Next(300));
        bytes.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}

/// <summary>Remembers everything and frees every entry.</summary>
internal sealed class RecordingReceiver(params DataType[] types) : ISnapshotReceiver
{
    public List<string> Events { get; } = [];

    public HashSet<string> Keys { get; } = [];

    public long DropExpiredAtUnixMs { get; init; }

    public int DatabaseCount { get; init; } = 16;

    public void Begin(int formatVersion) => Events.Add($"version {formatVersion}");

    public void Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Events.Add($"field {Text(name)}={Text(value)}");

    public bool BeginDatabase(long index)
    {
        Events.Add($"db {index}");
        return index < DatabaseCount;
    }

    public void SizeHint(long keyCount, long expiringCount) => Events.Add($"size {keyCount} {expiringCount}");

    public bool Entry(KeyEntry entry, DataType type, long idleSeconds, int frequency)
    {
        Entry loaded = new(entry.Address);
        string key = Text(loaded.Key);
        string value = loaded.IsEmbedded ? Text(loaded.EmbeddedValue) : loaded.Payload.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Events.Add($"{type.Name} {key}={value} expire {loaded.ExpireAtUnixMs} idle {idleSeconds} freq {frequency}");
        EntryBuilder.Free(entry, type);
        return Keys.Add(key);
    }

    public void Dropped(ReadOnlySpan<byte> key, DroppedKeyReason reason) => Events.Add($"dropped {Text(key)} {reason}");

    public string? Function(ReadOnlySpan<byte> source)
    {
        Events.Add($"function {Text(source)}");
        return source.StartsWith("bad"u8) ? "it is bad" : null;
    }

    public long Progress(long bytesRead) => bytesRead + 100;

    public DataType? TypeOf(byte typeCode) => Array.Find(types, type => type.ModuleId == 0 && type.LoadsTypeCode(typeCode));

    public DataType? ModuleTypeOf(ulong moduleId) =>
        Array.Find(types, type => type.ModuleId != 0 && ModuleTypeId.IsSameType(type.ModuleId, moduleId));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}

/// <summary>What the test types share: they live in their entries and own nothing.</summary>
internal abstract class EmbeddedType(string name) : DataType
{
    public override string Name => name;

    public override string EncodingName(in StoredValue value) => "raw";

    public override void Free(in StoredValue value) { }

    public override KeyEntry Copy(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory) =>
        factory.CreateEmbedded(key, this, 0, value.Embedded);

    public override long MemoryUsageBytes(in StoredValue value, int samples) => 0;

    public override long ElementCount(in StoredValue value) => 1;

    public override void Digest(in StoredValue value, IDigestSink sink) => sink.AddOrdered(value.Embedded);
}

/// <summary>Short strings.</summary>
internal sealed class TextType() : EmbeddedType("text")
{
    public override void Save(in StoredValue value, IValueWriter writer)
    {
        writer.TypeCode(0);
        writer.String(value.Embedded);
    }

    public override bool LoadsTypeCode(byte typeCode) => typeCode == 0;

    public override KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory)
    {
        ReadOnlySpan<byte> text = reader.String();
        return text.Length <= Entry.EmbeddedMax
            ? factory.CreateEmbedded(key, this, 0, text)
            : factory.Create(key, this, 0, text.Length);
    }
}

/// <summary>A module's value of every kind of part.</summary>
internal sealed class PartsType() : EmbeddedType("parts")
{
    public override ulong ModuleId { get; } = ModuleTypeId.Of("test-part", 3);

    public override void Save(in StoredValue value, IValueWriter writer)
    {
        writer.TypeCode(ModuleTypeId.TypeCode);
        writer.Length(7);
        writer.String(value.Embedded);
        writer.IntegerString(-12345678901);
        writer.Double(0.5);
        writer.Int64(-9);
    }

    public override KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory)
    {
        StringBuilder all = new();
        all.Append(reader.Length()).Append('|').Append(Encoding.Latin1.GetString(reader.String())).Append('|');
        all.Append(Encoding.Latin1.GetString(reader.String())).Append('|').Append(reader.Double()).Append('|').Append(reader.Int64());
        return factory.CreateEmbedded(key, this, 0, Encoding.Latin1.GetBytes(all.ToString()));
    }
}

/// <summary>Loads collections of every modern code as the text of their elements.</summary>
internal sealed class ElementsType(params byte[] codes) : EmbeddedType("elements")
{
    public override void Save(in StoredValue value, IValueWriter writer)
    {
        writer.TypeCode(20);
        Listpack listpack = Listpack.Create();
        foreach (byte element in value.Embedded) listpack = listpack.Append([element]);
        writer.String(listpack.Bytes);
        listpack.Free();
    }

    public override bool LoadsTypeCode(byte typeCode) => codes.Contains(typeCode);

    public override unsafe KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory)
    {
        List<string> elements = [];
        ulong count = reader.TypeCode is 1 or 2 or 4 or 18 ? reader.Length() : 1;
        if (reader.TypeCode == 4) count = Math.Min(count, 1UL << 40) * 2;
        if (count > 1_000_000) throw new InvalidDataException("too many");
        for (ulong i = 0; i < count; i++)
        {
            if (reader.TypeCode == 18) _ = reader.Length();
            ReadOnlySpan<byte> bytes = reader.String();
            if (reader.TypeCode is 1 or 2 or 4) elements.Add(Encoding.Latin1.GetString(bytes));
            else fixed (byte* start = bytes) AddAll(new Listpack((nint)start), elements);
        }

        string text = string.Join(',', elements);
        return elements.Count == 0 ? default : factory.CreateEmbedded(key, this, 0, Encoding.Latin1.GetBytes(text[..Math.Min(text.Length, 255)]));
    }

    private static void AddAll(Listpack listpack, List<string> elements)
    {
        Span<byte> digits = stackalloc byte[IntegerText.LengthMax];
        for (int at = listpack.First; at >= 0; at = listpack.Next(at)) elements.Add(Encoding.Latin1.GetString(listpack.At(at).Text(digits)));
    }
}

/// <summary>Builds files byte by byte.</summary>
internal sealed class FileBuilder
{
    private readonly List<byte> _bytes = [];

    public FileBuilder(string magic = "REDIS0010") => _bytes.AddRange(Encoding.ASCII.GetBytes(magic));

    public FileBuilder Bytes(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public FileBuilder Text(string text)
    {
        _bytes.Add((byte)text.Length);
        _bytes.AddRange(Encoding.Latin1.GetBytes(text));
        return this;
    }

    public FileBuilder Blob(byte[] bytes)
    {
        _bytes.AddRange([0x80, 0, (byte)(bytes.Length >> 16), (byte)(bytes.Length >> 8), (byte)bytes.Length]);
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>With the end mark and the right checksum.</summary>
    public byte[] Complete()
    {
        _bytes.Add(0xFF);
        _bytes.AddRange(BitConverter.GetBytes(Crc64.AppendByTables(0, _bytes.ToArray())));
        return [.. _bytes];
    }

    public byte[] Raw() => [.. _bytes];
}

internal static class Reading
{
    /// <summary>Reads a file and tells what was found in it.</summary>
    public static List<string> Load(byte[] file, RecordingReceiver receiver, bool isRelaxed = false, bool isSanitizing = false, int seed = 1)
    {
        using RdbReader reader = new(new TornSource(file, seed), receiver, new RdbLoadSettings(isRelaxed, true, isSanitizing));
        reader.Load();
        return receiver.Events;
    }
}
