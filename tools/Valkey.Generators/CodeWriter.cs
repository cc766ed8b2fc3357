// CodeWriter.cs: indented lines of C#, and literals of it. Lines end in '\n' on every system, so that a build is the
// same everywhere and the multi-line strings in it are too.

using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Valkey.Generators;

internal sealed class CodeWriter
{
    private const int IndentSize = 4;

    private readonly StringBuilder _text = new();
    private int _depth;

    public static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    public void Line(string line = "")
    {
        if (line.Length > 0) _text.Append(' ', _depth * IndentSize).Append(line);
        _text.Append('\n');
    }

    public void Open(string bracket = "{")
    {
        Line(bracket);
        _depth++;
    }

    public void Close(string bracket = "}")
    {
        _depth--;
        Line(bracket);
    }

    /// <summary>Writes a last line inside a bracket that the line itself closes.</summary>
    public void CloseWith(string line)
    {
        Line(line);
        _depth--;
    }

    /// <summary>Writes <c>name = """text""",</c> over several lines, in as many quotes as the text needs.</summary>
    public void RawString(string name, string text)
    {
        string quotes = new('"', System.Math.Max(3, LongestRunOfQuotes(text) + 1));
        Line($"{name} = {quotes}");
        _depth++;
        foreach (string line in text.Split('\n')) Line(line);
        Line($"{quotes},");
        _depth--;
    }

    public override string ToString() => _text.ToString();

    private static int LongestRunOfQuotes(string text)
    {
        int longest = 0;
        int run = 0;
        foreach (char c in text)
        {
            run = c == '"' ? run + 1 : 0;
            if (run > longest) longest = run;
        }
        return longest;
    }
}
