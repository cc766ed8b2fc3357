// The words of a manifest's line, quoted as the configuration file quotes: words separated by blanks, "double quotes" with
// escapes (\n \r \t \a \b \xHH, any other character stands for itself), 'single quotes' with \' only.
// Holds always: splitting what QuoteWhereNeeded wrote gives the word back.

using System.Globalization;
using System.Text;

namespace Valkey.Aof.Files;

internal static class ManifestWords
{
    /// <summary>The words of a line. Null when its quotes are unbalanced or a closing quote is not followed by a blank.</summary>
    public static List<string>? Split(ReadOnlySpan<byte> line)
    {
        List<string> words = [];
        byte[] word = new byte[line.Length];
        int position = 0;
        while (true)
        {
            while (position < line.Length && IsBlank(line[position])) position++;
            if (position == line.Length) return words;
            if (!TryReadWord(line, ref position, word, out int length)) return null;
            words.Add(Encoding.UTF8.GetString(word, 0, length));
        }
    }

    /// <summary>The word as it is when it consists of printable ASCII without blanks, quotes and backslashes, else in quotes.</summary>
    public static string QuoteWhereNeeded(string word)
    {
        foreach (char letter in word)
        {
            if (letter is <= ' ' or > '~' or '"' or '\'' or '\\') return Quote(word);
        }

        return word.Length == 0 ? "\"\"" : word;
    }

    /// <summary>What the format counts as a blank.</summary>
    public static bool IsBlank(byte letter) => letter is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');

    private static string Quote(string word)
    {
        StringBuilder text = new(word.Length + 2);
        text.Append('"');
        foreach (byte letter in Encoding.UTF8.GetBytes(word))
        {
            _ = letter switch
            {
                (byte)'\\' or (byte)'"' => text.Append('\\').Append((char)letter),
                (byte)'\n' => text.Append("\\n"),
                (byte)'\r' => text.Append("\\r"),
                (byte)'\t' => text.Append("\\t"),
                (byte)'\a' => text.Append("\\a"),
                (byte)'\b' => text.Append("\\b"),
                >= (byte)' ' and <= (byte)'~' => text.Append((char)letter),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{letter:x2}"),
            };
        }

        return text.Append('"').ToString();
    }

    private static bool TryReadWord(ReadOnlySpan<byte> line, ref int position, Span<byte> word, out int length)
    {
        length = 0;
        while (position < line.Length)
        {
            byte letter = line[position++];
            if (IsBlank(letter)) return true;
            if (letter is not ((byte)'"' or (byte)'\''))
            {
                word[length++] = letter;
                continue;
            }

            return TryReadQuoted(line, letter, ref position, word, ref length)
                && (position == line.Length || IsBlank(line[position]));
        }

        return true;
    }

    private static bool TryReadQuoted(ReadOnlySpan<byte> line, byte quote, ref int position, Span<byte> word, ref int length)
    {
        while (position < line.Length)
        {
            byte letter = line[position++];
            if (letter == quote) return true;
            bool escapes = letter == '\\' && position < line.Length && (quote == '"' || line[position] == '\'');
            if (escapes) letter = quote == '"' ? ReadEscape(line, ref position) : line[position++];
            word[length++] = letter;
        }

        return false;
    }

    private static byte ReadEscape(ReadOnlySpan<byte> line, ref int position)
    {
        byte kind = line[position++];
        bool isHex = kind == 'x' && position + 1 < line.Length
            && char.IsAsciiHexDigit((char)line[position]) && char.IsAsciiHexDigit((char)line[position + 1]);
        if (isHex)
        {
            position += 2;
            return byte.Parse(line.Slice(position - 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return kind switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'b' => (byte)'\b',
            (byte)'a' => (byte)'\a',
            _ => kind,
        };
    }
}
