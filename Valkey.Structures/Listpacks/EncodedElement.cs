// How an element will lie in a listpack: as the narrowest integer when its text is the one text of a 64-bit integer,
// else as a string. So the same elements always make the same bytes, whoever writes them.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

internal readonly unsafe ref struct EncodedElement
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly long _integer;
    private readonly int _elementBytes;
    private readonly bool _isInteger;

    public EncodedElement(ReadOnlySpan<byte> text)
    {
        if (IntegerText.TryParse(text, out _integer))
        {
            _isInteger = true;
            _elementBytes = IntegerBytes(_integer);
            return;
        }

        _text = text;
        _elementBytes = checked(PrefixBytes(text.Length) + text.Length);
    }

    public EncodedElement(long integer)
    {
        _integer = integer;
        _isInteger = true;
        _elementBytes = IntegerBytes(integer);
    }

    /// <summary>Bytes that the element takes, its backlen included.</summary>
    public int TotalBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => checked(_elementBytes + ListpackFormat.BacklenBytes(_elementBytes));
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
        if (_isInteger) WriteInteger(target);
        else WriteText(target);

        if (_elementBytes <= 127) target[_elementBytes] = (byte)_elementBytes;
        else ListpackFormat.WriteBacklen(target + _elementBytes, _elementBytes);
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

    private void WriteInteger(byte* target)
    {
        switch (_elementBytes)
        {
            case 1:
                *target = (byte)_integer;
                break;
            case 2:
                target[0] = (byte)(ListpackFormat.Integer13Tag | ((_integer >> 8) & 0x1F));
                target[1] = (byte)_integer;
                break;
            case 3:
                *target = ListpackFormat.Integer16Tag;
                Unsafe.WriteUnaligned(target + 1, (short)_integer);
                break;
            case 4:
                *target = ListpackFormat.Integer24Tag;
                Unsafe.WriteUnaligned(target + 1, (short)_integer);
                target[3] = (byte)(_integer >> 16);
                break;
            case 5:
                *target = ListpackFormat.Integer32Tag;
                Unsafe.WriteUnaligned(target + 1, (int)_integer);
                break;
            default:
                Debug.Assert(_elementBytes == 9);
                *target = ListpackFormat.Integer64Tag;
                Unsafe.WriteUnaligned(target + 1, _integer);
                break;
        }
    }

    private void WriteText(byte* target)
    {
        int prefixBytes = _elementBytes - _text.Length;
        if (prefixBytes == 1)
        {
            *target = (byte)(ListpackFormat.TinyStringTag | _text.Length);
        }
        else if (prefixBytes == 2)
        {
            target[0] = (byte)(ListpackFormat.ShortStringTag | (_text.Length >> 8));
            target[1] = (byte)_text.Length;
        }
        else
        {
            *target = ListpackFormat.LongStringTag;
            Unsafe.WriteUnaligned(target + 1, _text.Length);
        }

        _text.CopyTo(new Span<byte>(target + prefixBytes, _text.Length));
    }
}
