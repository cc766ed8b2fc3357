// One per plugin: what it brings along stays its own, by its .deps.json, so two plugins may use two versions of a library.
// Holds always: what is shared comes from the host even when the plugin's folder holds a copy. With a copy the plugin would
// load and simply not be an IValkeyPlugin, without any error. What a shared assembly references must be shared too.

using System.Reflection;
using System.Runtime.Loader;

namespace Valkey.Host.Plugins;

/// <summary>Where a plugin's assemblies live.</summary>
internal sealed class PluginLoadContext : AssemblyLoadContext
{
    private readonly AssemblyDependencyResolver _dependencies;

    /// <summary>For the plugin whose main assembly lies at this path.</summary>
    /// <exception cref="InvalidOperationException">Its .deps.json cannot be read.</exception>
    public PluginLoadContext(string assemblyPath, bool isCollectible) : base(assemblyPath, isCollectible) =>
        _dependencies = new AssemblyDependencyResolver(assemblyPath);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (IsShared(assemblyName.Name)) return null; // the host's copy
        return _dependencies.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _dependencies.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

    // A pattern and not a set: the compiler makes a jump by length of it, and nothing has to be built at start.
    private static bool IsShared(string? assemblyName) => assemblyName is
        "Valkey.Abstractions"
        or "Valkey.Structures"
        or "System.Composition.AttributedModel"
        or "System.Composition.Convention"
        or "System.Composition.Hosting"
        or "System.Composition.Runtime"
        or "System.Composition.TypedParts"
        or "NLog";
}
