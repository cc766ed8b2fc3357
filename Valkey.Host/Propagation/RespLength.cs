// How long things are in RESP, without writing them.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Propagation;

internal static class RespLength
{
    /// <summary>A command as an array of bulk strings, bytes.</summary>
    public static long Of(CommandArguments arguments)
    {
        long bytes = 1 + IntegerText.CountBytes(arguments.Count) + 2;
        for (int i = 0; i < arguments.Count; i++) bytes += OfBulk(arguments[i].Length);
        return bytes;
    }

    /// <summary>A bulk string of so many bytes.</summary>
    public static int OfBulk(int lengthBytes) => 1 + IntegerText.CountBytes(lengthBytes) + 2 + lengthBytes + 2;
}
