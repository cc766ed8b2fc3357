// Reads a manifest: lines of key and value pairs, of which file, seq and type must be there. Keys that are not known are passed
// over, so that a later version may add some; a line that begins with # is a comment.
//
// Holds always: a manifest is returned whole or not at all. Whatever the bytes are, the outcome is a manifest or one
// ManifestException with the line and the reason.

using System.Text;

namespace Valkey.Aof.Files;

/// <summary>A manifest cannot be read.</summary>
/// <param name="reason">Why, in Valkey's words.</param>
/// <param name="lineNumber">Of the line that is wrong, from 1.</param>
/// <param name="line">That line; null when it is no line that is wrong.</param>
internal sealed class ManifestException(string reason, int lineNumber, string? line) : Exception(reason)
{
    /// <summary>The line that is wrong, from 1.</summary>
    public int LineNumber { get; } = lineNumber;

    /// <summary>Its text; null when it is no line that is wrong.</summary>
    public string? Line { get; } = line;

    /// <summary>What the log says.</summary>
    public IEnumerable<string> Report()
    {
        yield return "*** FATAL AOF MANIFEST FILE ERROR ***";
        if (Line is not null)
        {
            yield return $"Reading the manifest file, at line {LineNumber}";
            yield return $">>> '{Line}'";
        }

        yield return Message;
    }
}

internal static class ManifestReader
{
    /// <summary>A line may have so many bytes, its end included.</summary>
    public const int LineBytesMax = 1024;

    private const string InvalidFormat = "Invalid AOF manifest file format";
    private const int WordsMin = 6;

    /// <summary>Reads the text of a manifest.</summary>
    /// <exception cref="ManifestException">It is none.</exception>
    public static AofManifest Parse(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) throw new ManifestException("Found an empty AOF manifest", 0, null);
        AofManifest manifest = new();
        for (int lineNumber = 1; !text.IsEmpty; lineNumber++)
        {
            ReadOnlySpan<byte> piece = NextPiece(ref text);
            if (piece[0] == '#') continue;
            if (piece[^1] != '\n' || piece.Contains((byte)0))
                throw new ManifestException("The AOF manifest file contains too long line", lineNumber, null);
            ReadOnlySpan<byte> line = piece.Trim(" \t\r\n"u8);
            if (ParseLine(line, manifest) is { } error)
                throw new ManifestException(error, lineNumber, Encoding.UTF8.GetString(line));
        }

        return manifest;
    }

    /// <summary>The next line with its end, or as much of it as a line may have.</summary>
    private static ReadOnlySpan<byte> NextPiece(ref ReadOnlySpan<byte> text)
    {
        int end = text[..Math.Min(text.Length, LineBytesMax)].IndexOf((byte)'\n');
        int length = end >= 0 ? end + 1 : Math.Min(text.Length, LineBytesMax);
        ReadOnlySpan<byte> piece = text[..length];
        text = text[length..];
        return piece;
    }

    private static string? ParseLine(ReadOnlySpan<byte> line, AofManifest manifest)
    {
        List<string>? words = ManifestWords.Split(line);
        if (words is null || words.Count < WordsMin || words.Count % 2 != 0) return InvalidFormat;

        string? name = null;
        long sequence = 0;
        char type = '\0';
        for (int i = 0; i < words.Count; i += 2)
        {
            string value = words[i + 1];
            if (Is(words[i], "file")) name = value;
            else if (Is(words[i], "seq")) sequence = LeadingNumber(value);
            else if (Is(words[i], "type")) type = value.Length == 0 ? '\0' : value[0];
            if (name is not null && name.AsSpan().ContainsAny('/', '\\')) return "File can't be a path, just a filename";
        }

        if (name is null || sequence == 0 || type == '\0') return InvalidFormat;
        return manifest.Add(new AofFile(name, sequence, type <= byte.MaxValue ? (AofFileType)type : 0));
    }

    private static bool Is(string word, string key) => word.Equals(key, StringComparison.OrdinalIgnoreCase);

    /// <summary>The number that a word begins with, 0 when it begins with none, as C's atoll reads it.</summary>
    private static long LeadingNumber(string word)
    {
        ReadOnlySpan<char> digits = word.AsSpan().TrimStart(" \t\n\v\f\r");
        bool isNegative = digits is ['-', ..];
        if (digits is ['-' or '+', ..]) digits = digits[1..];
        long number = 0;
        foreach (char digit in digits)
        {
            if (!char.IsAsciiDigit(digit)) break;
            if (number > (long.MaxValue - 9) / 10) return isNegative ? long.MinValue : long.MaxValue;
            number = (number * 10) + (digit - '0');
        }

        return isNegative ? -number : number;
    }
}
