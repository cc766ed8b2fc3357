// The options that stand between the key and the word FIELDS in HSETEX and HGETEX: conditions, and what becomes of the expiry.
// They may come in any order and be repeated; those that contradict each other are a syntax error.

using Valkey.Abstractions;

namespace Valkey.Hashes;

/// <summary>Options as bits.</summary>
[Flags]
internal enum FieldOptionFlags
{
    None = 0,
    IfKeyMissing = 1 << 0,
    IfKeyExists = 1 << 1,
    IfFieldsMissing = 1 << 2,
    IfFieldsExist = 1 << 3,
    KeepTtl = 1 << 4,
    Persist = 1 << 5,
    Ex = 1 << 6,
    Px = 1 << 7,
    ExAt = 1 << 8,
    PxAt = 1 << 9,

    KeyConditions = IfKeyMissing | IfKeyExists,
    FieldConditions = IfFieldsMissing | IfFieldsExist,
    Times = Ex | Px | ExAt | PxAt,
    Expiries = Times | KeepTtl | Persist,

    /// <summary>What HSETEX takes.</summary>
    ForSet = KeyConditions | FieldConditions | KeepTtl | Times,

    /// <summary>What HGETEX takes.</summary>
    ForGet = Persist | Times,
}

internal struct FieldOptions
{
    /// <summary>Where the options begin.</summary>
    public const int FirstIndex = 2;

    /// <summary>Which were given.</summary>
    public FieldOptionFlags Flags;

    /// <summary>Position of the time of expiry, behind its keyword; 0 for none.</summary>
    public int TimeIndex;

    /// <summary>Whether one of these was given.</summary>
    public readonly bool Has(FieldOptionFlags flags) => (Flags & flags) != 0;

    /// <summary>Reads the options up to the word FIELDS; false after replying a syntax error.</summary>
    public static bool TryParse(CommandContext ctx, int end, FieldOptionFlags allowed, out FieldOptions options)
    {
        options = default;
        for (int i = FirstIndex; i < end; i++)
        {
            FieldOptionFlags flag = Recognise(ctx, i) & allowed;
            bool isTime = (flag & FieldOptionFlags.Times) != 0;
            if (flag == FieldOptionFlags.None || options.Contradicts(flag) || (isTime && i + 1 == end))
            {
                ctx.Reply.SyntaxError();
                return false;
            }

            options.Flags |= flag;
            if (isTime) options.TimeIndex = ++i;
        }

        return true;
    }

    /// <summary>When the fields are to expire; false after replying what is wrong with the time.</summary>
    public readonly bool TryReadTime(CommandContext ctx, string commandName, out long expireAtUnixMs) => ExpireTime.TryRead(
        ctx, TimeIndex, Has(FieldOptionFlags.Ex | FieldOptionFlags.ExAt), Has(FieldOptionFlags.ExAt | FieldOptionFlags.PxAt),
        commandName, out expireAtUnixMs);

    // A second one of another kind within a group contradicts the first.
    private readonly bool Contradicts(FieldOptionFlags flag) =>
        IsSecondOf(flag, FieldOptionFlags.KeyConditions)
        || IsSecondOf(flag, FieldOptionFlags.FieldConditions)
        || IsSecondOf(flag, FieldOptionFlags.Expiries);

    private readonly bool IsSecondOf(FieldOptionFlags flag, FieldOptionFlags group) =>
        (flag & group) != 0 && (Flags & group & ~flag) != 0;

    private static FieldOptionFlags Recognise(CommandContext ctx, int index)
    {
        switch (ctx.Argument(index).Length)
        {
            case 2:
                if (ctx.ArgumentIs(index, "ex"u8)) return FieldOptionFlags.Ex;
                if (ctx.ArgumentIs(index, "px"u8)) return FieldOptionFlags.Px;
                if (ctx.ArgumentIs(index, "nx"u8)) return FieldOptionFlags.IfKeyMissing;
                return ctx.ArgumentIs(index, "xx"u8) ? FieldOptionFlags.IfKeyExists : FieldOptionFlags.None;
            case 3:
                if (ctx.ArgumentIs(index, "fnx"u8)) return FieldOptionFlags.IfFieldsMissing;
                return ctx.ArgumentIs(index, "fxx"u8) ? FieldOptionFlags.IfFieldsExist : FieldOptionFlags.None;
            case 4:
                if (ctx.ArgumentIs(index, "exat"u8)) return FieldOptionFlags.ExAt;
                return ctx.ArgumentIs(index, "pxat"u8) ? FieldOptionFlags.PxAt : FieldOptionFlags.None;
            case 7:
                if (ctx.ArgumentIs(index, "keepttl"u8)) return FieldOptionFlags.KeepTtl;
                return ctx.ArgumentIs(index, "persist"u8) ? FieldOptionFlags.Persist : FieldOptionFlags.None;
            default:
                return FieldOptionFlags.None;
        }
    }
}
