// How many bytes a value takes in a snapshot, without writing it: the lengths of the RDB format, compression left out.
// Source: https://valkey.io/topics/persistence/ and the format's length encoding (6, 14, 32 or 64 bits).

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Debugging;

internal sealed class SavedLength : IValueWriter
{
    private const int IntegerTextMax = 11; // longer texts are never stored as integers

    /// <summary>Bytes so far; the type code is not part of the value.</summary>
    public long Bytes { get; private set; }

    /// <inheritdoc/>
    public void TypeCode(byte code) { }

    /// <inheritdoc/>
    public void Length(ulong value) => Bytes += LengthBytes(value);

    /// <inheritdoc/>
    public void String(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= IntegerTextMax && IntegerText.TryParse(bytes, out long number) && number is >= int.MinValue and <= int.MaxValue)
            Bytes += IntegerBytes(number);
        else
            Bytes += LengthBytes((ulong)bytes.Length) + bytes.Length;
    }

    /// <inheritdoc/>
    public void IntegerString(long value)
    {
        int digits = IntegerText.CountBytes(value);
        Bytes += value is >= int.MinValue and <= int.MaxValue ? IntegerBytes(value) : LengthBytes((ulong)digits) + digits;
    }

    /// <inheritdoc/>
    public void Double(double value) => Bytes += sizeof(double);

    /// <inheritdoc/>
    public void Int64(long value) => Bytes += sizeof(long);

    private static int LengthBytes(ulong value) => value switch
    {
        < 1 << 6 => 1,
        < 1 << 14 => 2,
        <= uint.MaxValue => 5,
        _ => 9,
    };

    private static int IntegerBytes(long value) => value switch
    {
        >= sbyte.MinValue and <= sbyte.MaxValue => 2,
        >= short.MinValue and <= short.MaxValue => 3,
        _ => 5,
    };
}
