// Joins the services that were built for themselves (CONFIG, MODULE, statistics) to the server that they serve.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Plugins;

namespace Valkey.Host.ServerCommands;

internal static class ServerServices
{
    /// <summary>Called once, before a client can connect.</summary>
    public static void Connect(Server server)
    {
        server.Config.IsLoading = () => server.IsLoading;
        server.Config.RedactArgument = static (CommandContext ctx, int index) => HostContext.Of(ctx).RedactArgument(index);
        server.Config.ResetStatistics = () => ResetStatistics(server);
        server.Config.LoadedModules = () => LoadedModules(server);
    }

    /// <summary>CONFIG RESETSTAT: all counters start anew; the command log and latency events have resets of their own.</summary>
    private static void ResetStatistics(Server server)
    {
        server.Statistics.Reset();
        server.Commands.ResetStatistics();
        server.LazyFree.ResetStatistics();
        server.Information.Rates.Reset();
        server.Snapshots.ResetStatistics();
    }

    private static List<IReadOnlyList<string>> LoadedModules(Server server)
    {
        List<IReadOnlyList<string>> modules = [];
        foreach (LoadedPlugin module in server.Modules.Loaded) modules.Add([module.Source.Path, .. module.Source.Arguments]);
        return modules;
    }
}
