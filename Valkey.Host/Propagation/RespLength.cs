// How long things are in RESP, without writing them.

using Valkey.Abstractions;

namespace Valkey.Host.Propagation;

internal static class RespLength
{
    /// <summary>A command as an array of bulk strings, bytes.</summary>
    public static long Of(CommandArguments arguments)
    {
        long bytes = 1 + DigitsOf(arguments.Count) + 2;
        for (int i = 0; i < arguments.Count; i++) bytes += OfBulk(arguments[i].Length);
        return bytes;
    }

    /// <summary>A bulk string of so many bytes.</summary>
    public static int OfBulk(int lengthBytes) => 1 + DigitsOf(lengthBytes) + 2 + lengthBytes + 2;

    /// <summary>Decimal digits of a number that is not negative.</summary>
    public static int DigitsOf(int number)
    {
        int digits = 1;
        for (; number >= 10; number /= 10) digits++;
        return digits;
    }
}
