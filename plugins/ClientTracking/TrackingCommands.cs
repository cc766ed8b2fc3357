// CLIENT TRACKING, CACHING, GETREDIR and TRACKINGINFO.

using Valkey.Abstractions;

namespace Valkey.ClientTracking;

internal static partial class TrackingCommands
{
    /// <summary>Set by the plugin before the commands are registered.</summary>
    public static Tracker Tracker { get; set; } = null!;

    /// <summary>CLIENT TRACKING ON|OFF [REDIRECT id] [PREFIX prefix ...] [BCAST] [OPTIN] [OPTOUT] [NOLOOP].</summary>
    [Command("client|tracking")]
    public static void Tracking(CommandContext ctx)
    {
        TrackingModes modes = TrackingModes.None;
        long redirectId = 0;
        List<byte[]> prefixes = [];
        for (int i = 3; i < ctx.ArgumentCount; i++)
        {
            bool hasMore = i + 1 < ctx.ArgumentCount;
            if (hasMore && ctx.ArgumentIs(i, "redirect"u8))
            {
                if (!TryRedirection(ctx, ++i, ref redirectId)) return;
            }
            else if (hasMore && ctx.ArgumentIs(i, "prefix"u8))
            {
                prefixes.Add(ctx.Argument(++i).ToArray());
            }
            else if (ModeOf(ctx, i) is var mode and not TrackingModes.None)
            {
                modes |= mode;
            }
            else
            {
                ctx.Reply.SyntaxError();
                return;
            }
        }

        if (ctx.ArgumentIs(2, "on"u8))
        {
            if (WhyRefused(Tracker.Of(ctx.Client), modes, prefixes) is { } error)
            {
                ctx.Reply.Error(error);
                return;
            }

            Tracker.Enable(ctx.Client, modes, redirectId, prefixes);
        }
        else if (ctx.ArgumentIs(2, "off"u8))
        {
            Tracker.Disable(ctx.Client);
        }
        else
        {
            ctx.Reply.SyntaxError();
            return;
        }

        ctx.Reply.Ok();
    }

    /// <summary>CLIENT CACHING YES|NO: about the keys of the next command.</summary>
    [Command("client|caching")]
    public static void Caching(CommandContext ctx)
    {
        if (Tracker.Of(ctx.Client) is not { } tracked)
        {
            ctx.Reply.Error(
                "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"u8);
            return;
        }

        bool isYes = ctx.ArgumentIs(2, "yes"u8);
        if (!isYes && !ctx.ArgumentIs(2, "no"u8))
        {
            ctx.Reply.SyntaxError();
            return;
        }

        if (!tracked.Has(isYes ? TrackingModes.OptIn : TrackingModes.OptOut))
        {
            ctx.Reply.Error(isYes
                ? "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode."u8
                : "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode."u8);
            return;
        }

        tracked.IsCachingGiven = true;
        ctx.Reply.Ok();
    }

    /// <summary>CLIENT GETREDIR: who gets the messages; 0 for the client itself, -1 when it does not track.</summary>
    [Command("client|getredir")]
    public static void GetRedir(CommandContext ctx) => ctx.Reply.Integer(Tracker.Of(ctx.Client)?.RedirectId ?? -1);

    /// <summary>CLIENT TRACKINGINFO.</summary>
    [Command("client|trackinginfo")]
    public static void TrackingInfo(CommandContext ctx)
    {
        TrackedClient? tracked = Tracker.Of(ctx.Client);
        ctx.Reply.MapHeader(3);
        ctx.Reply.Bulk("flags"u8);
        ReplyFlags(ctx.Reply, tracked);
        ctx.Reply.Bulk("redirect"u8);
        ctx.Reply.Integer(tracked?.RedirectId ?? -1);
        ctx.Reply.Bulk("prefixes"u8);
        ctx.Reply.ArrayHeader(tracked?.Prefixes.Count ?? 0);
        if (tracked is null) return;
        foreach (byte[] prefix in tracked.Prefixes) ctx.Reply.Bulk(prefix);
    }

