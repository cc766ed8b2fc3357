// A time of expiry as commands give it: seconds or milliseconds, from now or since 1970. Zero and what has gone by are allowed
// and mean "over already"; negative numbers are not.

using Valkey.Abstractions;

namespace Valkey.Hashes;

internal static class ExpireTime
{
    /// <summary>Reads the argument; false after replying what is wrong with it.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="index">The argument.</param>
    /// <param name="isSeconds">Whether it counts seconds.</param>
    /// <param name="isAbsolute">Whether it counts from 1970.</param>
    /// <param name="commandName">For the error.</param>
    /// <param name="expireAtUnixMs">The time.</param>
    public static bool TryRead(
        CommandContext ctx, int index, bool isSeconds, bool isAbsolute, string commandName, out long expireAtUnixMs)
    {
        if (!ctx.TryInteger(index, out expireAtUnixMs)) return false;

        bool isValid = expireAtUnixMs >= 0 && (!isSeconds || expireAtUnixMs <= long.MaxValue / 1000);
        if (isValid && isSeconds) expireAtUnixMs *= 1000;
        if (isValid && !isAbsolute)
        {
            isValid = expireAtUnixMs <= long.MaxValue - ctx.NowUnixMs;
            expireAtUnixMs = unchecked(expireAtUnixMs + ctx.NowUnixMs);
        }

        if (!isValid) ctx.Reply.Error($"ERR invalid expire time in '{commandName}' command");
        return isValid;
    }
}
