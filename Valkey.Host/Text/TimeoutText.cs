// Timeouts, as clients write them.

using Valkey.Structures;

namespace Valkey.Host.Text;

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
        if (!DoubleText.TryParse(text, out double seconds) && !TryHexadecimal(text, out seconds)) return NotAFloat;
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
