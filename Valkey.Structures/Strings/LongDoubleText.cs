// Text to LongDouble: what strtold accepts, provided that nothing is left over and no blank stands in front.
//
// The digits are collected as one integer with a power of ten (or two). Up to 38 digits and a small power, which is
// nearly everything that clients send and all that sums of it print as, are converted in 128 bits; the rest by BigInteger.
// Holds always: the result is the number nearest to the text, ties to even.

using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Valkey.Structures;

internal static class LongDoubleText
{
    private const int TextLengthMax = (5 * 1024) - 1;
    private const int QuickDigitsMax = 38;      // fit into 128 bits
    private const int QuickDivisorPower = 18;   // leaves at least 67 significant bits of quotient
    private const int DecimalExponentMax = 4940;
    private const int DecimalExponentMin = -4970;
    private const int ExponentLimit = 1_000_000; // beyond, only the direction matters

    public static bool TryParse(ReadOnlySpan<byte> text, out LongDouble value)
    {
        value = LongDouble.Zero;
        if (text.IsEmpty || text.Length > TextLengthMax) return false;

        bool isNegative = text[0] == '-';
        if (text[0] is (byte)'-' or (byte)'+') text = text[1..];
        if (IsWord(text, "inf"u8) || IsWord(text, "infinity"u8))
        {
            value = LongDouble.Infinity;
            return true;
        }

        bool isHexadecimal = text.Length > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
        return isHexadecimal
            ? TryParseHexadecimal(text[2..], isNegative, out value)
            : TryParseDecimal(text, isNegative, out value);
    }

    private static bool TryParseDecimal(ReadOnlySpan<byte> text, bool isNegative, out LongDouble value)
    {
        value = LongDouble.Zero;
        int point = -1;
        int end = 0;
        int digitCount = 0;
        int significantCount = 0; // from the first digit that is not zero on
        UInt128 quick = UInt128.Zero;
        for (; end < text.Length; end++)
        {
            uint digit = (uint)text[end] - '0';
            if (digit > 9)
            {
                if (text[end] != '.' || point >= 0) break;
                point = end;
                continue;
            }

            digitCount++;
            if (digit != 0 || significantCount > 0) significantCount++;
            if (significantCount <= QuickDigitsMax) quick = (quick * 10) + digit;
        }

        if (digitCount == 0 || !TryReadExponent(text[end..], (byte)'e', out int exponent)) return false;
        if (significantCount == 0) return true;

        if (point >= 0) exponent -= end - point - 1;
        if (exponent + significantCount > DecimalExponentMax || exponent + significantCount < DecimalExponentMin) return false;

        value = TryConvertQuickly(isNegative, quick, significantCount, exponent, out LongDouble converted)
            ? converted
            : Convert(isNegative, Collect(text[..end]), exponent);
        return value.IsFinite && !value.IsZero;
    }

    private static bool TryConvertQuickly(
        bool isNegative, UInt128 digits, int digitCount, int exponent, out LongDouble value)
    {
        value = LongDouble.Zero;
        if (digitCount + Math.Max(0, exponent) > QuickDigitsMax || exponent < -QuickDivisorPower) return false;
        if (exponent >= 0)
        {
            value = LongDouble.Round(isNegative, digits * PowerOfTen(exponent), 0, isTruncated: false);
            return true;
        }

        int shift = (int)UInt128.LeadingZeroCount(digits);
        (UInt128 quotient, UInt128 rest) = UInt128.DivRem(digits << shift, PowerOfTen(-exponent));
        value = LongDouble.Round(isNegative, quotient, -shift, isTruncated: rest != UInt128.Zero);
        return true;
    }

    private static LongDouble Convert(bool isNegative, BigInteger digits, int exponent)
    {
        const int WantedBits = 120;

        BigInteger numerator = exponent > 0 ? digits * BigInteger.Pow(10, exponent) : digits;
        BigInteger denominator = exponent < 0 ? BigInteger.Pow(10, -exponent) : BigInteger.One;
        int shift = WantedBits - (int)(numerator.GetBitLength() - denominator.GetBitLength());
        if (shift >= 0) numerator <<= shift;
        else denominator <<= -shift;
        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger rest);
        return LongDouble.Round(isNegative, (UInt128)quotient, -shift, isTruncated: !rest.IsZero);
    }

    private static BigInteger Collect(ReadOnlySpan<byte> digitsAndPoint)
    {
        Span<char> digits = stackalloc char[TextLengthMax];
        int count = 0;
        foreach (byte symbol in digitsAndPoint)
        {
            if (symbol != '.') digits[count++] = (char)symbol;
        }

        return BigInteger.Parse(digits[..count], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static bool TryParseHexadecimal(ReadOnlySpan<byte> text, bool isNegative, out LongDouble value)
    {
        const int CollectedBitsMax = 120;

        value = LongDouble.Zero;
        UInt128 significand = UInt128.Zero;
        bool isTruncated = false;
        bool hasPoint = false;
        int digitCount = 0;
        int scale = 0;
        int end = 0;
        for (; end < text.Length; end++)
        {
            if (text[end] == '.' && !hasPoint)
            {
                hasPoint = true;
                continue;
            }

            if (!Utf8Parser.TryParse(text.Slice(end, 1), out uint digit, out _, 'x')) break;
            digitCount++;
            bool isFull = significand >> (CollectedBitsMax - 4) != UInt128.Zero;
            if (isFull) isTruncated |= digit != 0;
            else significand = (significand << 4) | digit;
            scale += (isFull ? 4 : 0) - (hasPoint ? 4 : 0);
        }

        if (digitCount == 0 || !TryReadExponent(text[end..], (byte)'p', out int exponent)) return false;
        if (significand == UInt128.Zero) return true;

        value = LongDouble.Round(isNegative, significand, exponent + scale, isTruncated);
        return value.IsFinite && !value.IsZero;
    }

    // Nothing, or a letter, perhaps a sign, and digits to the end of the text.
    private static bool TryReadExponent(ReadOnlySpan<byte> text, byte lowerCaseLetter, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty) return true;
        if ((text[0] | 0x20) != lowerCaseLetter) return false;

        text = text[1..];
        bool isNegative = !text.IsEmpty && text[0] == '-';
        if (!text.IsEmpty && text[0] is (byte)'-' or (byte)'+') text = text[1..];
        if (text.IsEmpty) return false;
        foreach (byte symbol in text)
        {
            uint digit = (uint)symbol - '0';
            if (digit > 9) return false;
            exponent = Math.Min((exponent * 10) + (int)digit, ExponentLimit);
        }

        if (isNegative) exponent = -exponent;
        return true;
    }

    private static bool IsWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerCaseWord) =>
        Ascii.EqualsIgnoreCase(text, lowerCaseWord);

    private static UInt128 PowerOfTen(int exponent)
    {
        UInt128 power = UInt128.One;
        for (; exponent > 0; exponent--) power *= 10;
        return power;
    }
}
