// DUMP and RESTORE: a value leaves the server as a payload, and comes back under whatever key.

using Valkey.Abstractions;

namespace Valkey.Rdb;

internal static partial class DumpCommands
{
    private const int FirstOption = 4;
    private const int FrequencyMax = 255;

    private static DumpPayload s_payload = null!;
    private static ILog s_log = null!;
    private static BoolOption? s_lazyServerDel;

    /// <summary>What the commands work with.</summary>
    public static void Prepare(DumpPayload payload, IPluginContext context)
    {
        s_payload = payload;
        s_log = context.Log;
        s_lazyServerDel = context.Options.Find("lazyfree-lazy-server-del") as BoolOption;
    }

    /// <summary>Frees what <see cref="Prepare"/> was given.</summary>
    public static void Release() => s_payload.Dispose();

    /// <summary>DUMP key.</summary>
    [Command("dump")]
    public static void Dump(CommandContext ctx)
    {
        KeyEntry entry = ctx.LookupRead(ctx.Argument(1));
        if (!entry.Exists) ctx.Reply.Null();
        else ctx.Reply.Bulk(s_payload.Make(ctx.TypeOf(entry), ctx.ValueOf(entry)));
    }

    /// <summary>RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency].</summary>
    [Command("restore")]
    public static void Restore(CommandContext ctx)
    {
        if (!TryOptions(ctx, out RestoreOptions options)) return;
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!options.Replaces && ctx.LookupWrite(key).Exists)
        {
            ctx.Reply.Error("BUSYKEY Target key name already exists."u8);
            return;
        }

        if (!ctx.TryInteger(2, out long ttl)) return;
        if (ttl < 0)
        {
            ctx.Reply.Error("ERR Invalid TTL value, must be >= 0"u8);
            return;
        }

        ReadOnlySpan<byte> payload = ctx.Argument(3);
        if (!s_payload.IsGenuine(payload))
        {
            ctx.Reply.Error("ERR DUMP payload version or checksum are wrong"u8);
            return;
        }

        if (DumpPayload.IsForeign(payload))
        {
            ctx.Reply.Error($"ERR Unsupported foreign data type: {payload[0]}");
            return;
        }

        long expireAtUnixMs = ttl == 0 ? -1 : options.IsAbsolute ? ttl : unchecked(ttl + ctx.NowUnixMs);
        KeyEntry entry = s_payload.Load(key, payload, expireAtUnixMs, ctx.IsReplaying, out DataType? type, out string? reason);
        if (!entry.Exists)
        {
            if (s_log.IsEnabled(LogLevel.Verbose)) s_log.Write(LogLevel.Verbose, reason!);
            ctx.Reply.Error("ERR Bad data format"u8);
            return;
        }

        bool wasThere = options.Replaces && ctx.Delete(key);
        if (ttl != 0 && ctx.IsExpiredAlready(expireAtUnixMs))
        {
            EntryBuilder.Free(entry, type!);
            if (wasThere) TellDeleted(ctx, key);
        }
        else
        {
            Add(ctx, entry, expireAtUnixMs, options);
        }

        ctx.Reply.Ok();
    }

    /// <summary>RESTORE-ASKING: RESTORE for a slot that is being imported.</summary>
    [Command("restore-asking")]
    public static void RestoreAsking(CommandContext ctx) => Restore(ctx);

    private static void Add(CommandContext ctx, KeyEntry entry, long expireAtUnixMs, in RestoreOptions options)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        entry = ctx.AddEntry(entry);
        ctx.SetUsage(entry, options.IdleSeconds, options.Frequency);
        if (expireAtUnixMs >= 0 && !options.IsAbsolute && ctx.PropagationWanted) PropagateAbsolute(ctx, expireAtUnixMs);
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Generic, "restore"u8, key);
    }

    private static void TellDeleted(CommandContext ctx, ReadOnlySpan<byte> key)
    {
        ctx.PropagateInstead(
            PropagatedArgument.From(s_lazyServerDel?.Value == true ? "UNLINK"u8 : "DEL"u8), PropagatedArgument.From(key));
        ctx.SignalModified(key);
        ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
    }

    /// <summary>Who replays this later must come to the same moment.</summary>
    private static void PropagateAbsolute(CommandContext ctx, long expireAtUnixMs)
    {
        PropagatedArgument[] arguments = new PropagatedArgument[ctx.ArgumentCount + 1];
        for (int i = 0; i < ctx.ArgumentCount; i++) arguments[i] = PropagatedArgument.From(ctx.Argument(i));
        arguments[2] = PropagatedArgument.FromNumber(expireAtUnixMs);
        arguments[^1] = PropagatedArgument.From("ABSTTL"u8);
        ctx.PropagateInstead(arguments);
    }

    private static bool TryOptions(CommandContext ctx, out RestoreOptions options)
    {
        options = new RestoreOptions { IdleSeconds = -1, Frequency = -1 };
        for (int i = FirstOption; i < ctx.ArgumentCount; i++)
        {
            bool hasValue = i + 1 < ctx.ArgumentCount;
            if (ctx.ArgumentIs(i, "replace"u8))
            {
                options.Replaces = true;
            }
            else if (ctx.ArgumentIs(i, "absttl"u8))
            {
                options.IsAbsolute = true;
            }
            else if (ctx.ArgumentIs(i, "idletime"u8) && hasValue && options.Frequency < 0)
            {
                if (!TryValue(ctx, ++i, long.MaxValue, "ERR Invalid IDLETIME value, must be >= 0", out options.IdleSeconds)) return false;
            }
            else if (ctx.ArgumentIs(i, "freq"u8) && hasValue && options.IdleSeconds < 0)
            {
                if (!TryValue(ctx, ++i, FrequencyMax, "ERR Invalid FREQ value, must be >= 0 and <= 255", out long frequency)) return false;
                options.Frequency = (int)frequency;
            }
            else
            {
                ctx.Reply.SyntaxError();
                return false;
            }
        }

        return true;
    }

    private static bool TryValue(CommandContext ctx, int index, long max, string error, out long value)
    {
        if (!ctx.TryInteger(index, out value)) return false;
        if (value >= 0 && value <= max) return true;
        ctx.Reply.Error(error);
        return false;
    }

    private struct RestoreOptions
    {
        public bool Replaces;
        public bool IsAbsolute;
        public long IdleSeconds;
        public int Frequency;
    }
}
