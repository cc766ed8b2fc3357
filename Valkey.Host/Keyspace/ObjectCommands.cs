// OBJECT: how a value is stored and how it is used. Looking at a key this way does not count as using it.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

[CommandContainer("object")]
internal static partial class ObjectCommands
{
    private static readonly string[] s_help =
    [
        "ENCODING <key>",
        "    Tell in which form the value of <key> is stored.",
        "FREQ <key>",
        "    Tell how often <key> was used lately, on a logarithmic scale. Needs an LFU policy.",
        "IDLETIME <key>",
        "    Tell how many seconds ago <key> was used last. Needs a policy other than LFU.",
        "REFCOUNT <key>",
        "    Tell how many references to the value of <key> there are.",
    ];

    /// <summary>OBJECT ENCODING key.</summary>
    [Command("object|encoding")]
    public static void Encoding(CommandContext ctx)
    {
        if (!TryFind(ctx, out Entry entry)) return;
        StoredValue value = DataTypeRegistry.ValueOf(entry);
        ctx.Reply.Bulk(HostContext.Of(ctx).Server.DataTypes.Of(entry).EncodingName(in value));
    }

    /// <summary>OBJECT FREQ key.</summary>
    [Command("object|freq")]
    public static void Freq(CommandContext ctx)
    {
        if (!TryFind(ctx, out Entry entry)) return;
        AccessClock clock = HostContext.Of(ctx).Server.AccessClock;
        if (clock.IsLfu)
        {
            ctx.Reply.Integer(clock.Decayed(entry.AccessClock));
            return;
        }

        ctx.Reply.Error(
            "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when "
            + "switching between policies at runtime LRU and LFU data will take some time to adjust.");
    }

    /// <summary>OBJECT IDLETIME key: seconds.</summary>
    [Command("object|idletime")]
    public static void IdleTime(CommandContext ctx)
    {
        if (!TryFind(ctx, out Entry entry)) return;
        AccessClock clock = HostContext.Of(ctx).Server.AccessClock;
        if (!clock.IsLfu)
        {
            ctx.Reply.Integer(clock.IdleSeconds(entry.AccessClock));
            return;
        }

        ctx.Reply.Error(
            "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "
            + "switching between policies at runtime LRU and LFU data will take some time to adjust.");
    }

    /// <summary>OBJECT REFCOUNT key.</summary>
    [Command("object|refcount")]
    public static void RefCount(CommandContext ctx)
    {
        if (TryFind(ctx, out Entry entry)) ctx.Reply.Integer(ReferenceCountOf(HostContext.Of(ctx).Server, entry));
    }

    /// <summary>
    /// 1, as values are never shared between keys. Small integers, which take no memory of their own here, count as shared
    /// by everybody, unless the policy needs an access clock for each: so clients know it.
    /// </summary>
    public static int ReferenceCountOf(Server server, Entry entry)
    {
        bool isSmallInteger = !entry.IsEmbedded && entry.Encoding == StringEncoding.Int && entry.Payload is >= 0 and < 10000
            && server.DataTypes.Of(entry).Name == "string";
        return isSmallInteger && !server.Eviction.NeedsAccessClocks ? int.MaxValue : 1;
    }

    /// <summary>OBJECT HELP.</summary>
    [Command("object|help")]
    public static void Help(CommandContext ctx) => HelpReply.Write(HostContext.Of(ctx), "OBJECT", s_help);

    private static bool TryFind(CommandContext ctx, out Entry entry)
    {
        entry = new Entry(ctx.LookupRead(ctx.Argument(2), LookupFlags.NoTouch | LookupFlags.NoStats).Address);
        Observability.Statistics statistics = HostContext.Of(ctx).Server.Statistics;
        if (entry.IsNull) statistics.KeyspaceMisses++; // counted, but no keymiss event
        else statistics.KeyspaceHits++;
        if (entry.IsNull) ctx.Reply.Null();
        return !entry.IsNull;
    }
}
