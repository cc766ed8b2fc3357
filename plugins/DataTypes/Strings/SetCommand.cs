// SET and the commands that are SET under older names. The order of what is refused is Valkey's: syntax, expiry, the type
// (where the old value is wanted), the condition.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static partial class SetCommand
{
    private const int ArgumentsOnStackMax = 16;

    /// <summary>SET key value [NX|XX|IFEQ comparison-value] [GET] [EX s|PX ms|EXAT s|PXAT ms|KEEPTTL].</summary>
    /// <remarks>
    /// Replies OK, or null when a condition was not met; with GET the old value or null, whatever became of the condition.
    /// Source: https://valkey.io/commands/set/
    /// </remarks>
    [Command("set", KeyFinder = nameof(FindKeys))]
    public static void Set(CommandContext ctx)
    {
        if (!ExtendedArguments.TryParse(ctx, 3, ExtendedFlags.ForSet, out ExtendedArguments options)) return;
        if (!options.TryReadExpiry(ctx, "set", out long expireAtUnixMs)) return;

        ReadOnlySpan<byte> key = ctx.Argument(1);
        bool returnsOld = options.Has(ExtendedFlags.ReturnOld);
        if (returnsOld && !GetCommands.TryReplyValue(ctx, key)) return;

        KeyEntry existing = ctx.LookupWrite(key, LookupFlags.Replace);
        if (options.Has(ExtendedFlags.IfEqual) && existing.Exists && !returnsOld && !IsString(ctx, existing)) return;
        if (!MeetsCondition(ctx, in options, existing))
        {
            if (!returnsOld) ctx.Reply.Null();
            return;
        }

        Write(ctx, in options, existing, valueIndex: 2, expireAtUnixMs);
        if (!returnsOld) ctx.Reply.Ok();
    }

    /// <summary>SETEX key seconds value: SET with EX.</summary>
    /// <remarks>Source: https://valkey.io/commands/setex/</remarks>
    [Command("setex")]
    public static void SetEx(CommandContext ctx) => SetExpiring(ctx, ExtendedFlags.Ex, "setex");

    /// <summary>PSETEX key milliseconds value: SET with PX.</summary>
    /// <remarks>Source: https://valkey.io/commands/psetex/</remarks>
    [Command("psetex")]
    public static void PSetEx(CommandContext ctx) => SetExpiring(ctx, ExtendedFlags.Px, "psetex");

    /// <summary>SETNX key value: replies 1 when the key was missing and is set now, else 0.</summary>
    /// <remarks>Source: https://valkey.io/commands/setnx/</remarks>
    [Command("setnx")]
    public static void SetNx(CommandContext ctx)
    {
        KeyEntry existing = ctx.LookupWrite(ctx.Argument(1), LookupFlags.Replace);
        if (existing.Exists)
        {
            ctx.Reply.Integer(0);
            return;
        }

        Write(ctx, default, existing, valueIndex: 2, expireAtUnixMs: -1);
        ctx.Reply.Integer(1);
    }

    /// <summary>GETSET key value: sets and replies the old value or null.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/getset/</remarks>
    [Command("getset")]
    public static void GetSet(CommandContext ctx)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!GetCommands.TryReplyValue(ctx, key)) return;

        Write(ctx, default, ctx.LookupWrite(key, LookupFlags.Replace), valueIndex: 2, expireAtUnixMs: -1);
        if (ctx.PropagationWanted) ctx.PropagateInstead("SET"u8, key, ctx.Argument(2));
    }

    /// <summary>SET's one key: read as well as written when the old value is asked for.</summary>
    public static bool FindKeys(CommandArguments arguments, KeyCollector keys)
    {
        KeySpecFlags flags = KeySpecFlags.Overwrite | KeySpecFlags.Update;
        for (int i = 3; i < arguments.Count; i++)
        {
            if (IsGet(arguments[i])) flags = KeySpecFlags.ReadWrite | KeySpecFlags.Access | KeySpecFlags.Update;
        }

        keys.Add(1, flags);
        return true;
    }

    private static void SetExpiring(CommandContext ctx, ExtendedFlags unit, string commandName)
    {
        if (!ExtendedArguments.TryReadExpiry(ctx, 2, unit, commandName, out long expireAtUnixMs)) return;

        ExtendedArguments options = new() { Flags = unit };
        Write(ctx, in options, ctx.LookupWrite(ctx.Argument(1), LookupFlags.Replace), valueIndex: 3, expireAtUnixMs);
        ctx.Reply.Ok();
    }

    private static bool MeetsCondition(CommandContext ctx, in ExtendedArguments options, KeyEntry existing)
    {
        if (options.Has(ExtendedFlags.IfMissing)) return !existing.Exists;
        if (options.Has(ExtendedFlags.IfExists)) return existing.Exists;
        if (!options.Has(ExtendedFlags.IfEqual)) return true;
        if (!existing.Exists) return false;

        Span<byte> scratch = stackalloc byte[StringValue.ScratchBytes];
        return StringValue.Read(new Entry(existing.Address), scratch).SequenceEqual(ctx.Argument(options.ComparisonIndex));
    }

    private static bool IsString(CommandContext ctx, KeyEntry existing)
    {
        if (ReferenceEquals(ctx.TypeOf(existing), StringType.Descriptor)) return true;

        ctx.Reply.Error("WRONGTYPE Operation against a key holding the wrong kind of value"u8);
        return false;
    }

    // Sets, signals, notifies and says what is to be propagated; the caller replies.
    private static void Write(
        CommandContext ctx, in ExtendedArguments options, KeyEntry existing, int valueIndex, long expireAtUnixMs)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (options.HasExpiry && ctx.IsExpiredAlready(expireAtUnixMs))
        {
            if (existing.Exists) ExpiredOnArrival.Delete(ctx, key);
            return;
        }

        if (options.Has(ExtendedFlags.KeepTtl) && existing.Exists) expireAtUnixMs = ctx.ExpiryOf(existing);
        StringStore.Set(ctx, key, existing, ctx.Argument(valueIndex), expireAtUnixMs);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.String, "set"u8, key);
        if (options.HasExpiry) ctx.Notify(KeyspaceEvent.Generic, "expire"u8, key);

        if (!ctx.PropagationWanted) return;
        if (options.HasExpiry && !options.Has(ExtendedFlags.PxAt))
        {
            ctx.PropagateInstead("SET"u8, key, ctx.Argument(valueIndex), "PXAT"u8, expireAtUnixMs);
        }
        else if (options.Has(ExtendedFlags.ReturnOld))
        {
            PropagateWithoutGet(ctx);
        }
    }

    private static void PropagateWithoutGet(CommandContext ctx)
    {
        int count = ctx.ArgumentCount;
        Span<PropagatedArgument> kept = count <= ArgumentsOnStackMax
            ? stackalloc PropagatedArgument[ArgumentsOnStackMax]
            : new PropagatedArgument[count];
        int keptCount = 0;
        for (int i = 0; i < count; i++)
        {
            if (i < 3 || !IsGet(ctx.Argument(i))) kept[keptCount++] = ctx.Argument(i);
        }

        ctx.PropagateInstead(kept[..keptCount]);
    }

    private static bool IsGet(ReadOnlySpan<byte> argument) =>
        argument.Length == 3 && (argument[0] | 0x20) == 'g' && (argument[1] | 0x20) == 'e' && (argument[2] | 0x20) == 't';
}
