// CLIENT: what a connection says about itself and asks about others. What acts on other clients is in
// ClientCommands.Control.cs.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Text;

namespace Valkey.Host.Clients;

[CommandContainer("client")]
internal static partial class ClientCommands
{
    /// <summary>CLIENT ID.</summary>
    [Command("client|id")]
    public static void Id(CommandContext ctx) => ctx.Reply.Integer(ctx.Client.Id);

    /// <summary>CLIENT INFO: the line of this client.</summary>
    [Command("client|info")]
    public static void Info(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        StringBuilder text = new();
        ClientInfoLine.Append(text, context.Server, context.CurrentClient, hideUserData: false);
        ctx.Reply.Verbatim("txt"u8, ByteText.ToBytes(text.Append('\n').ToString()));
    }

    /// <summary>CLIENT LIST [filter value ...]: the lines of all clients that the filters mean, oldest first.</summary>
    [Command("client|list")]
    public static void List(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (ctx.ArgumentCount == 3)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        ClientFilter filter = new();
        if (!filter.TryParse(context, 2)) return;
        StringBuilder text = new();
        foreach (Client client in context.Server.Clients.InOrderOfAge())
        {
            if (!filter.Matches(context.Server, client, context.CurrentClient)) continue;
            ClientInfoLine.Append(text, context.Server, client, hideUserData: false);
            text.Append('\n');
        }

        ctx.Reply.Verbatim("txt"u8, ByteText.ToBytes(text.ToString()));
    }

    /// <summary>CLIENT GETNAME.</summary>
    [Command("client|getname")]
    public static void GetName(CommandContext ctx)
    {
        byte[] name = HostContext.Of(ctx).CurrentClient.NameBytes;
        if (name.Length == 0) ctx.Reply.Null();
        else ctx.Reply.Bulk(name);
    }

    /// <summary>CLIENT SETNAME name; an empty name takes the name away.</summary>
    [Command("client|setname")]
    public static void SetName(CommandContext ctx)
    {
        if (!IsPrintable(ctx.Argument(2)))
        {
            ctx.Reply.Error(BadName);
            return;
        }

        HostContext.Of(ctx).CurrentClient.NameBytes = ctx.Argument(2).ToArray();
        ctx.Reply.Ok();
    }

    /// <summary>CLIENT SETINFO LIB-NAME|LIB-VER value.</summary>
    [Command("client|setinfo")]
    public static void SetInfo(CommandContext ctx)
    {
        Client client = HostContext.Of(ctx).CurrentClient;
        bool isName = ctx.ArgumentIs(2, "lib-name"u8);
        if (!isName && !ctx.ArgumentIs(2, "lib-ver"u8))
        {
            ctx.Reply.Error(ByteText.ToBytes($"ERR Unrecognized option '{ByteText.FromBytes(ctx.Argument(2))}'"));
            return;
        }

        if (!IsPrintable(ctx.Argument(3)))
        {
            ctx.Reply.Error(ByteText.ToBytes(
                $"ERR {ByteText.FromBytes(ctx.Argument(2))} cannot contain spaces, newlines or special characters."));
            return;
        }

        if (isName) client.LibraryName = ctx.Argument(3).ToArray();
        else client.LibraryVersion = ctx.Argument(3).ToArray();
        ctx.Reply.Ok();
    }

    /// <summary>CLIENT CAPA capability [capability ...]; unknown ones are for later servers.</summary>
    [Command("client|capa")]
    public static void Capa(CommandContext ctx)
    {
        for (int i = 2; i < ctx.ArgumentCount; i++)
        {
            if (ctx.ArgumentIs(i, "redirect"u8)) HostContext.Of(ctx).CurrentClient.Set(ClientFlags.Redirectable);
        }

        ctx.Reply.Ok();
    }

    /// <summary>CLIENT IMPORT-SOURCE ON|OFF: sees keys whose time is over, while the server imports data.</summary>
    [Command("client|import-source")]
    public static void ImportSource(CommandContext ctx)
    {
        if (!HostContext.Of(ctx).Server.IsImporting && !ctx.ArgumentIs(2, "off"u8)) ctx.Reply.Error("ERR Server is not in import mode"u8);
        else Switch(ctx, ClientFlags.ImportSource);
    }

    /// <summary>CLIENT NO-TOUCH ON|OFF: reading does not count as use of a key.</summary>
    [Command("client|no-touch")]
    public static void NoTouch(CommandContext ctx) => Switch(ctx, ClientFlags.NoTouch);

    /// <summary>CLIENT NO-EVICT ON|OFF: this client is not evicted for maxmemory-clients.</summary>
    [Command("client|no-evict")]
    public static void NoEvict(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        Switch(ctx, ClientFlags.NoEvict);
        context.Server.ClientMemory.Update(context.CurrentClient);
    }

    /// <summary>CLIENT REPLY ON|OFF|SKIP: whether this client gets replies.</summary>
    [Command("client|reply")]
    public static void Reply(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        Client client = context.CurrentClient;
        if (ctx.ArgumentIs(2, "on"u8))
        {
            client.Clear(ClientFlags.ReplyOff | ClientFlags.ReplySkip);
            context.Writer.Bind(client.Output, client.ProtocolVersion); // this one is answered already
            ctx.Reply.Ok();
        }
        else if (ctx.ArgumentIs(2, "off"u8))
        {
            client.Set(ClientFlags.ReplyOff);
        }
        else if (ctx.ArgumentIs(2, "skip"u8))
        {
            if (!client.Has(ClientFlags.ReplyOff)) client.Set(ClientFlags.ReplySkipNext);
        }
        else
        {
            ctx.Reply.SyntaxError();
        }
    }

    /// <summary>What is said about a name that may not be one.</summary>
    public static ReadOnlySpan<byte> BadName => "ERR Client names cannot contain spaces, newlines or special characters."u8;

    /// <summary>Whether CLIENT LIST can show it: a blank would break the line into other fields.</summary>
    public static bool IsPrintable(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private static void Switch(CommandContext ctx, ClientFlags flag)
    {
        bool isOn = ctx.ArgumentIs(2, "on"u8);
        if (!isOn && !ctx.ArgumentIs(2, "off"u8))
        {
            ctx.Reply.SyntaxError();
            return;
        }

        HostContext.Of(ctx).CurrentClient.Set(flag, isOn);
        ctx.Reply.Ok();
    }
}
