// The files of the repository as its author sees them: without what the build and version control put there.

namespace Valkey.ArchitectureTests;

/// <summary>A file with its path below the repository's root.</summary>
/// <param name="Path">With slashes, as in <c>Valkey.Host/Server.cs</c>.</param>
/// <param name="Lines">Its lines.</param>
internal sealed record SourceFile(string Path, string[] Lines)
{
    public bool IsBelow(params ReadOnlySpan<string> folders)
    {
        foreach (string folder in folders)
        {
            if (Path.StartsWith(folder + "/", StringComparison.Ordinal)) return true;
        }

        return false;
    }
}

/// <summary>All files, read once.</summary>
internal static class SourceTree
{
    private static readonly string[] s_leftOut = ["bin", "obj", "artifacts", ".git", "TestResults", "node_modules"];

    private static readonly string[] s_textFiles =
        [".cs", ".csproj", ".props", ".targets", ".md", ".sh", ".json", ".conf", ".py", ".txt", ".yml", ".tcl", ".sln"];

    /// <summary>Every text file.</summary>
    public static IReadOnlyList<SourceFile> All { get; } = [.. Read(TestEnvironment.RepositoryRoot)];

    /// <summary>C# files.</summary>
    public static IEnumerable<SourceFile> CSharp =>
        All.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>Project files.</summary>
    public static IEnumerable<SourceFile> Projects =>
        All.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal));

    private static IEnumerable<SourceFile> Read(string folder)
    {
        foreach (string path in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            bool isText = s_textFiles.Contains(Path.GetExtension(path)) || Path.GetFileName(path) == "Makefile";
            if (isText) yield return new SourceFile(Relative(path), File.ReadAllLines(path));
        }

        foreach (string inner in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (s_leftOut.Contains(Path.GetFileName(inner))) continue;
            foreach (SourceFile file in Read(inner)) yield return file;
        }
    }

    private static string Relative(string path) => Path.GetRelativePath(TestEnvironment.RepositoryRoot, path).Replace('\\', '/');
}
