// INFO [section ...]. Source: https://valkey.io/commands/info/

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Observability;

internal static partial class InfoCommands
{
    /// <summary>INFO [section ...]: facts and counters as text.</summary>
    [Command("info")]
    public static void Info(CommandContext ctx)
    {
        string[] sections = new string[ctx.ArgumentCount - 1];
        for (int i = 0; i < sections.Length; i++) sections[i] = Encoding.Latin1.GetString(ctx.Argument(i + 1));
        ctx.Reply.Verbatim("txt"u8, Encoding.UTF8.GetBytes(HostContext.Of(ctx).Server.Information.Text(sections)));
    }
}
