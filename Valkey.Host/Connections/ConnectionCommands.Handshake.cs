// How a connection introduces itself and starts again: AUTH, HELLO, RESET, and MONITOR, which makes it a listener.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;
using Valkey.Host.Configuration;
using Valkey.Host.Plugins;
using Valkey.Host.Text;
using Valkey.Host.Transactions;

namespace Valkey.Host.Connections;

internal static partial class ConnectionCommands
{
    private static ReadOnlySpan<byte> WrongPassword => "WRONGPASS invalid username-password pair or user is disabled."u8;

    /// <summary>AUTH [user] password.</summary>
    [Command("auth")]
    public static void Auth(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (ctx.ArgumentCount > 3)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        for (int i = 1; i < ctx.ArgumentCount; i++) context.RedactArgument(i);
        if (ctx.ArgumentCount == 2 && !context.Server.IsPasswordSet)
        {
            ctx.Reply.Error(
                "ERR AUTH <password> called without any password configured for the default user. Are you sure your "u8
                + "configuration is correct?"u8);
            return;
        }

        ReadOnlySpan<byte> user = ctx.ArgumentCount == 3 ? ctx.Argument(1) : "default"u8;
        if (context.Server.Authentication.TryLogIn(context.CurrentClient, user, ctx.Argument(ctx.ArgumentCount - 1))) ctx.Reply.Ok();
        else ctx.Reply.Error(WrongPassword);
    }

    /// <summary>HELLO [version [AUTH user password] [SETNAME name]]: chooses the version of RESP and tells who the server is.</summary>
    [Command("hello")]
    public static void Hello(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        long version = 0;
        if (ctx.ArgumentCount >= 2)
        {
            if (!ctx.TryInteger(1, out version, "ERR Protocol version is not an integer or out of range")) return;
            if (version is < 2 or > 3)
            {
                ctx.Reply.Error("NOPROTO unsupported protocol version"u8);
                return;
            }
        }

        if (!TryHelloOptions(context, out int authIndex, out int nameIndex)) return;
        Client client = context.CurrentClient;
        if (authIndex > 0 && !context.Server.Authentication.TryLogIn(client, ctx.Argument(authIndex), ctx.Argument(authIndex + 1)))
        {
            ctx.Reply.Error(WrongPassword);
            return;
        }

        if (context.Server.IsAuthenticationRequired(client))
        {
            ctx.Reply.Error(
                "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> "u8
                + "<pass> option can be used to authenticate the client and select the RESP protocol version at the same time"u8);
            return;
        }

        if (nameIndex > 0) client.NameBytes = ctx.Argument(nameIndex).ToArray();
        if (version > 0) SetProtocol(context, (int)version);
        ReplyHello(context);
    }

    /// <summary>RESET: as if the connection were new.</summary>
    [Command("reset")]
    public static void Reset(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        Client client = context.CurrentClient;
        if (client.Type is ClientType.Replica or ClientType.Primary)
        {
            ctx.Reply.Error("ERR can only reset normal client connections"u8);
            return;
        }

        context.Server.Monitors.Remove(client);
        context.Server.ClientStates.End(client);
        context.Select(0);
        context.Server.Authentication.Reset(client);
        TransactionCommands.End(context.Server, client);
        client.NameBytes = [];
        client.Clear(
            ClientFlags.ReplyOff | ClientFlags.ReplySkipNext | ClientFlags.NoTouch | ClientFlags.NoEvict | ClientFlags.ReadOnlyCluster);
        context.Server.ClientMemory.Update(client);
        SetProtocol(context, (int)context.Server.Options.ClientDefaultResp.Value);
        ctx.Reply.SimpleString("RESET"u8);
    }

    /// <summary>MONITOR: from now on the connection is told of every command.</summary>
    [Command("monitor")]
    public static void Monitor(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (context.CurrentClient.DeniesBlocking)
        {
            ctx.Reply.Error("ERR MONITOR isn't allowed for DENY BLOCKING client"u8);
            return;
        }

        if (context.CurrentClient.Has(ClientFlags.Replica)) return; // it is one already, and gets no second answer
        context.Server.Monitors.Add(context.CurrentClient);
        ctx.Reply.Ok();
    }

    /// <summary>Finds AUTH's and SETNAME's arguments, 0 for none; false after replying what is wrong.</summary>
    private static bool TryHelloOptions(HostContext context, out int authIndex, out int nameIndex)
    {
        authIndex = nameIndex = 0;
        for (int i = 2; i < context.ArgumentCount; i++)
        {
            int following = context.ArgumentCount - 1 - i;
            if (context.ArgumentIs(i, "auth"u8) && following >= 2)
            {
                authIndex = i + 1;
                context.RedactArgument(i + 1);
                context.RedactArgument(i + 2);
                i += 2;
            }
            else if (context.ArgumentIs(i, "setname"u8) && following >= 1)
            {
                nameIndex = ++i;
                if (ClientCommands.IsPrintable(context.Argument(i))) continue;
                context.Reply.Error(ClientCommands.BadName);
                return false;
            }
            else
            {
                context.Reply.Error(ByteText.ToBytes($"ERR Syntax error in HELLO option '{ByteText.FromBytes(context.Argument(i))}'"));
                return false;
            }
        }

        return true;
    }

    private static void SetProtocol(HostContext context, int version)
    {
        Client client = context.CurrentClient;
        client.ProtocolVersion = version;
        if (client.Has(ClientFlags.ReplyOff | ClientFlags.ReplySkip)) context.Writer.BindNowhere(version);
        else context.Writer.Bind(client.Output, version);
    }

    private static void ReplyHello(HostContext context)
    {
        bool isRedis = context.Server.Options.ExtendedRedisCompatibility.Value;
        string zone = AvailabilityZone(context.Server);
        ReplyWriter reply = context.Reply;
        reply.MapHeader(zone.Length > 0 ? 8 : 7);
        reply.Bulk("server"u8);
        reply.Bulk(isRedis ? "redis" : ServerVersion.ServerName);
        reply.Bulk("version"u8);
        reply.Bulk(isRedis ? ServerVersion.Redis : ServerVersion.Valkey);
        reply.Bulk("proto"u8);
        reply.Integer(context.CurrentClient.ProtocolVersion);
        reply.Bulk("id"u8);
        reply.Integer(context.CurrentClient.Id);
        reply.Bulk("mode"u8);
        reply.Bulk("standalone"u8);
        reply.Bulk("role"u8);
        reply.Bulk("master"u8);
        reply.Bulk("modules"u8);
        ModuleCommands.ReplyModules(context.Server.Plugins.Modules, reply);
        if (zone.Length == 0) return;
        reply.Bulk("availability_zone"u8);
        reply.Bulk(ByteText.ToBytes(zone));
    }

    private static string AvailabilityZone(Server server) => server.OptionRegistry.Find("availability-zone")?.Text ?? "";
}
