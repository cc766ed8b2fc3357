// Numbers with a fraction and timeouts, as clients write them.

using System.Globalization;
using System.Text;
using Valkey.Host.Commands;

namespace Valkey.Host.Text;

/// <summary>Numbers with a fraction, as clients write them.</summary>
internal static class FloatText
{
    /// <summary>Reads a double: decimal or exponent form, or inf and infinity with a sign. No blanks, no NaN.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        if (text.Length is 0 or > 255) return false;
        ReadOnlySpan<byte> unsigned = text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (CommandNameTable.EqualsIgnoringCase(unsigned, "inf"u8) || CommandNameTable.EqualsIgnoringCase(unsigned, "infinity"u8))
        {
            value = text[0] == (byte)'-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        if (unsigned.Length == 0 || !(char.IsAsciiDigit((char)unsigned[0]) || unsigned[0] == (byte)'.')) return false;
        return double.TryParse(Encoding.ASCII.GetString(text), NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out value)
            && !double.IsInfinity(value);
    }
}

/// <summary>How long to wait: seconds with a fraction.</summary>
internal static class TimeoutText
{
    private const string NotAFloat = "ERR timeout is not a float or out of range";
    private const string OutOfRange = "ERR timeout is out of range";
    private const string Negative = "ERR timeout is negative";

    /// <summary>Reads a timeout, rounded up to milliseconds; returns the error, or null.</summary>
    public static string? Read(ReadOnlySpan<byte> text, long nowUnixMs, out long timeoutMs)
    {
        timeoutMs = 0;
        if (!FloatText.TryParse(text, out double seconds) && !TryHexadecimal(text, out seconds)) return NotAFloat;
        double milliseconds = Math.Ceiling(seconds * 1000);
        if (milliseconds >= long.MaxValue) return OutOfRange;
        if (milliseconds < 0) return Negative;
        timeoutMs = (long)milliseconds;
        return timeoutMs > long.MaxValue - nowUnixMs ? OutOfRange : null;
    }

    /// <summary>Whole hexadecimal numbers, which the C library reads wherever it reads a float.</summary>
    private static bool TryHexadecimal(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        bool isNegative = text.Length > 0 && text[0] == (byte)'-';
        ReadOnlySpan<byte> unsigned = isNegative ? text[1..] : text;
        if (unsigned.Length is < 3 or > 255 || unsigned[0] != (byte)'0' || (unsigned[1] | 0x20) != (byte)'x') return false;
        foreach (byte digit in unsigned[2..])
        {
            if (!char.IsAsciiHexDigit((char)digit)) return false;
            value = (value * 16) + Convert.ToInt32(((char)digit).ToString(), 16);
        }

        if (isNegative) value = -value;
        return true;
    }
}
