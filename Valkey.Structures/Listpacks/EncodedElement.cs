// How an element will lie in a listpack: as the narrowest integer when its text is the one text of a 64-bit integer,
// else as a string. So the same elements always make the same bytes, whoever writes them.
//
// Sizes and writing are functions of plain values: the way of a command holds those in registers, where a struct that was built
// and handed on took a tenth of an LPUSH (its copy, in one piece, waits for the pieces that it was just built from).

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

internal readonly unsafe ref struct EncodedElement
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly long _integer;
    private readonly bool _isInteger;

    public EncodedElement(ReadOnlySpan<byte> text)
    {
        _isInteger = IntegerText.TryParse(text, out _integer);
        if (!_isInteger) _text = text;
    }

    /// <summary>Bytes that the element takes, its backlen included.</summary>
    public int TotalBytes => _isInteger ? TotalBytesOf(_integer) : TotalBytesOf(_text);

    /// <summary>Bytes that an integer takes, its backlen included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TotalBytesOf(long integer) => IntegerBytes(integer) + 1; // at most 9, so a backlen of one byte

    /// <summary>Bytes that a string takes, its backlen included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TotalBytesOf(ReadOnlySpan<byte> text)
    {
        int elementBytes = checked(PrefixBytes(text.Length) + text.Length);
        return checked(elementBytes + ListpackFormat.BacklenBytes(elementBytes));
    }

    /// <summary>Bytes that a string of this length takes beside its own: prefix and backlen.</summary>
    public static int OverheadOfText(int length)
    {
        int prefixBytes = PrefixBytes(length);
        return prefixBytes + ListpackFormat.BacklenBytes((long)prefixBytes + length);
    }

    /// <summary>Writes <see cref="TotalBytes"/> bytes.</summary>
    public void WriteTo(byte* target)
    {
        if (_isInteger) Write(target, _integer);
        else Write(target, _text);
    }

    /// <summary>Writes a string.</summary>
    public static void Write(byte* target, ReadOnlySpan<byte> text)
    {
        int prefixBytes = PrefixBytes(text.Length);
        if (prefixBytes == 1)
        {
            *target = (byte)(ListpackFormat.TinyStringTag | text.Length);
        }
        else if (prefixBytes == 2)
        {
            target[0] = (byte)(ListpackFormat.ShortStringTag | (text.Length >> 8));
            target[1] = (byte)text.Length;
        }
        else
        {
            *target = ListpackFormat.LongStringTag;
            Unsafe.WriteUnaligned(target + 1, text.Length);
        }

        text.CopyTo(new Span<byte>(target + prefixBytes, text.Length));
        int elementBytes = prefixBytes + text.Length;
        if (elementBytes <= 127) target[elementBytes] = (byte)elementBytes;
        else ListpackFormat.WriteBacklen(target + elementBytes, elementBytes);
    }

    /// <summary>Writes an integer.</summary>
    public static void Write(byte* target, long integer)
    {
        int elementBytes = IntegerBytes(integer);
        switch (elementBytes)
        {
            case 1:
                *target = (byte)integer;
                break;
            case 2:
                target[0] = (byte)(ListpackFormat.Integer13Tag | ((integer >> 8) & 0x1F));
                target[1] = (byte)integer;
                break;
            case 3:
                *target = ListpackFormat.Integer16Tag;
                Unsafe.WriteUnaligned(target + 1, (short)integer);
                break;
            case 4:
                *target = ListpackFormat.Integer24Tag;
                Unsafe.WriteUnaligned(target + 1, (short)integer);
                target[3] = (byte)(integer >> 16);
                break;
            case 5:
                *target = ListpackFormat.Integer32Tag;
                Unsafe.WriteUnaligned(target + 1, (int)integer);
                break;
            default:
                Debug.Assert(elementBytes == 9);
                *target = ListpackFormat.Integer64Tag;
                Unsafe.WriteUnaligned(target + 1, integer);
                break;
        }

        target[elementBytes] = (byte)elementBytes;
    }

    private static int PrefixBytes(int length) =>
        length <= ListpackFormat.TinyStringMax ? 1 : length <= ListpackFormat.ShortStringMax ? 2 : 5;

    private static int IntegerBytes(long value) => value switch
    {
        >= 0 and <= 127 => 1,
        >= -4096 and <= 4095 => 2,
        >= short.MinValue and <= short.MaxValue => 3,
        >= -8388608 and <= 8388607 => 4,
        >= int.MinValue and <= int.MaxValue => 5,
        _ => 9,
    };
}
