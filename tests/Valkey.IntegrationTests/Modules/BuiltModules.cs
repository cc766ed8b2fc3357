// Where the build has put the sample modules and the plugins that are wrong on purpose.

namespace Valkey.IntegrationTests.Modules;

internal static class BuiltModules
{
    /// <summary>Lines of a configuration file that let clients load modules.</summary>
    public const string Allowed = "enable-module-command yes";

    /// <summary>The server's own plugins, a folder each.</summary>
    public static string Plugins => Path.Combine(TestEnvironment.RepositoryRoot, "artifacts", "bin", "plugins");

    /// <summary>Folder of a sample module.</summary>
    public static string Sample(string name) =>
        Existing(Path.Combine(TestEnvironment.RepositoryRoot, "artifacts", "bin", "modules", name));

    /// <summary>Folder of a plugin that only tests load.</summary>
    public static string Fixture(string name) =>
        Existing(Path.Combine(TestEnvironment.RepositoryRoot, "artifacts", "fixtures", name));

    /// <summary>A server that has loaded a sample module from its configuration file.</summary>
    public static ServerOptions With(string sample, params string[] config) =>
        new() { Config = [Allowed, "loglevel verbose", $"loadmodule {Sample(sample)}", .. config] };

    private static string Existing(string folder)
    {
        TestEnvironment.SkipUnlessOurServer();
        return Directory.Exists(folder) ? folder : throw new DirectoryNotFoundException($"{folder} was not built.");
    }
}
