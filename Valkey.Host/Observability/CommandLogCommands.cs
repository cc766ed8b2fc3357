// COMMANDLOG and SLOWLOG, which is COMMANDLOG for slow commands alone. Source: https://valkey.io/commands/slowlog-get/

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Observability;

[CommandContainer("commandlog")]
[CommandContainer("slowlog")]
internal static partial class CommandLogCommands
{
    private const int CountDefault = 10;

    /// <summary>COMMANDLOG GET count type.</summary>
    [Command("commandlog|get")]
    public static void Get(CommandContext ctx)
    {
        if (!TryCount(ctx, out long count) || !TryKind(ctx, 3, out CommandLogKind kind)) return;
        ReplyEntries(ctx, kind, count);
    }

    /// <summary>COMMANDLOG LEN type.</summary>
    [Command("commandlog|len")]
    public static void Length(CommandContext ctx)
    {
        if (TryKind(ctx, 2, out CommandLogKind kind)) ctx.Reply.Integer(Log(ctx).Entries(kind).Count);
    }

    /// <summary>COMMANDLOG RESET type.</summary>
    [Command("commandlog|reset")]
    public static void Reset(CommandContext ctx)
    {
        if (!TryKind(ctx, 2, out CommandLogKind kind)) return;
        Log(ctx).Reset(kind);
        ctx.Reply.Ok();
    }

    /// <summary>COMMANDLOG HELP.</summary>
    [Command("commandlog|help")]
    public static void Help(CommandContext ctx) => HelpText.Write(
        ctx,
        "GET <count> <type>",
        "    The newest entries of a type, -1 for all. Types: slow, large-request, large-reply.",
        "    An entry: id, unix time, microseconds or bytes, arguments, client address, client name.",
        "LEN <type>",
        "    How many entries of a type there are.",
        "RESET <type>",
        "    Forgets the entries of a type.");

    /// <summary>SLOWLOG GET [count].</summary>
    [Command("slowlog|get")]
    public static void GetSlow(CommandContext ctx)
    {
        long count = CountDefault;
        if (ctx.ArgumentCount > 3)
        {
            string name = System.Text.Encoding.Latin1.GetString(ctx.Argument(1));
            ctx.Reply.Error($"ERR unknown subcommand or wrong number of arguments for '{name}'. Try SLOWLOG HELP.");
            return;
        }

        if (ctx.ArgumentCount == 2 || TryCount(ctx, out count)) ReplyEntries(ctx, CommandLogKind.Slow, count);
    }

    /// <summary>SLOWLOG LEN.</summary>
    [Command("slowlog|len")]
    public static void SlowLength(CommandContext ctx) => ctx.Reply.Integer(Log(ctx).Entries(CommandLogKind.Slow).Count);

    /// <summary>SLOWLOG RESET.</summary>
    [Command("slowlog|reset")]
    public static void ResetSlow(CommandContext ctx)
    {
        Log(ctx).Reset(CommandLogKind.Slow);
        ctx.Reply.Ok();
    }

    /// <summary>SLOWLOG HELP.</summary>
    [Command("slowlog|help")]
    public static void HelpSlow(CommandContext ctx) => HelpText.Write(
        ctx,
        "GET [<count>]",
        "    The newest slow commands, 10 unless told otherwise, -1 for all.",
        "    An entry: id, unix time, microseconds, arguments, client address, client name.",
        "LEN",
        "    How many entries there are.",
        "RESET",
        "    Forgets the entries.");

    private static CommandLog Log(CommandContext ctx) => HostContext.Of(ctx).Server.CommandLog;

    private static bool TryCount(CommandContext ctx, out long count) =>
        ctx.TryIntegerInRange(2, -1, long.MaxValue, out count, "ERR count should be greater than or equal to -1");

    private static bool TryKind(CommandContext ctx, int index, out CommandLogKind kind)
    {
        kind = CommandLogKind.Slow;
        if (ctx.ArgumentIs(index, "slow"u8)) return true;
        kind = CommandLogKind.LargeRequest;
        if (ctx.ArgumentIs(index, "large-request"u8)) return true;
        kind = CommandLogKind.LargeReply;
        if (ctx.ArgumentIs(index, "large-reply"u8)) return true;
        ctx.Reply.Error("ERR type should be one of the following: slow, large-request, large-reply");
        return false;
    }

    private static void ReplyEntries(CommandContext ctx, CommandLogKind kind, long count)
    {
        LinkedList<CommandLogEntry> entries = Log(ctx).Entries(kind);
        if (count < 0 || count > entries.Count) count = entries.Count;
        ctx.Reply.ArrayHeader(count);
        foreach (CommandLogEntry entry in entries)
        {
            if (count-- == 0) break;
            ctx.Reply.ArrayHeader(6);
            ctx.Reply.Integer(entry.Id);
            ctx.Reply.Integer(entry.UnixSeconds);
            ctx.Reply.Integer(entry.Value);
            ctx.Reply.ArrayHeader(entry.Arguments.Length);
            foreach (byte[] argument in entry.Arguments) ctx.Reply.Bulk(argument);
            ctx.Reply.Bulk(entry.Address);
            ctx.Reply.Bulk(entry.ClientName);
        }
    }
}
