// DEBUG: tools for those who work on the server itself. What there is lies in DebugTools.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Debugging;

internal static partial class DebugCommand
{
    /// <summary>DEBUG subcommand [argument ...].</summary>
    [Command("debug")]
    public static void Debug(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        context.Server.DebugTools.Run(context);
    }
}
