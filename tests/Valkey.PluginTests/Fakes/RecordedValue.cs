using Valkey.Abstractions;

namespace Valkey.PluginTests.Fakes;

/// <summary>A saved value as its parts: numbers as ulong, strings as byte[]. Reads back from the first part on.</summary>
internal sealed class RecordedValue(List<object> parts) : IValueWriter, IValueReader
{
    private int _position;

    public List<object> Parts { get; } = parts;

    public byte TypeCode { get; private set; }

    void IValueWriter.TypeCode(byte code) => TypeCode = code;

    void IValueWriter.Length(ulong value) => Parts.Add(value);

    void IValueWriter.String(ReadOnlySpan<byte> bytes) => Parts.Add(bytes.ToArray());

    void IValueWriter.IntegerString(long value) =>
        Parts.Add(System.Text.Encoding.ASCII.GetBytes(value.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    void IValueWriter.Double(double value) => Parts.Add(value);

    void IValueWriter.Int64(long value) => Parts.Add(value);

    bool IValueReader.IsSanitizing => true;

    long IValueReader.DropExpiredAtUnixMs => 0;

    long IValueReader.Int64() => Next<long>();

    ulong IValueReader.Length() => Next<ulong>();

    ReadOnlySpan<byte> IValueReader.String() => Next<byte[]>();

    double IValueReader.Double() => Next<double>();

    private T Next<T>() =>
        _position < Parts.Count && Parts[_position++] is T part ? part : throw new InvalidDataException("The data ends here.");
}
