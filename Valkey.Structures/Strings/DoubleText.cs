// Decimal text of doubles, as the protocol writes them and clients send them: scores, coordinates, increments.
//
// Written is the shortest text that reads back as the same double. Whole numbers up to 2^62 are written as integers. Others
// are written without an exponent while that takes at most seven zeros of padding (0.000001, 120000000000000000000), else
// with one that has a sign and no leading zero (1e-7, 1.5e+300).
// Read is what strtod(3) reads in the C locale, but no blanks, no hexadecimal form and no NaN.

using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Valkey.Structures;

/// <summary>Formatting and parsing of doubles as bytes.</summary>
public static class DoubleText
{
    /// <summary>Room that every double's text fits into.</summary>
    public const int LengthMax = 32;

    private const double IntegerMax = 1L << 62; // whole doubles up to here convert to integers and back
    private const int DigitsMax = 17;
    private const int PaddingMax = 7;
    private const int ExactDigitsMax = 15; // so many digits are exact in a double, whatever they are
    private const NumberStyles Style =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    // Powers of ten that are exact in a double: dividing an exact whole number by one of them rounds once, so correctly.
    private static ReadOnlySpan<double> ExactPowersOfTen =>
        [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Whether the double is a whole number that is written as an integer, and which.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryInteger(double value, out long integer)
    {
        integer = 0;
        if (!(value >= -IntegerMax && value <= IntegerMax)) return false;
        integer = (long)value;
        return integer == value && (integer != 0 || !double.IsNegative(value));
    }

    /// <summary>Writes the text; the target has room for <see cref="LengthMax"/> bytes.</summary>
    /// <returns>Bytes written.</returns>
    public static int Format(double value, Span<byte> target)
    {
        if (TryInteger(value, out long integer)) return IntegerText.Format(integer, target);
        if (value == 0) return Copy("-0"u8, target);
        if (double.IsNaN(value)) return Copy("nan"u8, target);
        if (double.IsInfinity(value)) return Copy(value > 0 ? "inf"u8 : "-inf"u8, target);

        int signLength = value < 0 ? 1 : 0;
        target[0] = (byte)'-';
        Span<byte> digits = stackalloc byte[LengthMax];
        digits = digits[..ShortestDigits(Math.Abs(value), digits, out int exponent)];
        return signLength + Layout(digits, exponent, target[signLength..]);
    }

    /// <summary>Reads a double; false when the text is none, is NaN, or is too large or too small to be one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        if (TryParseShort(text, out value)) return true;
        if (!TryParseLong(text, out value)) return false;

        bool isWordOrNumber = double.IsFinite(value) || !IsNumber(text);
        return isWordOrNumber && (value != 0 || !HasDigitAboveZero(text));
    }

    /// <summary>As <see cref="TryParse"/>, but what is too large is infinite and what is too small is zero.</summary>
    public static bool TryParseLoose(ReadOnlySpan<byte> text, out double value) =>
        TryParseShort(text, out value) || TryParseLong(text, out value);

    /// <summary>The common case: a few digits, perhaps with a point.</summary>
    private static bool TryParseShort(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        int index = text.Length > 0 && text[0] == '-' ? 1 : 0;
        if (text.Length - index is 0 or > ExactDigitsMax) return false;

        long number = 0;
        int pointIndex = -1;
        for (int i = index; i < text.Length; i++)
        {
            uint digit = (uint)text[i] - '0';
            if (digit <= 9) number = (number * 10) + digit;
            else if (text[i] == '.' && pointIndex < 0 && text.Length - index > 1) pointIndex = i;
            else return false;
        }

        value = pointIndex < 0 ? number : number / ExactPowersOfTen[text.Length - 1 - pointIndex];
        if (index == 1) value = -value;
        return true;
    }

    private static bool TryParseLong(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        ReadOnlySpan<byte> unsigned = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (Ascii.EqualsIgnoreCase(unsigned, "inf"u8) || Ascii.EqualsIgnoreCase(unsigned, "infinity"u8))
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        // The runtime's parser knows more words, and takes zero bytes at the end for nothing.
        return IsNumber(text) && text[^1] is (byte)'.' or (>= (byte)'0' and <= (byte)'9')
            && double.TryParse(text, Style, CultureInfo.InvariantCulture, out value);
    }

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        int index = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        return index < text.Length && (text[index] == '.' || char.IsAsciiDigit((char)text[index]));
    }

    private static bool HasDigitAboveZero(ReadOnlySpan<byte> text)
    {
        foreach (byte letter in text)
        {
            if (letter is >= (byte)'1' and <= (byte)'9') return true;
            if ((letter | 0x20) == 'e') return false;
        }

        return false;
    }

    /// <summary>The digits of the shortest text, without zeros at either end, and the power of ten that they are times.</summary>
    private static int ShortestDigits(double value, Span<byte> digits, out int exponent)
    {
        _ = value.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        exponent = 0;
        int count = 0;
        bool isBehindPoint = false;
        for (int i = 0; i < length; i++)
        {
            byte letter = digits[i];
            if (letter == 'E')
            {
                _ = Utf8Parser.TryParse(digits[(i + 1)..length], out int written, out _);
                exponent += written;
                break;
            }

            if (letter == '.')
            {
                isBehindPoint = true;
                continue;
            }

            if (isBehindPoint) exponent--;
            if (count > 0 || letter != '0') digits[count++] = letter;
        }

        for (; digits[count - 1] == '0'; count--) exponent++;
        return count;
    }

    private static int Layout(ReadOnlySpan<byte> digits, int exponent, Span<byte> target)
    {
        int scale = Math.Abs(exponent + digits.Length - 1);
        if (exponent >= 0 && scale < digits.Length + PaddingMax)
        {
            digits.CopyTo(target);
            target.Slice(digits.Length, exponent).Fill((byte)'0');
            return digits.Length + exponent;
        }

        if (exponent < 0 && (exponent > -PaddingMax || scale < 4)) return WithPoint(digits, digits.Length + exponent, target);

        digits = digits[..Math.Min(digits.Length, DigitsMax)];
        target[0] = digits[0];
        int length = 1;
        if (digits.Length > 1)
        {
            target[length++] = (byte)'.';
            digits[1..].CopyTo(target[length..]);
            length += digits.Length - 1;
        }

        target[length++] = (byte)'e';
        target[length++] = exponent + digits.Length - 1 < 0 ? (byte)'-' : (byte)'+';
        return length + IntegerText.Format(scale, target[length..]);
    }

    private static int WithPoint(ReadOnlySpan<byte> digits, int pointIndex, Span<byte> target)
    {
        if (pointIndex > 0)
        {
            digits[..pointIndex].CopyTo(target);
            target[pointIndex] = (byte)'.';
            digits[pointIndex..].CopyTo(target[(pointIndex + 1)..]);
            return digits.Length + 1;
        }

        int zeros = -pointIndex;
        "0."u8.CopyTo(target);
        target.Slice(2, zeros).Fill((byte)'0');
        digits.CopyTo(target[(2 + zeros)..]);
        return 2 + zeros + digits.Length;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> target)
    {
        text.CopyTo(target);
        return text.Length;
    }
}