    private static void ReplyFlags(ReplyWriter reply, TrackedClient? tracked)
    {
        if (tracked is null)
        {
            reply.SetHeader(1);
            reply.Bulk("off"u8);
            return;
        }

        int count = 1;
        DeferredLength length = reply.BeginDeferred();
        reply.Bulk("on"u8);
        Flag(tracked.Has(TrackingModes.Broadcast), "bcast"u8);
        Flag(tracked.Has(TrackingModes.OptIn), "optin"u8);
        Flag(tracked.Has(TrackingModes.OptIn) && tracked.IsCachingGiven, "caching-yes"u8);
        Flag(tracked.Has(TrackingModes.OptOut), "optout"u8);
        Flag(tracked.Has(TrackingModes.OptOut) && tracked.IsCachingGiven, "caching-no"u8);
        Flag(tracked.Has(TrackingModes.NoLoop), "noloop"u8);
        Flag(tracked.IsRedirectionBroken, "broken_redirect"u8);
        reply.EndSet(length, count);

        void Flag(bool isSet, ReadOnlySpan<byte> name)
        {
            if (!isSet) return;
            reply.Bulk(name);
            count++;
        }
    }

    private static TrackingModes ModeOf(CommandContext ctx, int index) =>
        ctx.ArgumentIs(index, "bcast"u8) ? TrackingModes.Broadcast
        : ctx.ArgumentIs(index, "optin"u8) ? TrackingModes.OptIn
        : ctx.ArgumentIs(index, "optout"u8) ? TrackingModes.OptOut
        : ctx.ArgumentIs(index, "noloop"u8) ? TrackingModes.NoLoop
        : TrackingModes.None;

    /// <summary>The other client has to be there now; it may go later.</summary>
    private static bool TryRedirection(CommandContext ctx, int index, ref long redirectId)
    {
        if (redirectId != 0)
        {
            ctx.Reply.Error("ERR A client can only redirect to a single other client"u8);
            return false;
        }

        if (!ctx.TryInteger(index, out redirectId)) return false;
        if (Tracker.Exists(redirectId)) return true;
        ctx.Reply.Error("ERR The client ID you want redirect to does not exist"u8);
        return false;
    }

    /// <summary>What does not go together, among the options and with what the client does already.</summary>
    private static string? WhyRefused(TrackedClient? tracked, TrackingModes modes, List<byte[]> prefixes)
    {
        bool isBroadcast = (modes & TrackingModes.Broadcast) != 0;
        if (!isBroadcast && prefixes.Count > 0) return "ERR PREFIX option requires BCAST mode to be enabled";
        if (tracked is not null && tracked.Has(TrackingModes.Broadcast) != isBroadcast)
            return "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.";
        if (isBroadcast && (modes & (TrackingModes.OptIn | TrackingModes.OptOut)) != 0)
            return "ERR OPTIN and OPTOUT are not compatible with BCAST";
        if ((modes & (TrackingModes.OptIn | TrackingModes.OptOut)) == (TrackingModes.OptIn | TrackingModes.OptOut))
            return "ERR You can't specify both OPTIN mode and OPTOUT mode";
        if (tracked is not null && SwitchesOption(tracked, modes))
            return "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.";
        return isBroadcast ? WhyOverlapping(tracked, prefixes) : null;
    }

    private static bool SwitchesOption(TrackedClient tracked, TrackingModes modes) =>
        ((modes & TrackingModes.OptIn) != 0 && tracked.Has(TrackingModes.OptOut))
        || ((modes & TrackingModes.OptOut) != 0 && tracked.Has(TrackingModes.OptIn));

    /// <summary>Two prefixes of one client that fit the same key would tell it twice.</summary>
    private static string? WhyOverlapping(TrackedClient? tracked, List<byte[]> prefixes)
    {
        for (int i = 0; i < prefixes.Count; i++)
        {
            foreach (byte[] existing in tracked?.Prefixes ?? [])
            {
                if (Overlap(existing, prefixes[i]))
                    return $"ERR Prefix '{Text(prefixes[i])}' overlaps with an existing prefix '{Text(existing)}'. Prefixes for a single client must not overlap.";
            }

            for (int j = i + 1; j < prefixes.Count; j++)
            {
                if (Overlap(prefixes[i], prefixes[j]))
                    return $"ERR Prefix '{Text(prefixes[i])}' overlaps with another provided prefix '{Text(prefixes[j])}'. Prefixes for a single client must not overlap.";
            }
        }

        return null;
    }

    private static bool Overlap(byte[] one, byte[] other)
    {
        int length = Math.Min(one.Length, other.Length);
        return one.AsSpan(0, length).SequenceEqual(other.AsSpan(0, length));
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);
}
