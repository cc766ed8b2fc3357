// A view of one element of a listpack: a string, or an integer that stands for its text.

using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>One element of a listpack, valid until the listpack changes.</summary>
public readonly ref struct ListpackElement
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly long _integer;
    private readonly bool _isInteger;

    internal ListpackElement(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    internal ListpackElement(long integer)
    {
        _integer = integer;
        _isInteger = true;
    }

    /// <summary>Whether the element is stored as a number.</summary>
    public bool IsInteger => _isInteger;

    /// <summary>The number; 0 for a string.</summary>
    public long Integer => _integer;

    /// <summary>The bytes of a string; empty for a number.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Bytes of the element's text.</summary>
    public int TextLength => _isInteger ? IntegerText.CountBytes(_integer) : _bytes.Length;

    /// <summary>The element as clients know it.</summary>
    /// <param name="scratch">Room for the text of a number, at least <see cref="IntegerText.LengthMax"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Text(Span<byte> scratch) =>
        _isInteger ? scratch[..IntegerText.Format(_integer, scratch)] : _bytes;

    /// <summary>Whether the element's text is this one.</summary>
    public bool Equals(ReadOnlySpan<byte> text) => _isInteger
        ? IntegerText.TryParse(text, out long number) && number == _integer
        : _bytes.SequenceEqual(text);
}
