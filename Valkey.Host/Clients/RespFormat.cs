// The text forms of RESP: headers and numbers.

using System.Globalization;
using System.Runtime.CompilerServices;
using Valkey.Structures;

namespace Valkey.Host.Clients;

internal static unsafe class RespFormat
{
    /// <summary>Longest type byte + number + CR LF.</summary>
    public const int HeaderMaxBytes = 24;

    /// <summary>Writes type, number and CR LF; returns the length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Header(byte* destination, byte type, long number)
    {
        destination[0] = type;
        int digits;
        if ((ulong)number < 10)
        {
            destination[1] = (byte)('0' + number);
            digits = 1;
        }
        else if ((ulong)number < 100)
        {
            destination[1] = (byte)('0' + (number / 10));
            destination[2] = (byte)('0' + (number % 10));
            digits = 2;
        }
        else
        {
            digits = IntegerText.Format(number, new Span<byte>(destination + 1, HeaderMaxBytes - 3));
        }

        destination[1 + digits] = (byte)'\r';
        destination[2 + digits] = (byte)'\n';
        return digits + 3;
    }

    /// <summary>The shortest decimal form that reads back as the same double; without exponent in the usual range.</summary>
    public static int Double(double value, Span<byte> destination)
    {
        if (double.IsNaN(value)) return Copy("nan"u8, destination);
        if (double.IsInfinity(value)) return Copy(value > 0 ? "inf"u8 : "-inf"u8, destination);
        if (value == Math.Truncate(value) && Math.Abs(value) < 1e17)
            return value == 0 && double.IsNegative(value) ? Copy("-0"u8, destination) : IntegerText.Format((long)value, destination);
        value.TryFormat(destination, out int length, "R", CultureInfo.InvariantCulture);
        for (int i = 0; i < length; i++)
        {
            if (destination[i] == (byte)'E') destination[i] = (byte)'e';
        }

        return length;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
