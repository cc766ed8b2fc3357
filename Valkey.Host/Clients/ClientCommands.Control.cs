// CLIENT, continued: what acts on other clients, and the help.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Text;

namespace Valkey.Host.Clients;

internal static partial class ClientCommands
{
    private static readonly string[] s_help =
    [
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CACHING (YES|NO)",
        "    Whether the keys of the next command are tracked, where tracking is OPTIN or OPTOUT.",
        "CAPA <capability> [<capability> ...]",
        "    Tells what the client is able to do: REDIRECT, to follow a redirection to another server.",
        "GETNAME",
        "    The name of this connection.",
        "GETREDIR",
        "    The number of the connection that gets the invalidations of this one.",
        "ID",
        "    The number of this connection.",
        "IMPORT-SOURCE (ON|OFF)",
        "    Marks the connection as one that imports data: it sees keys whose time is over.",
        "INFO",
        "    The line of CLIENT LIST about this connection.",
        "KILL <ip:port>",
        "    Closes the connection from that address.",
        "KILL <filter> <value> [<filter> <value> ...]",
        "    Closes the connections that all filters mean, this one only with SKIPME no.",
        "LIST [<filter> <value> ...]",
        "    One line about each connection that all filters mean. Filters are ID, TYPE, USER, ADDR, LADDR, IP,",
        "    NAME, FLAGS, DB, LIB-NAME, LIB-VER and CAPA, each also with NOT- before it, and SKIPME, MAXAGE and IDLE.",
        "NO-EVICT (ON|OFF)",
        "    Keeps the connection when connections are closed to save memory.",
        "NO-TOUCH (ON|OFF)",
        "    Lets commands of the connection leave the time of last use of keys alone.",
        "PAUSE <milliseconds> [WRITE|ALL]",
        "    Makes all commands wait, or those that write.",
        "REPLY (ON|OFF|SKIP)",
        "    Whether commands are answered; SKIP leaves out the next answer.",
        "SETINFO (LIB-NAME|LIB-VER) <value>",
        "    Name or version of the library that the client uses.",
        "SETNAME <name>",
        "    Gives the connection a name.",
        "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]] [OPTIN] [OPTOUT] [NOLOOP]",
        "    Tells the connection when keys change that it may have cached.",
        "TRACKINGINFO",
        "    How the connection tracks keys.",
        "UNBLOCK <id> [TIMEOUT|ERROR]",
        "    Ends the waiting of another connection, as if its time were over or with an error.",
        "UNPAUSE",
        "    Ends CLIENT PAUSE.",
        "HELP",
        "    This text.",
    ];

    /// <summary>CLIENT KILL address, or CLIENT KILL filter value [filter value ...].</summary>
    [Command("client|kill")]
    public static void Kill(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        bool isOldForm = ctx.ArgumentCount == 3;
        ClientFilter filter = isOldForm ? ClientFilter.ForAddress(ctx.Argument(2)) : new ClientFilter { SkipsMe = true };
        if (!isOldForm && !filter.TryParse(context, 2)) return;

        int killedCount = 0;
        bool isSelfKilled = false;
        foreach (Client client in context.Server.Clients.InOrderOfAge())
        {
            if (client.IsClosed || !filter.Matches(context.Server, client, context.CurrentClient)) continue;
            killedCount++;
            if (client == context.CurrentClient) isSelfKilled = true;
            else context.Server.Clients.Free(client);
        }

        if (!isOldForm) ctx.Reply.Integer(killedCount);
        else if (killedCount == 0) ctx.Reply.Error("ERR No such client"u8);
        else ctx.Reply.Ok();
        if (isSelfKilled) context.CurrentClient.Set(ClientFlags.CloseAfterReply); // the answer comes first
    }

    /// <summary>CLIENT UNBLOCK id [TIMEOUT|ERROR]: 1 when the client waited and may be woken.</summary>
    [Command("client|unblock")]
    public static void Unblock(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        bool withError = ctx.ArgumentCount == 4 && ctx.ArgumentIs(3, "error"u8);
        if (ctx.ArgumentCount == 4 && !withError && !ctx.ArgumentIs(3, "timeout"u8))
        {
            ctx.Reply.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"u8);
            return;
        }

        if (!ctx.TryInteger(2, out long id)) return;
        Client? target = context.Server.Clients.Find(id);
        if (target?.Blocked is not { CanBeUnblocked: true })
        {
            ctx.Reply.Integer(0);
            return;
        }

        if (withError) context.Server.Blocked.Fail(target, "UNBLOCKED client unblocked via CLIENT UNBLOCK");
        else context.Server.Blocked.TimeOut(target);
        ctx.Reply.Integer(1);
    }

    /// <summary>CLIENT PAUSE milliseconds [WRITE|ALL].</summary>
    [Command("client|pause")]
    public static void Pause(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        bool writesOnly = ctx.ArgumentCount == 4 && ctx.ArgumentIs(3, "write"u8);
        if (ctx.ArgumentCount == 4 && !writesOnly && !ctx.ArgumentIs(3, "all"u8))
        {
            ctx.Reply.Error("ERR CLIENT PAUSE mode must be WRITE or ALL"u8);
            return;
        }

        if (!ctx.TryInteger(2, out long durationMs, "ERR timeout is not an integer or out of range")) return;
        if (durationMs < 0)
        {
            ctx.Reply.Error("ERR timeout is negative"u8);
            return;
        }

        if (durationMs > long.MaxValue - ctx.NowUnixMs)
        {
            ctx.Reply.Error("ERR timeout is out of range"u8);
            return;
        }

        context.Server.Pause.Start(writesOnly ? PauseScope.Writes : PauseScope.All, ctx.NowUnixMs + durationMs);
        ctx.Reply.Ok();
    }

    /// <summary>CLIENT UNPAUSE.</summary>
    [Command("client|unpause")]
    public static void Unpause(CommandContext ctx)
    {
        HostContext.Of(ctx).Server.Pause.End();
        ctx.Reply.Ok();
    }

    /// <summary>CLIENT HELP.</summary>
    [Command("client|help")]
    public static void Help(CommandContext ctx)
    {
        ctx.Reply.ArrayHeader(s_help.Length);
        foreach (string line in s_help) ctx.Reply.SimpleString(ByteText.ToBytes(line));
    }
}
