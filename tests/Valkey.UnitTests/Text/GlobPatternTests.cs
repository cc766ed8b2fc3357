// The matcher against examples and against a plain recursive model of the same rules.

using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Valkey.Structures;
using Xunit;

namespace Valkey.UnitTests.Text;

public sealed class GlobPatternTests
{
    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("h?llo", "hello", true)]
    [InlineData("h?llo", "hllo", false)]
    [InlineData("h*llo", "heeeello", true)]
    [InlineData("h*l*o", "hello", true)]
    [InlineData("h[ae]llo", "hallo", true)]
    [InlineData("h[ae]llo", "hillo", false)]
    [InlineData("h[^e]llo", "hallo", true)]
    [InlineData("h[^e]llo", "hello", false)]
    [InlineData("h[a-b]llo", "hbllo", true)]
    [InlineData("h[b-a]llo", "hallo", true)]
    [InlineData("h\\*llo", "h*llo", true)]
    [InlineData("h\\*llo", "hello", false)]
    [InlineData("[abc", "c", true)]
    [InlineData("[\\]]", "]", true)]
    [InlineData("[]", "a", false)]
    [InlineData("a\\", "a\\", true)]
    [InlineData("**a**", "xxaxx", true)]
    [InlineData("a*", "a", true)]
    [InlineData("", "", true)]
    [InlineData("*", "", false)]
    [InlineData("", "a", false)]
    public void A_pattern_matches_as_the_protocol_says(string pattern, string text, bool expected) =>
        Assert.Equal(expected, Match(pattern, text, ignoreCase: false));

    [Theory]
    [InlineData("MAX*", "maxmemory", true)]
    [InlineData("[M-N]ax", "max", true)]
    [InlineData("[\\M]ax", "max", false)]
    public void Case_can_be_ignored(string pattern, string text, bool expected) =>
        Assert.Equal(expected, Match(pattern, text, ignoreCase: true));

    [Fact]
    public async Task A_pattern_of_many_stars_ends_soon()
    {
        string pattern = string.Concat(Enumerable.Repeat("a*", 500)) + "b";
        string text = new('a', 100_000);

        bool isMatch = await Task.Run(() => Match(pattern, text, ignoreCase: false)).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.False(isMatch);
    }

    [Fact]
    public void Patterns_beyond_a_thousand_stars_do_not_match()
    {
        string few = string.Concat(Enumerable.Repeat("*a", 1000));
        string many = string.Concat(Enumerable.Repeat("*a", 1001));

        Assert.True(Match(few, new string('a', 1000), ignoreCase: false));
        Assert.False(Match(many, new string('a', 1001), ignoreCase: false));
    }

    [Fact]
    public void The_matcher_agrees_with_a_plain_model()
    {
        Gen<string> patterns = Gen.Elements('a', 'b', 'c', 'B', '*', '*', '?', '[', ']', '^', '-', '\\').ArrayOf()
            .Select(letters => new string(letters));
        Gen<string> texts = Gen.Elements('a', 'b', 'c', 'B', '^', '-', ']').ArrayOf().Select(letters => new string(letters));

        Prop.ForAll(
            Arb.From(patterns), Arb.From(texts), Arb.From(Gen.Elements(true, false)),
            (pattern, text, ignoreCase) =>
                (Match(pattern, text, ignoreCase) == Model(pattern, text, ignoreCase)).Label($"'{pattern}' on '{text}'"))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    private static bool Match(string pattern, string text, bool ignoreCase) =>
        GlobPattern.Matches(Encoding.Latin1.GetBytes(pattern), Encoding.Latin1.GetBytes(text), ignoreCase);

    /// <summary>The same rules by trying everything. An empty text is only matched by an empty pattern.</summary>
    private static bool Model(string pattern, string text, bool ignoreCase)
    {
        if (text.Length == 0) return pattern.Length == 0;
        return Rest(0, 0);

        bool Rest(int p, int t)
        {
            if (p == pattern.Length) return t == text.Length;
            if (pattern[p] == '*')
            {
                for (int skipped = t; skipped <= text.Length; skipped++)
                {
                    if (Rest(p + 1, skipped)) return true;
                }

                return false;
            }

            if (t == text.Length) return false;
            (bool isMatch, int next) = Element(p, text[t]);
            return isMatch && Rest(next, t + 1);
        }

        (bool IsMatch, int Next) Element(int p, char letter)
        {
            if (pattern[p] == '?') return (true, p + 1);
            if (pattern[p] == '[') return Class(p + 1, letter);
            if (pattern[p] == '\\' && p + 1 < pattern.Length) p++;
            return (Fold(pattern[p]) == Fold(letter), p + 1);
        }

        (bool IsMatch, int Next) Class(int p, char letter)
        {
            bool isNegated = p < pattern.Length && pattern[p] == '^';
            if (isNegated) p++;
            HashSet<char> exact = [], folded = [];
            for (; p < pattern.Length && pattern[p] != ']'; p++)
            {
                if (pattern[p] == '\\' && p + 1 < pattern.Length)
                {
                    exact.Add(pattern[++p]);
                }
                else if (p + 2 < pattern.Length && pattern[p + 1] == '-')
                {
                    char first = (char)Math.Min(pattern[p], pattern[p + 2]), last = (char)Math.Max(pattern[p], pattern[p + 2]);
                    if (Fold(letter) >= Fold(first) && Fold(letter) <= Fold(last)) exact.Add(letter);
                    p += 2;
                }
                else
                {
                    folded.Add(Fold(pattern[p]));
                }
            }

            bool isIn = exact.Contains(letter) || folded.Contains(Fold(letter));
            return (isIn != isNegated, Math.Min(p + 1, pattern.Length));
        }

        char Fold(char letter) => ignoreCase ? char.ToLowerInvariant(letter) : letter;
    }
}
