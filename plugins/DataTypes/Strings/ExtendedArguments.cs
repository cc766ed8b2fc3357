// The options that SET, GETEX and MSETEX share: a condition, a time of expiry, and what becomes of the old value.
// They may come in any order and be repeated; those that contradict each other are a syntax error.
// Source: https://valkey.io/commands/set/

using Valkey.Abstractions;

namespace Valkey.Strings;

/// <summary>Options as bits.</summary>
[Flags]
internal enum ExtendedFlags
{
    None = 0,
    IfMissing = 1 << 0,
    IfExists = 1 << 1,
    IfEqual = 1 << 2,
    ReturnOld = 1 << 3,
    KeepTtl = 1 << 4,
    Persist = 1 << 5,
    Ex = 1 << 6,
    Px = 1 << 7,
    ExAt = 1 << 8,
    PxAt = 1 << 9,

    Conditions = IfMissing | IfExists | IfEqual,
    Times = Ex | Px | ExAt | PxAt,
    Expiries = Times | KeepTtl | Persist,

    /// <summary>What SET takes.</summary>
    ForSet = Conditions | ReturnOld | KeepTtl | Times,

    /// <summary>What GETEX takes.</summary>
    ForGetEx = Persist | Times,

    /// <summary>What MSETEX takes.</summary>
    ForMSetEx = IfMissing | IfExists | KeepTtl | Times,
}

/// <summary>What a command's options said.</summary>
internal struct ExtendedArguments
{
    /// <summary>Which were given.</summary>
    public ExtendedFlags Flags;

    /// <summary>Position of the value that IFEQ compares with.</summary>
    public int ComparisonIndex;

    /// <summary>Position of the expiry's number, behind its keyword; 0 for none.</summary>
    public int ExpiryIndex;

    /// <summary>Whether a time of expiry was given.</summary>
    public readonly bool HasExpiry => (Flags & ExtendedFlags.Times) != 0;

    /// <summary>Whether the option was given.</summary>
    public readonly bool Has(ExtendedFlags flags) => (Flags & flags) != 0;

    /// <summary>Reads the options from a position to the end; false after replying a syntax error.</summary>
    public static bool TryParse(CommandContext ctx, int start, ExtendedFlags allowed, out ExtendedArguments options)
    {
        options = default;
        for (int i = start; i < ctx.ArgumentCount; i++)
        {
            ExtendedFlags flag = Recognise(ctx, i) & allowed;
            bool takesValue = (flag & (ExtendedFlags.Times | ExtendedFlags.IfEqual)) != 0;
            if (flag == ExtendedFlags.None || options.Contradicts(flag) || (takesValue && i + 1 == ctx.ArgumentCount))
            {
                ctx.Reply.SyntaxError();
                return false;
            }

            options.Flags |= flag;
            if (!takesValue) continue;
            i++;
            if (flag == ExtendedFlags.IfEqual) options.ComparisonIndex = i;
            else options.ExpiryIndex = i;
        }

        return true;
    }

    /// <summary>When the key is to expire, -1 without an expiry; false after replying what is wrong with it.</summary>
    public readonly bool TryReadExpiry(CommandContext ctx, string commandName, out long expireAtUnixMs)
    {
        expireAtUnixMs = -1;
        return !HasExpiry || TryReadExpiry(ctx, ExpiryIndex, Flags, commandName, out expireAtUnixMs);
    }

    /// <summary>As the other, for commands whose name implies the unit.</summary>
    public static bool TryReadExpiry(
        CommandContext ctx, int index, ExtendedFlags unit, string commandName, out long expireAtUnixMs)
    {
        if (!ctx.TryInteger(index, out expireAtUnixMs)) return false;

        bool isSeconds = (unit & (ExtendedFlags.Ex | ExtendedFlags.ExAt)) != 0;
        bool isValid = expireAtUnixMs > 0 && (!isSeconds || expireAtUnixMs <= long.MaxValue / 1000);
        if (isValid && isSeconds) expireAtUnixMs *= 1000;
        if (isValid && (unit & (ExtendedFlags.Ex | ExtendedFlags.Px)) != 0)
        {
            isValid = expireAtUnixMs <= long.MaxValue - ctx.NowUnixMs;
            expireAtUnixMs += ctx.NowUnixMs;
        }

        if (!isValid) ctx.Reply.Error($"ERR invalid expire time in '{commandName}' command");
        return isValid;
    }

    // A second time of expiry of another kind, or a second condition, contradicts the first. IFEQ cannot even be repeated.
    private readonly bool Contradicts(ExtendedFlags flag)
    {
        if (flag == ExtendedFlags.IfEqual) return Has(ExtendedFlags.Conditions);
        if ((flag & ExtendedFlags.Conditions) != 0) return (Flags & ExtendedFlags.Conditions & ~flag) != 0;
        return (flag & ExtendedFlags.Expiries) != 0 && (Flags & ExtendedFlags.Expiries & ~flag) != 0;
    }

    private static ExtendedFlags Recognise(CommandContext ctx, int index)
    {
        switch (ctx.Argument(index).Length)
        {
            case 2:
                if (ctx.ArgumentIs(index, "ex"u8)) return ExtendedFlags.Ex;
                if (ctx.ArgumentIs(index, "px"u8)) return ExtendedFlags.Px;
                if (ctx.ArgumentIs(index, "nx"u8)) return ExtendedFlags.IfMissing;
                return ctx.ArgumentIs(index, "xx"u8) ? ExtendedFlags.IfExists : ExtendedFlags.None;
            case 3:
                return ctx.ArgumentIs(index, "get"u8) ? ExtendedFlags.ReturnOld : ExtendedFlags.None;
            case 4:
                if (ctx.ArgumentIs(index, "exat"u8)) return ExtendedFlags.ExAt;
                if (ctx.ArgumentIs(index, "pxat"u8)) return ExtendedFlags.PxAt;
                return ctx.ArgumentIs(index, "ifeq"u8) ? ExtendedFlags.IfEqual : ExtendedFlags.None;
            case 7:
                if (ctx.ArgumentIs(index, "keepttl"u8)) return ExtendedFlags.KeepTtl;
                return ctx.ArgumentIs(index, "persist"u8) ? ExtendedFlags.Persist : ExtendedFlags.None;
            default:
                return ExtendedFlags.None;
        }
    }
}
