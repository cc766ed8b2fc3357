// The facts files of this repository themselves: each is readable, complete for documentation, and in order.

using System.Text;
using Xunit;

namespace Valkey.Generators.Tests;

public sealed class FactsFilesTests
{
    public static TheoryData<string> Files => [.. FindFiles()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Facts_are_readable_documented_and_in_order(string path)
    {
        string text = File.ReadAllText(Path.Combine(Root(), path), Encoding.UTF8);
        IReadOnlyList<CommandFacts> commands = FactsReader.Read(text);

        IEnumerable<string> names = commands.Select(command => command.Name);

        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Contains("\"summary\": \"", command.Documentation, StringComparison.Ordinal));
        Assert.All(commands, command => Assert.Contains("\"complexity\": \"", command.Documentation, StringComparison.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public void A_command_is_described_by_one_file_only()
    {
        IEnumerable<string> twice = FindFiles()
            .SelectMany(path => FactsReader.Read(File.ReadAllText(Path.Combine(Root(), path), Encoding.UTF8)))
            .GroupBy(command => command.Name)
            .Where(same => same.Count() > 1)
            .Select(same => same.Key);
        Assert.Empty(twice);
    }

    private static IEnumerable<string> FindFiles()
    {
        string root = Root();
        return new[] { "Valkey.Host", "plugins" }
            .Select(folder => Path.Combine(root, folder))
            .SelectMany(folder => Directory.EnumerateFiles(folder, FactsFile.FileName, SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(root, path))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Directory.Build.props"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
