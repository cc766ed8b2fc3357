// The arrows: plugins -> Valkey.Structures and Valkey.Abstractions -> nothing; the host -> both, and never a plugin.
// Held twice: by the project files, which say what may be used, and by the built assemblies, which say what is used.

using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Valkey.ArchitectureTests;

public sealed partial class DependencyTests
{
    private const string Abstractions = "Valkey.Abstractions";
    private const string Structures = "Valkey.Structures";
    private const string Generators = "Valkey.Generators";
    private const string MefAttributes = "System.Composition.AttributedModel";

    private static readonly HashSet<string> s_framework = ReadFramework();

    [Theory]
    [InlineData(Abstractions)]
    [InlineData(Structures)]
    public void Contracts_and_structures_know_nothing_but_the_framework(string name)
    {
        Assert.Empty(Foreign(BuiltAssembly.OfHost(name)));
        SourceFile project = Assert.Single(SourceTree.Projects, file => file.Path == $"{name}/{name}.csproj");
        Assert.Empty(ProjectsOf(project));
        Assert.Empty(PackagesOf(project));
    }

    [Fact]
    public void Plugins_and_modules_know_only_contracts_and_structures()
    {
        BuiltAssembly[] plugins = [.. BuiltAssembly.Plugins()];

        Assert.NotEmpty(plugins);
        Assert.All(plugins, plugin => Assert.Empty(
            Foreign(plugin).Except([Abstractions, Structures, MefAttributes]).Select(name => $"{plugin.Name} uses {name}")));
    }

    [Fact]
    public void Projects_of_plugins_and_modules_reference_only_contracts_structures_and_the_generator()
    {
        SourceFile[] projects = [.. SourceTree.Projects.Where(file => file.IsBelow("plugins", "modules-samples"))];

        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.Empty(
            ProjectsOf(project).Except([Abstractions, Structures, Generators]).Select(name => $"{project.Path} -> {name}")));
    }

    [Fact]
    public void The_host_references_no_plugin()
    {
        string[] plugins = [.. BuiltAssembly.PluginFolders().Select(path => Path.GetFileName(path))];
        SourceFile project = Assert.Single(SourceTree.Projects, file => file.Path == "Valkey.Host/Valkey.Host.csproj");

        Assert.Empty(BuiltAssembly.OfHost("valkey-server").References.Intersect(plugins));
        Assert.Equal([Abstractions, Structures], ProjectsOf(project).Except([Generators]).Order());
    }

    [Fact]
    public void No_plugin_s_folder_holds_a_copy_of_what_the_host_shares()
    {
        string[] shared = [Abstractions, Structures, "NLog", "System.Composition."];
        IEnumerable<string> files = BuiltAssembly.PluginFolders().SelectMany(folder => Directory.GetFiles(folder, "*.dll"));

        Assert.DoesNotContain(
            files, file => Array.Exists(shared, name => Path.GetFileName(file).StartsWith(name, StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Foreign(BuiltAssembly assembly) => assembly.References.Where(name => !s_framework.Contains(name));

    private static IEnumerable<string> ProjectsOf(SourceFile project) => Includes(project, ProjectReference())
        .Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    private static IEnumerable<string> PackagesOf(SourceFile project) => Includes(project, PackageReference());

    private static IEnumerable<string> Includes(SourceFile project, Regex reference) =>
        reference.Matches(string.Join('\n', project.Lines)).Select(match => match.Groups[1].Value);

    private static HashSet<string> ReadFramework() =>
        [.. Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll").Select(path => Path.GetFileNameWithoutExtension(path)!)];

    [GeneratedRegex("<ProjectReference\\s+Include=\"([^\"]+)\"")]
    private static partial Regex ProjectReference();

    [GeneratedRegex("<PackageReference\\s+Include=\"([^\"]+)\"")]
    private static partial Regex PackageReference();
}
