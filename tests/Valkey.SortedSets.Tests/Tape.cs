// Takes the parts of a saved value and gives them back in order, after some damage if wanted.

using Valkey.Abstractions;

namespace Valkey.SortedSets.Tests;

internal sealed class Tape(byte typeCode = 0) : IValueWriter, IValueReader
{
    private readonly List<object> _parts = [];
    private byte _typeCode = typeCode;
    private int _next;

    byte IValueReader.TypeCode => _typeCode;

    public byte SavedTypeCode => _typeCode;

    public bool IsSanitizing { get; init; } = true;

    public long DropExpiredAtUnixMs => 0;

    public bool IsAtEnd => _next == _parts.Count;

    public void TypeCode(byte code) => _typeCode = code;

    public void Length(ulong value) => _parts.Add(value);

    public void String(ReadOnlySpan<byte> bytes) => _parts.Add(bytes.ToArray());

    public void IntegerString(long value) => throw new NotSupportedException("Sorted sets save texts.");

    public void Double(double value) => _parts.Add(value);

    public void Int64(long value) => throw new NotSupportedException("Sorted sets have no times.");

    public ulong Length() => Next() as ulong? ?? throw new InvalidDataException("No length here.");

    public ReadOnlySpan<byte> String() => Next() as byte[] ?? throw new InvalidDataException("No string here.");

    public double Double() => Next() as double? ?? throw new InvalidDataException("No double here.");

    public long Int64() => throw new NotSupportedException("Sorted sets have no times.");

    /// <summary>Changes some bytes of some strings, or cuts them, or ends the data early.</summary>
    public void Damage(Random random)
    {
        for (int i = 0; i < _parts.Count; i++)
        {
            if (_parts[i] is double && random.Next(50) == 0) _parts[i] = BitConverter.Int64BitsToDouble(random.NextInt64());
            if (_parts[i] is not byte[] bytes || bytes.Length == 0 || random.Next(3) > 0) continue;
            for (int j = random.Next(1, 4); j > 0; j--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) _parts[i] = bytes[..random.Next(bytes.Length)];
        }

        if (_parts.Count > 1 && random.Next(4) == 0) _parts.RemoveRange(_parts.Count - 1, 1);
    }

    private object Next() => _next < _parts.Count ? _parts[_next++] : throw new InvalidDataException("The data has ended.");
}
