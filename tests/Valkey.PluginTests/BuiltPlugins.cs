// Where the build has put the plugins that are tested: artifacts/ below the solution.

namespace Valkey.PluginTests;

internal static class BuiltPlugins
{
    private static readonly string s_root = FindRoot();

    public static string Fixture(string name) => File(Path.Combine(s_root, "artifacts", "fixtures", name, name + ".dll"));

    public static string Sample(string name) =>
        File(Path.Combine(s_root, "artifacts", "bin", "modules", name, name + ".dll"));

    private static string File(string path) =>
        System.IO.File.Exists(path)
            ? path
            : throw new FileNotFoundException("The test project's build should have made it.", path);

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !System.IO.File.Exists(Path.Combine(directory.FullName, "Valkey.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("The tests run outside of the repository.");
    }
}
