// Text as the number that SORT orders it by: decimal with fraction and exponent, or inf; up to the first zero byte. No
// blanks, and nothing that is too large or too small for a double.

using System.Globalization;
using Valkey.Structures;

namespace Valkey.Lists;

internal static class SortNumber
{
    /// <summary>Whether the text is a number, and which.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double number)
    {
        number = 0;
        if (IntegerText.TryParse(text, out long integer))
        {
            number = integer;
            return true;
        }

        int end = text.IndexOf((byte)0);
        if (end >= 0) text = text[..end];
        if (text.IsEmpty) return false;

        ReadOnlySpan<byte> unsigned = text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (IsInfinity(unsigned))
        {
            number = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        if (unsigned.IsEmpty || !(char.IsAsciiDigit((char)unsigned[0]) || unsigned[0] == '.')) return false;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(text, Style, CultureInfo.InvariantCulture, out number) || !double.IsFinite(number)) return false;
        return number != 0 || IsZero(unsigned);
    }

    // Whether it says zero, and is not only too small to be told from it.
    private static bool IsZero(ReadOnlySpan<byte> unsigned)
    {
        int exponent = unsigned.IndexOfAny((byte)'e', (byte)'E');
        return (exponent < 0 ? unsigned : unsigned[..exponent]).IndexOfAnyInRange((byte)'1', (byte)'9') < 0;
    }

    private static bool IsInfinity(ReadOnlySpan<byte> text) =>
        System.Text.Ascii.EqualsIgnoreCase(text, "inf"u8) || System.Text.Ascii.EqualsIgnoreCase(text, "infinity"u8);
}
