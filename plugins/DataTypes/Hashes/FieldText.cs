// FieldText: a field's name or value as it is stored, in whichever encoding: bytes, bytes of a blob, or a number that stands for
// its text. Valid until the hash changes.

using Valkey.Structures;

namespace Valkey.Hashes;

internal readonly ref struct FieldText
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly long _integer;
    private readonly nint _blobAddress;

    public FieldText(ListpackElement element)
    {
        IsInteger = element.IsInteger;
        _integer = element.Integer;
        _bytes = element.Bytes;
    }

    public FieldText(ReadOnlySpan<byte> name) => _bytes = name;

    public static FieldText ValueOf(HashField field) => new(field);

    private FieldText(HashField field)
    {
        if (field.TryGetBlob(out Blob blob)) _blobAddress = blob.Address;
        _bytes = field.Value;
    }

    public bool IsInteger { get; }

    /// <summary>The number; 0 where it is none.</summary>
    public long Integer => _integer;

    /// <summary>The bytes; empty where it is a number.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Where the bytes are shared: replies may hold them. A null blob where they are not.</summary>
    public Blob Blob => new(_blobAddress);

    /// <summary>Bytes of the text.</summary>
    public int Length => IsInteger ? IntegerText.CountBytes(_integer) : _bytes.Length;

    /// <summary>The text, as clients know it.</summary>
    /// <param name="scratch">Room for a number: <see cref="IntegerText.LengthMax"/> bytes.</param>
    public ReadOnlySpan<byte> Text(Span<byte> scratch) =>
        IsInteger ? scratch[..IntegerText.Format(_integer, scratch)] : _bytes;

    /// <summary>Whether the text is, strictly, a 64-bit integer, and which.</summary>
    public bool TryReadInteger(out long value)
    {
        value = _integer;
        return IsInteger || (_bytes.Length <= IntegerText.LengthMax && IntegerText.TryParse(_bytes, out value));
    }
}
