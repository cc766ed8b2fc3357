// One per plugin: what it brings along stays its own, by its .deps.json, so two plugins may use two versions of a library.
// Holds always: what is shared comes from the host even when the plugin's folder holds a copy. With a copy the plugin would
// load and simply not be an IValkeyPlugin, without any error. What a shared assembly references must be shared too.

using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;

namespace Valkey.Host.Plugins;

/// <summary>Where a plugin's assemblies live.</summary>
internal sealed class PluginLoadContext : AssemblyLoadContext
{
    private static readonly FrozenSet<string> s_shared = FrozenSet.ToFrozenSet(
    [
        "Valkey.Abstractions",
        "Valkey.Structures",
        "System.Composition.AttributedModel",
        "System.Composition.Convention",
        "System.Composition.Hosting",
        "System.Composition.Runtime",
        "System.Composition.TypedParts",
        "NLog",
    ]);

    private readonly AssemblyDependencyResolver _dependencies;

    /// <summary>For the plugin whose main assembly lies at this path.</summary>
    /// <exception cref="InvalidOperationException">Its .deps.json cannot be read.</exception>
    public PluginLoadContext(string assemblyPath, bool isCollectible) : base(assemblyPath, isCollectible) =>
        _dependencies = new AssemblyDependencyResolver(assemblyPath);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name is { } name && s_shared.Contains(name)) return null;
        return _dependencies.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _dependencies.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
