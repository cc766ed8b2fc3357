// What is loaded, in the order in which it came. Names are unique across the plugin directory and modules.

namespace Valkey.Host.Plugins;

/// <summary>The server's plugins. Command thread only.</summary>
internal sealed class PluginCatalog(IPluginHost host)
{
    private readonly PluginLoader _loader = new(host);
    private readonly List<LoadedPlugin> _plugins = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<LoadedPlugin> All => _plugins;

    /// <summary>Those that were loaded by name.</summary>
    public IEnumerable<LoadedPlugin> Modules => _plugins.FindAll(plugin => plugin.Source.IsModule);

    /// <summary>The plugin of that name, or null.</summary>
    public LoadedPlugin? Find(string name) => _plugins.Find(plugin => plugin.Name == name);

    /// <summary>
    /// Loads all that lies in the plugin directory, in ordinal order of the names so that every start is the same: each
    /// folder holds a plugin's DLL of the same name, and a DLL may lie there without a folder when it brings nothing else.
    /// </summary>
    /// <exception cref="PluginLoadException">The first one that could not be loaded.</exception>
    public void LoadDirectory(string pluginDirectory)
    {
        if (!Directory.Exists(pluginDirectory))
            throw new PluginLoadException(pluginDirectory, "there is no such plugin directory");

        List<string> paths = [.. Directory.GetDirectories(pluginDirectory), .. Directory.GetFiles(pluginDirectory, "*.dll")];
        paths.RemoveAll(path => Path.GetFileName(path).StartsWith('.'));
        paths.Sort(StringComparer.Ordinal);
        foreach (string path in paths) Load(new PluginSource(path, [], IsModule: false), new ModuleOptionValues());
    }

    /// <summary>Loads one plugin.</summary>
    /// <exception cref="PluginLoadException">It could not be loaded; nothing of it is left.</exception>
    public LoadedPlugin Load(PluginSource source, ModuleOptionValues givenOptions)
    {
        LoadedPlugin plugin = _loader.Load(source, givenOptions, RefuseTakenName);
        _plugins.Add(plugin);
        return plugin;
    }

    /// <summary>Takes a plugin out: its registrations, then itself.</summary>
    /// <returns>Tells whether its code is gone.</returns>
    public WeakReference Remove(LoadedPlugin plugin)
    {
        plugin.Context.Close();
        _plugins.Remove(plugin);
        return plugin.Release();
    }

    private void RefuseTakenName(string name)
    {
        if (Find(name) is { } other)
            throw new InvalidOperationException($"a plugin named '{name}' is loaded already, from {other.Source.Path}");
    }
}
