// Text as the number that SORT orders it by: decimal with fraction and exponent, inf, blanks in front; nothing at all is 0,
// as the C library reads it.

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
        if (text.IsEmpty) return true;

        text = text.TrimStart(" \t\n\v\f\r"u8);
        if (text.IsEmpty) return false;

        ReadOnlySpan<byte> unsigned = text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (IsInfinity(unsigned))
        {
            number = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        if (unsigned.IsEmpty || !(char.IsAsciiDigit((char)unsigned[0]) || unsigned[0] == '.')) return false;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
    }

    private static bool IsInfinity(ReadOnlySpan<byte> text) =>
        System.Text.Ascii.EqualsIgnoreCase(text, "inf"u8) || System.Text.Ascii.EqualsIgnoreCase(text, "infinity"u8);
}
