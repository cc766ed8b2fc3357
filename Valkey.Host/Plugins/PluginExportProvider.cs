// How MEF creates a plugin: one export, the class that the metadata named, made by its constructor without arguments.
//
// MEF's own way (WithPart, WithAssembly) compiles an expression tree per part; the first one costs 40 ms of a
// start, this provider 17 (eight plugins in all: 41 against 17 ms; plain activation 6; docs/writing-a-module.md has
// the figures). A plugin that uses more of MEF than [Export], imports for example, is composed by MEF in full.

using System.Composition.Hosting;
using System.Composition.Hosting.Core;
using System.Reflection;
using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>Offers a plugin's class as <see cref="IValkeyPlugin"/> to its container.</summary>
internal sealed class PluginExportProvider(Type pluginClass) : ExportDescriptorProvider
{
    /// <summary>The container of one plugin.</summary>
    public static CompositionHost Compose(Assembly assembly, string exportedClass, bool usesImports)
    {
        ContainerConfiguration configuration = new();
        if (usesImports) return configuration.WithAssembly(assembly).CreateContainer();

        Type pluginClass = assembly.GetType(exportedClass, throwOnError: true)!;
        return configuration.WithProvider(new PluginExportProvider(pluginClass)).CreateContainer();
    }

    /// <inheritdoc/>
    public override IEnumerable<ExportDescriptorPromise> GetExportDescriptors(
        CompositionContract contract, DependencyAccessor descriptorAccessor)
    {
        if (contract.ContractType != typeof(IValkeyPlugin)) return NoExportDescriptors;
        return [new ExportDescriptorPromise(contract, pluginClass.FullName!, isShared: true, NoDependencies, Describe)];
    }

    private ExportDescriptor Describe(IEnumerable<CompositionDependency> dependencies) =>
        ExportDescriptor.Create((_, _) => CreatePlugin(), NoMetadata);

    private object CreatePlugin()
    {
        try
        {
            return Activator.CreateInstance(pluginClass)!;
        }
        catch (MissingMethodException)
        {
            throw new InvalidOperationException($"{pluginClass.FullName} has no public constructor without arguments");
        }
    }
}
