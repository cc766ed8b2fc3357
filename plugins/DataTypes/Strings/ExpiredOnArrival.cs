// A key that is given an expiry in the past is deleted at once instead of being written for the sake of expiring. The
// replicas and the append-only file get the deletion, not the command.

using Valkey.Abstractions;

namespace Valkey.Strings;

internal static class ExpiredOnArrival
{
    private static BoolOption? s_lazyFree;

    /// <summary>Finds the option that says whether expired values are freed lazily, which shows in what is propagated.</summary>
    public static void ReadOptions(IOptionRegistry options) => s_lazyFree = options.Find("lazyfree-lazy-expire") as BoolOption;

    /// <summary>Deletes the key, which exists, as expired. The caller replies.</summary>
    public static void Delete(CommandContext ctx, ReadOnlySpan<byte> key)
    {
        ctx.Delete(key);
        if (ctx.PropagationWanted) ctx.PropagateInstead(s_lazyFree is { Value: false } ? "DEL"u8 : "UNLINK"u8, key);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Expired, "expired"u8, key);
    }
}
