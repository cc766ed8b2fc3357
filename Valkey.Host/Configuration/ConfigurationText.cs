// Reads configuration text: one directive a line, '#' comments, words quoted as in ArgumentLine, and `include` with globs,
// whose directives stand where the include stood. Options are not known here: what a directive means is decided when an
// option of that name is registered, because plugins bring theirs later.

using Valkey.Host.Text;

namespace Valkey.Host.Configuration;

internal static class ConfigurationText
{
    /// <summary>Includes nested deeper than this are taken for a circle.</summary>
    private const int IncludeDepthMax = 32;

    /// <summary>The directives of a text in order.</summary>
    /// <exception cref="FatalConfigException">A line cannot be read.</exception>
    public static List<ConfigDirective> Parse(ReadOnlySpan<byte> text, int firstLineNumber = 1)
    {
        List<ConfigDirective> directives = [];
        Append(directives, text, firstLineNumber, depth: 0);
        return directives;
    }

    private static void Append(List<ConfigDirective> directives, ReadOnlySpan<byte> text, int firstLineNumber, int depth)
    {
        int lineNumber = firstLineNumber;
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range].Trim(" \t\r\n"u8);
            if (!line.IsEmpty && line[0] != '#') AppendLine(directives, line, lineNumber, depth);
            lineNumber++;
        }
    }

    private static void AppendLine(List<ConfigDirective> directives, ReadOnlySpan<byte> line, int lineNumber, int depth)
    {
        string lineText = ByteText.FromBytes(line);
        List<string>? words = ArgumentLine.Split(line);
        if (words is null)
            throw new FatalConfigException(
                "Unbalanced quotes in configuration line", new ConfigDirective("", [], lineNumber, lineText));
        if (words.Count == 0) return;

        ConfigDirective directive = new(words[0].ToLowerInvariant(), words[1..], lineNumber, lineText);
        if (directive.Name == "include" && directive.Arguments.Count == 1)
        {
            if (depth == IncludeDepthMax) throw new FatalConfigException("Too many nested includes", directive);
            foreach (string path in FileGlob.Expand(directive.Arguments[0]))
                Append(directives, ReadFile(path), firstLineNumber: 1, depth + 1);
            return;
        }

        directives.Add(directive);
    }

    /// <summary>The bytes of a configuration file.</summary>
    /// <exception cref="StartupException">The file cannot be read.</exception>
    public static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Fatal error, can't open config file '{path}': {Reason(failure, path)}");
        }
    }

    private static string Reason(Exception failure, string path) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "No such file or directory",
        UnauthorizedAccessException when Directory.Exists(path) => "Is a directory",
        UnauthorizedAccessException => "Permission denied",
        _ => failure.Message,
    };
}

/// <summary>A reason not to start that is one line of the log; the caller exits with 1.</summary>
internal sealed class StartupException(string message) : InvalidOperationException(message);
