// A plugin that is in the server: who it is, and what keeps it alive.
// Holds always: besides the runtime's own references, these fields and the host's registries are all that reach into the
// plugin; Release lets go of the fields, PluginContext.Close of the registries.

using System.Composition.Hosting;
using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>One loaded plugin. Command thread only.</summary>
internal sealed class LoadedPlugin
{
    private IValkeyPlugin? _plugin;
    private CompositionHost? _container;
    private PluginLoadContext? _assemblies;

    public LoadedPlugin(
        PluginSource source, IValkeyPlugin plugin, PluginContext context, CompositionHost container,
        PluginLoadContext assemblies)
    {
        _plugin = plugin;
        _container = container;
        _assemblies = assemblies;
        Source = source;
        Name = plugin.Name;
        Version = plugin.Version;
        Context = context;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its own version.</summary>
    public Version Version { get; }

    /// <summary>Where it came from and with which arguments.</summary>
    public PluginSource Source { get; }

    /// <summary>Its view of the server.</summary>
    public PluginContext Context { get; }

    /// <summary>The version as modules state theirs, in one number: 1.2.3 is 10203.</summary>
    public long VersionNumber => (Version.Major * 10_000L) + (Version.Minor * 100L) + Math.Max(Version.Build, 0);

    /// <summary>Asks the plugin to let go. What it throws is its refusal.</summary>
    public void AskToUnload() => _plugin?.Unload();

    /// <summary>Drops the plugin, its container and, of a module, its assemblies; they are gone after some collections.</summary>
    /// <returns>Tells whether they are.</returns>
    public WeakReference Release()
    {
        WeakReference assemblies = new(_assemblies);
        _container?.Dispose();
        if (_assemblies is { IsCollectible: true }) _assemblies.Unload();
        _plugin = null;
        _container = null;
        _assemblies = null;
        return assemblies;
    }
}

/// <summary>What was asked to be loaded.</summary>
/// <param name="Path">The file or folder as the operator wrote it.</param>
/// <param name="Arguments">What stood behind it.</param>
/// <param name="IsModule">Loaded by name, can leave again; otherwise it ships in the plugin directory and stays.</param>
internal sealed record PluginSource(string Path, IReadOnlyList<string> Arguments, bool IsModule)
{
    /// <summary>
    /// The assembly to load. A folder stands for the DLL of the folder's name in it.
    /// </summary>
    /// <exception cref="PluginLoadException">The folder has no such file.</exception>
    public string AssemblyPath()
    {
        string path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path));
        if (!Directory.Exists(path)) return path;

        string assembly = System.IO.Path.Combine(path, System.IO.Path.GetFileName(path) + ".dll");
        return File.Exists(assembly)
            ? assembly
            : throw new PluginLoadException(path, $"the folder holds no {System.IO.Path.GetFileName(assembly)}");
    }
}
