// Modules: plugins that are loaded by name, at start (loadmodule) or by a client (MODULE LOAD), and that can leave again.
//
// Leaving is a conversation. First everything that would break is refused: keys of the module's types, background work of
// it that still runs. Then the module itself is asked. Then its registrations go, and its assemblies once nothing refers
// to them. Holds always: an unload that is refused has changed nothing.
// Command thread only.

using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>Loads, lists and unloads modules.</summary>
internal sealed class ModuleService(IPluginHost host, PluginCatalog catalog)
{
    /// <summary>The service that belongs to a command's server.</summary>
    public static Func<CommandContext, ModuleService> Resolve { get; set; } =
        _ => throw new InvalidOperationException("The host has not said where its modules are.");

    /// <summary>The modules, in the order in which they were loaded.</summary>
    public IEnumerable<LoadedPlugin> Loaded => catalog.Modules;

    /// <summary>The service that belongs to a command's server.</summary>
    public static ModuleService Of(CommandContext ctx) => Resolve(ctx);

    /// <summary>Loads a module; what is wrong comes out as an exception, which at start ends the start.</summary>
    /// <param name="path">A DLL, or a folder that holds the DLL of its name.</param>
    /// <param name="arguments">For the module.</param>
    /// <param name="options">Values for its options, or null.</param>
    /// <exception cref="PluginLoadException">It could not be loaded; nothing of it is left.</exception>
    public LoadedPlugin LoadOrThrow(string path, IReadOnlyList<string> arguments, ModuleOptionValues? options = null)
    {
        PluginSource source = new(path, arguments, IsModule: true);
        LoadedPlugin module = catalog.Load(source, options ?? new ModuleOptionValues());
        host.Log(LogLevel.Notice, $"Module '{module.Name}' loaded from {path}");
        return module;
    }

    /// <summary>Loads a module for a client. False when that failed; the log says why.</summary>
    public bool TryLoad(string path, IReadOnlyList<string> arguments, ModuleOptionValues? options = null)
    {
        try
        {
            LoadOrThrow(path, arguments, options);
            return true;
        }
        catch (PluginLoadException e)
        {
            if (e.InnerException is { } cause && host.IsLogEnabled(LogLevel.Debug)) host.Log(LogLevel.Debug, cause.ToString());
            return Refuse("Module failed to load: " + e.Message);
        }
    }

    /// <summary>Logs why nothing was loaded: the client is only told that the log knows. Always false.</summary>
    public bool Refuse(string reason)
    {
        host.Log(LogLevel.Warning, reason);
        return false;
    }

    /// <summary>Unloads a module.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="assemblies">Tells, after some collections, whether its code is gone.</param>
    /// <returns>Null when it is out, else why it stays.</returns>
    public string? TryUnload(string name, out WeakReference? assemblies)
    {
        assemblies = null;
        string? refusal = Unload(name, ref assemblies);
        host.Log(
            refusal is null ? LogLevel.Notice : LogLevel.Warning,
            refusal is null ? $"Module {name} unloaded" : $"Error unloading module {name}: {refusal}");
        if (assemblies is not null) new ModuleDeparture(host, name, assemblies).Follow();
        return refusal;
    }

    /// <summary>The lines of INFO modules.</summary>
    public void WriteInfo(InfoWriter info)
    {
        foreach (LoadedPlugin module in Loaded)
        {
            info.Field(
                "module",
                $"name={module.Name},ver={module.VersionNumber},api=1,filters=0,usedby=[],using=[],options=[],"
                + $"faults={module.Context.Faults.Count}");
        }
    }

    private string? Unload(string name, ref WeakReference? assemblies)
    {
        if (catalog.Find(name) is not { } module) return "no such module with that name";
        if (!module.Source.IsModule) return "it belongs to the plugin directory and stays as long as the server runs";
        if (RefuseWhileInUse(module) is { } inUse) return inUse;

        module.Context.RefuseNewWork(true);
        try
        {
            module.AskToUnload();
        }
        catch (Exception e)
        {
            module.Context.RefuseNewWork(false);
            return PluginLoadException.OneLine(e.Message);
        }

        assemblies = catalog.Remove(module);
        return null;
    }

    private string? RefuseWhileInUse(LoadedPlugin module)
    {
        foreach (DataType type in module.Context.OwnDataTypes)
        {
            // Valkey refuses for the type alone; ours can go once the last value of it is gone.
            long count = host.KeyCountOfType(type);
            if (count > 0)
            {
                return "the module exports one or more module-side data types, can't unload: "
                    + $"{count} value(s) of type '{type.Name}' are alive";
            }
        }

        if (host.HasWaitingClients(module.Name)) return "the module has blocked clients. Please wait for them to be unblocked and try again";
        return module.Context.PendingCallbackCount == 0
            ? null
            : "the module has background work that has not ended. Please wait for it and try again";
    }
}
