// What a connection says about itself and asks first: PING, ECHO, SELECT, QUIT.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;

namespace Valkey.Host.Connections;

internal static partial class ConnectionCommands
{
    /// <summary>PING [message].</summary>
    [Command("ping")]
    public static void Ping(CommandContext ctx)
    {
        if (ctx.ArgumentCount > 2)
        {
            ctx.Reply.Error("ERR wrong number of arguments for 'ping' command");
            return;
        }

        if (HostContext.Of(ctx).CurrentClient is { ProtocolVersion: 2 } client && client.Has(ClientFlags.PubSub))
        {
            // A RESP2 subscriber cannot tell replies from messages, so even this one is dressed as a message.
            ctx.Reply.ArrayHeader(2);
            ctx.Reply.Bulk("pong"u8);
            ctx.Reply.Bulk(ctx.ArgumentCount == 2 ? ctx.Argument(1) : default);
        }
        else if (ctx.ArgumentCount == 1)
        {
            ctx.Reply.SimpleString("PONG"u8);
        }
        else
        {
            ctx.Reply.Bulk(ctx.Argument(1));
        }
    }

    /// <summary>ECHO message.</summary>
    [Command("echo")]
    public static void Echo(CommandContext ctx) => ctx.Reply.Bulk(ctx.Argument(1));

    /// <summary>SELECT index.</summary>
    [Command("select")]
    public static void Select(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!ctx.TryInteger(1, out long index)) return;
        if (index < 0 || index >= context.Server.Databases.Length)
        {
            ctx.Reply.Error("ERR DB index is out of range");
            return;
        }

        context.Select((int)index);
        ctx.Reply.Ok();
    }

    /// <summary>QUIT: the connection is closed once the reply was sent.</summary>
    [Command("quit")]
    public static void Quit(CommandContext ctx)
    {
        ctx.Reply.Ok();
        HostContext.Of(ctx).CurrentClient.Set(ClientFlags.CloseAfterReply);
    }
}
