// Rules about files that no analyzer checks. A failure lists the files.

using System.Text.RegularExpressions;

namespace Valkey.ArchitectureTests;

public sealed partial class SourceRuleTests
{
    private const int FileLinesMax = 700;
    private const int LinesWithoutHeadCommentMax = 60;

    private static readonly string[] s_product = ["Valkey.Host", "Valkey.Structures", "Valkey.Abstractions", "plugins"];

    // These files name what they forbid.
    private const string This = "tests/Valkey.ArchitectureTests/SourceRuleTests.cs";

    [Fact]
    public void No_file_is_longer_than_a_reader_can_hold()
    {
        Assert.Empty(SourceTree.CSharp
            .Where(file => file.Lines.Length > FileLinesMax)
            .Select(file => $"{file.Path}: {file.Lines.Length} lines, at most {FileLinesMax}"));
    }

    [Fact]
    public void A_longer_file_begins_by_saying_what_it_is_about()
    {
        Assert.Empty(SourceTree.CSharp
            .Where(file => file.IsBelow(s_product) && file.Lines.Length > LinesWithoutHeadCommentMax)
            .Where(file => !file.Lines[0].StartsWith("//", StringComparison.Ordinal))
            .Select(file => file.Path));
    }

    [Fact]
    public void Nothing_is_folded_away_or_left_for_later()
    {
        Assert.Empty(Offences(SourceTree.CSharp, LeftForLater()));
    }

    [Fact]
    public void No_file_names_a_place_that_is_only_on_its_author_s_machine()
    {
        Assert.Empty(Offences(SourceTree.All, PrivatePath()));
    }

    [Fact]
    public void Tests_are_named_by_sentences()
    {
        List<string> offences = [];
        foreach (SourceFile file in SourceTree.CSharp.Where(file => file.IsBelow("tests")))
        {
            MatchCollection tests = TestMethod().Matches(string.Join('\n', file.Lines));
            offences.AddRange(tests
                .Select(test => test.Groups["name"].Value)
                .Where(name => !name.Contains('_', StringComparison.Ordinal))
                .Select(name => $"{file.Path}: {name}"));
        }

        Assert.Empty(offences);
    }

    private static IEnumerable<string> Offences(IEnumerable<SourceFile> files, Regex forbidden)
    {
        foreach (SourceFile file in files)
        {
            if (file.Path == This) continue;
            for (int i = 0; i < file.Lines.Length; i++)
            {
                if (forbidden.IsMatch(file.Lines[i])) yield return $"{file.Path}:{i + 1}: {file.Lines[i].Trim()}";
            }
        }
    }

    [GeneratedRegex(@"^\s*#region|NotImplementedException|\b(TODO|FIXME|XXX|HACK)\b")]
    private static partial Regex LeftForLater();

    [GeneratedRegex("(?<![A-Za-z0-9_.])/(root|home)/")]
    private static partial Regex PrivatePath();

    // An attribute that ends in Fact or Theory, further attributes, then the method.
    [GeneratedRegex(
        @"\[(Skippable)?(Fact|Theory)\b[^\n]*\n(\s*\[[^\n]*\n|\s+""[^\n]*\n)*\s*public\s+(async\s+)?[\w<>]+\s+(?<name>\w+)\(")]
    private static partial Regex TestMethod();
}
