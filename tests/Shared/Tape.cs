// Takes the parts of a saved value and gives them back in order, after some damage if wanted. Of lengths and
// strings; of times where the type has some.

using Valkey.Abstractions;

namespace Valkey.TypeTests;

internal sealed class Tape(byte typeCode = 0) : IValueWriter, IValueReader
{
    private readonly List<object> _parts = [];
    private byte _typeCode = typeCode;
    private int _next;

    byte IValueReader.TypeCode => _typeCode;

    public bool IsSanitizing { get; init; } = true;

    public long DropExpiredAtUnixMs { get; init; }

    /// <summary>The type saves times.</summary>
    public bool TakesTimes { get; init; }

    public bool IsAtEnd => _next == _parts.Count;

    public void TypeCode(byte code) => _typeCode = code;

    public void Length(ulong value) => _parts.Add(value);

    public void String(ReadOnlySpan<byte> bytes) => _parts.Add(bytes.ToArray());

    public void IntegerString(long value) => throw new NotSupportedException("The type saves no integers as strings.");

    public void Double(double value) => throw new NotSupportedException("The type has no scores.");

    public void Int64(long value)
    {
        RequireTimes();
        _parts.Add(value);
    }

    public ulong Length() => _parts[_next++] as ulong? ?? throw new InvalidDataException("No length here.");

    public ReadOnlySpan<byte> String()
    {
        if (_next == _parts.Count) throw new InvalidDataException("The data has ended.");
        return _parts[_next++] as byte[] ?? throw new InvalidDataException("No string here.");
    }

    public double Double() => throw new NotSupportedException("The type has no scores.");

    public long Int64()
    {
        RequireTimes();
        return _parts[_next++] as long? ?? throw new InvalidDataException("No number here.");
    }

    /// <summary>Changes some bytes of some strings, or cuts them.</summary>
    public void Damage(Random random)
    {
        for (int i = 0; i < _parts.Count; i++)
        {
            if (_parts[i] is not byte[] bytes || bytes.Length == 0) continue;
            for (int j = random.Next(1, 4); j > 0; j--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) _parts[i] = bytes[..random.Next(bytes.Length)];
        }
    }

    private void RequireTimes()
    {
        if (!TakesTimes) throw new NotSupportedException("The type has no times.");
    }
}
