// The text forms of RESP: headers and numbers.

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
}
