// CONFIG. How it works is in Configuration/ConfigService.cs.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Configuration;

namespace Valkey.Host.ServerCommands;

[CommandContainer("config")]
internal static partial class ConfigCommands
{
    /// <summary>CONFIG GET pattern [pattern ...].</summary>
    [Command("config|get")]
    public static void Get(CommandContext ctx) => Service(ctx).Get(ctx);

    /// <summary>CONFIG SET name value [name value ...].</summary>
    [Command("config|set")]
    public static void Set(CommandContext ctx) => Service(ctx).Set(ctx);

    /// <summary>CONFIG REWRITE.</summary>
    [Command("config|rewrite")]
    public static void Rewrite(CommandContext ctx) => Service(ctx).Rewrite(ctx);

    /// <summary>CONFIG RESETSTAT.</summary>
    [Command("config|resetstat")]
    public static void ResetStat(CommandContext ctx) => Service(ctx).ResetStat(ctx);

    /// <summary>CONFIG HELP.</summary>
    [Command("config|help")]
    public static void Help(CommandContext ctx) => ConfigService.Help(ctx);

    private static ConfigService Service(CommandContext ctx) => HostContext.Of(ctx).Server.Config;
}
