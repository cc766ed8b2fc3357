// Decimal text of 64-bit integers, exactly as the protocol's string type understands it: an optional minus, no plus, no
// space, no leading zero, no "-0". Text that passes is the one and only text of its number, so storing the number
// instead loses nothing.

using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>Strict parsing and formatting of 64-bit integers as bytes.</summary>
public static class IntegerText
{
    /// <summary>The most bytes that a number takes: 19 digits and a minus.</summary>
    public const int LengthMax = 20;

    private const int SafeDigits = 18; // any 18 digits fit

    /// <summary>Whether the text is the canonical text of a 64-bit integer, and which.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if ((uint)(text.Length - 1) >= LengthMax) return false;

        bool isNegative = text[0] == '-';
        ReadOnlySpan<byte> digits = isNegative ? text[1..] : text;
        if (digits.IsEmpty || digits.Length > SafeDigits + 1) return false;

        uint first = (uint)digits[0] - '0';
        if (first - 1 > 8) // not 1 to 9: only a lone zero is left
        {
            return text.Length == 1 && first == 0;
        }

        // Nineteen digits are below 10^19, which fits into 64 bits without a sign.
        ulong magnitude = first;
        for (int i = 1; i < digits.Length; i++)
        {
            uint digit = (uint)digits[i] - '0';
            if (digit > 9) return false;
            magnitude = (magnitude * 10) + digit;
        }

        return TryApplySign(magnitude, isNegative, out value);
    }

    /// <summary>Writes the number's text; the target has room for <see cref="LengthMax"/> bytes.</summary>
    /// <returns>Bytes written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Format(long value, Span<byte> target)
    {
        if ((ulong)value < 10)
        {
            target[0] = (byte)('0' + value);
            return 1;
        }

        return FormatLong(value, target);
    }

    /// <summary>How many bytes the number's text has, a minus included.</summary>
    public static int CountBytes(long value)
    {
        if (value >= 0) return CountDigits((ulong)value);
        return 1 + CountDigits((ulong)-value); // the smallest number negates to itself, which is its magnitude
    }

    private static int FormatLong(long value, Span<byte> target)
    {
        if (!Utf8Formatter.TryFormat(value, target, out int written)) throw new ArgumentException("The target is too short.");
        return written;
    }

    private static bool TryApplySign(ulong magnitude, bool isNegative, out long value)
    {
        value = isNegative ? (long)(0 - magnitude) : (long)magnitude;
        return magnitude <= (isNegative ? (ulong)long.MaxValue + 1 : long.MaxValue);
    }

    private static int CountDigits(ulong value)
    {
        int count = 1;
        for (; value >= 10_000; value /= 10_000) count += 4;
        if (value >= 1_000) return count + 3;
        if (value >= 100) return count + 2;
        return value >= 10 ? count + 1 : count;
    }
}
