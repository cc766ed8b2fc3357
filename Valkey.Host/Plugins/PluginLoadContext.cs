// One per plugin: what it brings along stays its own, by its .deps.json, so two plugins may use two versions of a library.
// Holds always: what is shared comes from the host even when the plugin's folder holds a copy. With a copy the plugin would
// load and simply not be an IValkeyPlugin, without any error. What a shared assembly references must be shared too.
//
// What can leave again is loaded from a copy in memory: its author builds it anew while the server runs, and overwriting a
// file that is mapped ends the process. What stays is mapped, which is how its precompiled code, if it has some, is used.

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

    /// <summary>Loads the assembly in this file, and its symbols where they lie beside it.</summary>
    public Assembly LoadFile(string path)
    {
        if (!IsCollectible) return LoadFromAssemblyPath(path);

        string symbolsPath = Path.ChangeExtension(path, ".pdb");
        using MemoryStream assembly = new(File.ReadAllBytes(path));
        using MemoryStream? symbols = File.Exists(symbolsPath) ? new MemoryStream(File.ReadAllBytes(symbolsPath)) : null;
        return LoadFromStream(assembly, symbols);
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (IsShared(assemblyName.Name)) return null; // the host's copy
        return _dependencies.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFile(path) : null;
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
