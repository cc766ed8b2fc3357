// From a file to a running plugin, in this order: refuse by the file's metadata, load the assembly into a context of its
// own, let MEF create the one export, let it register. Holds always: when any step fails, what the steps before it did is
// taken back, and the one exception that comes out is a line with the file and the reason.

using System.Composition.Hosting;
using System.Reflection;
using Valkey.Abstractions;
using Valkey.Host.Configuration;

namespace Valkey.Host.Plugins;

/// <summary>Loads plugins. Command thread only.</summary>
internal sealed class PluginLoader(IPluginHost host)
{
    /// <summary>Loads one plugin.</summary>
    /// <param name="source">What to load.</param>
    /// <param name="givenOptions">Values for its options, over those of the configuration.</param>
    /// <param name="nameIsFree">Throws when the name belongs to a plugin that is loaded already.</param>
    /// <exception cref="PluginLoadException">It could not be loaded; nothing of it is left.</exception>
    public LoadedPlugin Load(PluginSource source, ModuleOptionValues givenOptions, Action<string> nameIsFree)
    {
        string path = source.AssemblyPath();
        PluginImage image = PluginImage.Read(path);
        string exportedClass = PluginContract.Check(image);

        PluginLoadContext? assemblies = null;
        CompositionHost? container = null;
        PluginContext? context = null;
        try
        {
            assemblies = new PluginLoadContext(path, isCollectible: source.IsModule);
            container = PluginExportProvider.Compose(assemblies.LoadFile(path), exportedClass, image.UsesImports);
            IValkeyPlugin plugin = container.GetExport<IValkeyPlugin>();
            RefuseBadIdentity(plugin);
            nameIsFree(plugin.Name);
            context = new PluginContext(
                host, plugin.Name, source.IsModule, Path.GetDirectoryName(path)!, source.Arguments, givenOptions);
            plugin.Load(context);
            if (givenOptions.Unused is { } names) throw new InvalidOperationException("it has no such option: " + names);
            return new LoadedPlugin(source, plugin, context, container, assemblies);
        }
        catch (Exception e)
        {
            context?.Close();
            container?.Dispose();
            if (source.IsModule) assemblies?.Unload();
            if (e is FatalConfigException) throw; // the operator's line is wrong, not the plugin
            throw new PluginLoadException(path, Reason(e), e);
        }
    }

    private static void RefuseBadIdentity(IValkeyPlugin plugin)
    {
        if (plugin.Version is null) throw new InvalidOperationException("it states no version");
        string name = plugin.Name ?? "";
        if (!IsGoodName(name)) throw new InvalidOperationException($"its name '{name}' is not made of a-z, 0-9, '-' and '_'");
    }

    // It is an owner, a log prefix and the front of option names.
    private static bool IsGoodName(string name)
    {
        foreach (char letter in name)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter is not ('-' or '_')) return false;
        }

        return name.Length > 0;
    }

    // The reason is what the plugin's author can act on: not that an initializer failed, but what failed in it.
    private static string Reason(Exception exception)
    {
        Exception cause = exception;
        while (cause is TargetInvocationException or TypeInitializationException && cause.InnerException is { } inner)
            cause = inner;
        if (cause is ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] }) cause = first;
        return cause.GetType() == typeof(InvalidOperationException) || cause is NameTakenException
            ? cause.Message
            : $"{cause.GetType().Name}: {cause.Message}";
    }
}
