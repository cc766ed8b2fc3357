// How a value becomes JSON without knowing its type: the type says what it is.
//
//   a collection (ICollectionType)     list and set: an array of elements; sorted set: an array of [element, score]
//   anything else                      what its Save writes, part by part: one part as it is, several as an array. A hash
//                                      (IFieldType) consists of pairs, so it becomes an array of [field, value]
// Bytes that are no UTF-8 become {"base64": "..."}, so nothing is lost.

using System.Text.Json;
using System.Text.Unicode;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Samples.JsonSnapshot;

internal sealed class JsonValue(Utf8JsonWriter json) : IElementVisitor, IValueWriter
{
    private const byte HashListpackCode = 16;

    private byte _typeCode;
    private bool _isSorted;
    private bool _isInPairs;
    private bool _isSecondOfPair;

    /// <summary>Writes a property whose value is bytes.</summary>
    public void WriteText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes)
    {
        json.WritePropertyName(name);
        WriteText(bytes);
    }

    /// <summary>Writes a value.</summary>
    public void Write(DataType type, in StoredValue value)
    {
        if (type is ICollectionType collection)
        {
            _isSorted = collection.Kind == CollectionKind.SortedSet;
            json.WriteStartArray();
            collection.ForEach(in value, this);
            json.WriteEndArray();
            return;
        }

        _isInPairs = type is IFieldType;
        _isSecondOfPair = false;
        bool isArray = _isInPairs || type.ModuleId != 0; // the built-in types that are left are made of one part
        if (isArray) json.WriteStartArray();
        type.Save(in value, this);
        if (isArray) json.WriteEndArray();
    }

    /// <inheritdoc/>
    bool IElementVisitor.Visit(ReadOnlySpan<byte> element, double score)
    {
        if (_isSorted) json.WriteStartArray();
        WriteText(element);
        if (_isSorted)
        {
            WriteDouble(score);
            json.WriteEndArray();
        }

        return true;
    }

    /// <inheritdoc/>
    void IValueWriter.TypeCode(byte code) => _typeCode = code;

    /// <inheritdoc/>
    void IValueWriter.Length(ulong value)
    {
        if (!_isInPairs) json.WriteNumberValue(value); // the length of a hash is the length of the array
    }

    /// <inheritdoc/>
    void IValueWriter.String(ReadOnlySpan<byte> bytes)
    {
        if (_isInPairs && _typeCode == HashListpackCode) WriteListpack(bytes);
        else if (_isInPairs) WritePart(bytes);
        else WriteText(bytes);
    }

    /// <inheritdoc/>
    void IValueWriter.IntegerString(long value) => json.WriteStringValue(value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    void IValueWriter.Double(double value) => WriteDouble(value);

    /// <inheritdoc/>
    void IValueWriter.Int64(long value)
    {
        if (!_isInPairs) json.WriteNumberValue(value); // of a hash's field: when it expires, which we leave out
    }

    /// <summary>A small hash is saved as one block of bytes: its listpack, field after value.</summary>
    private void WriteListpack(ReadOnlySpan<byte> bytes)
    {
        Listpack listpack = Listpack.From(bytes); // a copy of ours
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        for (int position = listpack.First; position >= 0; position = listpack.Next(position))
            WritePart(listpack.At(position).Text(scratch));
        listpack.Free();
    }

    private void WritePart(ReadOnlySpan<byte> bytes)
    {
        if (!_isSecondOfPair) json.WriteStartArray();
        WriteText(bytes);
        if (_isSecondOfPair) json.WriteEndArray();
        _isSecondOfPair = !_isSecondOfPair;
    }

    private void WriteDouble(double value)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteStringValue(value > 0 ? "inf" : "-inf");
    }

    private void WriteText(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            json.WriteStringValue(bytes);
            return;
        }

        json.WriteStartObject();
        json.WriteBase64String("base64"u8, bytes);
        json.WriteEndObject();
    }
}
