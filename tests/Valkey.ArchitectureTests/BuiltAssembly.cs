// What a built assembly references, read from its metadata: nothing of it is loaded.

using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Valkey.ArchitectureTests;

/// <summary>A DLL in artifacts/bin.</summary>
/// <param name="Name">Without folder and extension.</param>
/// <param name="References">Names of the assemblies that its code uses.</param>
internal sealed record BuiltAssembly(string Name, IReadOnlyList<string> References)
{
    private static readonly string s_bin = Path.Combine(TestEnvironment.RepositoryRoot, "artifacts", "bin");

    /// <summary>Of the host's folder.</summary>
    public static BuiltAssembly OfHost(string name) => Read(Path.Combine(s_bin, "lib", name + ".dll"));

    /// <summary>Folders of plugins and modules that belong to projects of this repository.</summary>
    public static IEnumerable<string> PluginFolders()
    {
        foreach (SourceFile project in SourceTree.Projects)
        {
            string name = Path.GetFileNameWithoutExtension(project.Path);
            if (project.IsBelow("plugins")) yield return Path.Combine(s_bin, "plugins", name);
            if (project.IsBelow("modules-samples")) yield return Path.Combine(s_bin, "modules", name);
        }
    }

    /// <summary>The main assembly of each.</summary>
    public static IEnumerable<BuiltAssembly> Plugins()
    {
        foreach (string folder in PluginFolders()) yield return Read(Path.Combine(folder, Path.GetFileName(folder) + ".dll"));
    }

    private static BuiltAssembly Read(string path)
    {
        using PEReader file = new(File.OpenRead(path));
        MetadataReader metadata = file.GetMetadataReader();
        List<string> references = [];
        foreach (AssemblyReferenceHandle handle in metadata.AssemblyReferences)
            references.Add(metadata.GetString(metadata.GetAssemblyReference(handle).Name));
        return new BuiltAssembly(Path.GetFileNameWithoutExtension(path), references);
    }
}
