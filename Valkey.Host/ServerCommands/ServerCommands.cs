// What one asks the server itself: TIME, ROLE, SHUTDOWN, LOLWUT.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Lifecycle;

namespace Valkey.Host.ServerCommands;

internal static partial class ServerCommands
{
    /// <summary>TIME: seconds since 1970 and the microseconds beyond.</summary>
    [Command("time")]
    public static void Time(CommandContext ctx)
    {
        long unixUs = HostContext.Of(ctx).Server.Clock.UnixUs;
        ctx.Reply.ArrayHeader(2);
        ctx.Reply.BulkInteger(unixUs / 1_000_000);
        ctx.Reply.BulkInteger(unixUs % 1_000_000);
    }

    /// <summary>ROLE: a primary at offset 0 without replicas.</summary>
    [Command("role")]
    public static void Role(CommandContext ctx)
    {
        ctx.Reply.ArrayHeader(3);
        ctx.Reply.Bulk("master"u8);
        ctx.Reply.Integer(0);
        ctx.Reply.ArrayHeader(0);
    }

    /// <summary>SHUTDOWN [NOSAVE|SAVE] [NOW] [FORCE] [SAFE] [FAILOVER] [ABORT]: there is no reply when it works.</summary>
    [Command("shutdown")]
    public static void Shutdown(CommandContext ctx)
    {
        if (!ShutdownWish.TryParse(ctx, out ShutdownWish wish))
        {
            ctx.Reply.SyntaxError();
            return;
        }

        HostContext context = HostContext.Of(ctx);
        if (wish.Abort)
        {
            if (context.Server.Shutdown.TryAbort()) ctx.Reply.Ok();
            else ctx.Reply.Error("ERR No shutdown in progress.");
            return;
        }

        if (!wish.Now && ctx.Client.DeniesBlocking)
        {
            ctx.Reply.Error("ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client");
            return;
        }

        if (context.Server.Shutdown.TryBegin(wish.Wishes, context.CurrentClient)) context.Server.Clients.FreeLater(context.CurrentClient);
        else ctx.Reply.Error("ERR Errors trying to SHUTDOWN. Check logs.");
    }

    /// <summary>LOLWUT [VERSION version] [width height]: a picture, another one each time.</summary>
    [Command("lolwut")]
    public static void Lolwut(CommandContext ctx)
    {
        int next = 1;
        long version = LolwutPicture.VersionDefault;
        if (ctx.ArgumentCount >= 3 && ctx.ArgumentIs(1, "version"u8))
        {
            if (!ctx.TryInteger(2, out version)) return;
            next = 3;
        }

        long width = LolwutPicture.WidthDefault;
        long height = LolwutPicture.HeightDefault;
        if (ctx.ArgumentCount > next && !ctx.TryInteger(next, out width)) return;
        if (ctx.ArgumentCount > next + 1 && !ctx.TryInteger(next + 1, out height)) return;
        ctx.Reply.Verbatim("txt"u8, Encoding.UTF8.GetBytes(LolwutPicture.Draw(version, width, height, Random.Shared)));
    }

    /// <summary>The words behind SHUTDOWN.</summary>
    private struct ShutdownWish
    {
        public bool Abort;
        public ShutdownWishes Wishes;

        public readonly bool Now => (Wishes & ShutdownWishes.Now) != 0;

        /// <summary>False for an unknown word or words that contradict each other.</summary>
        public static bool TryParse(CommandContext ctx, out ShutdownWish wish)
        {
            wish = default;
            for (int i = 1; i < ctx.ArgumentCount; i++)
            {
                if (ctx.ArgumentIs(i, "abort"u8)) wish.Abort = true;
                else if (ctx.ArgumentIs(i, "save"u8)) wish.Wishes |= ShutdownWishes.Save;
                else if (ctx.ArgumentIs(i, "nosave"u8)) wish.Wishes |= ShutdownWishes.NoSave;
                else if (ctx.ArgumentIs(i, "now"u8)) wish.Wishes |= ShutdownWishes.Now;
                else if (ctx.ArgumentIs(i, "force"u8)) wish.Wishes |= ShutdownWishes.Force;
                else if (ctx.ArgumentIs(i, "safe"u8)) wish.Wishes |= ShutdownWishes.Safe;
                else if (ctx.ArgumentIs(i, "failover"u8)) wish.Wishes |= ShutdownWishes.Failover;
                else return false;
            }

            const ShutdownWishes Both = ShutdownWishes.Save | ShutdownWishes.NoSave;
            return !(wish.Abort && wish.Wishes != ShutdownWishes.None) && (wish.Wishes & Both) != Both;
        }
    }
}
