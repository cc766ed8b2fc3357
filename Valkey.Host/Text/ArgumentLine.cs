// A line of arguments as the configuration file, inline commands and the command line share it: words separated by blanks,
// "double quotes" with escapes (\n \r \t \a \b \xHH, any other character stands for itself), 'single quotes' with \' only.
// Holds always: splitting what Quote wrote gives the argument back, byte for byte.

using System.Globalization;
using System.Text;

namespace Valkey.Host.Text;

internal static class ArgumentLine
{
    /// <summary>Splits a line. Null when its quotes are unbalanced or a closing quote is not followed by a blank.</summary>
    public static List<string>? Split(string line) => Split(ByteText.ToBytes(line));

    /// <inheritdoc cref="Split(string)"/>
    public static List<string>? Split(ReadOnlySpan<byte> line)
    {
        int end = line.IndexOf((byte)0);
        if (end >= 0) line = line[..end];

        List<string> arguments = [];
        byte[] word = new byte[line.Length];
        int position = 0;
        while (true)
        {
            while (position < line.Length && IsSpace(line[position])) position++;
            if (position == line.Length) return arguments;
            if (!TryReadWord(line, ref position, word, out int length)) return null;
            arguments.Add(ByteText.FromBytes(word.AsSpan(0, length)));
        }
    }

    private static bool TryReadWord(ReadOnlySpan<byte> line, ref int position, Span<byte> word, out int length)
    {
        length = 0;
        while (position < line.Length)
        {
            byte current = line[position++];
            switch (current)
            {
                case (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t':
                    return true;
                case (byte)'"' or (byte)'\'':
                    return TryReadQuoted(line, current, ref position, word, ref length)
                        && (position == line.Length || IsSpace(line[position]));
                default:
                    word[length++] = current;
                    break;
            }
        }

        return true;
    }

    private static bool TryReadQuoted(
        ReadOnlySpan<byte> line, byte quote, ref int position, Span<byte> word, ref int length)
    {
        while (position < line.Length)
        {
            byte current = line[position++];
            if (current == quote) return true;
            if (current == '\\' && position < line.Length && (quote == '"' || line[position] == '\''))
            {
                word[length++] = quote == '"' ? ReadEscape(line, ref position) : line[position++];
                continue;
            }

            word[length++] = current;
        }

        return false;
    }

    private static byte ReadEscape(ReadOnlySpan<byte> line, ref int position)
    {
        byte kind = line[position++];
        if (kind == 'x' && position + 1 < line.Length
            && char.IsAsciiHexDigit((char)line[position]) && char.IsAsciiHexDigit((char)line[position + 1]))
        {
            byte value = byte.Parse(line.Slice(position, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            position += 2;
            return value;
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

    /// <summary>The argument in double quotes, everything but printable ASCII escaped.</summary>
    public static string Quote(string argument)
    {
        StringBuilder text = new(argument.Length + 2);
        text.Append('"');
        foreach (byte value in ByteText.ToBytes(argument))
        {
            _ = value switch
            {
                (byte)'\\' or (byte)'"' => text.Append('\\').Append((char)value),
                (byte)'\n' => text.Append("\\n"),
                (byte)'\r' => text.Append("\\r"),
                (byte)'\t' => text.Append("\\t"),
                (byte)'\a' => text.Append("\\a"),
                (byte)'\b' => text.Append("\\b"),
                >= 0x20 and < 0x7F => text.Append((char)value),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}"),
            };
        }

        return text.Append('"').ToString();
    }

    /// <summary>The argument as it is when it reads back unchanged, else quoted.</summary>
    public static string QuoteWhereNeeded(string argument)
    {
        if (argument.Length == 0) return "\"\"";
        foreach (char letter in argument)
        {
            if (letter is <= ' ' or > '~' or '"' or '\'' or '\\') return Quote(argument);
        }

        return argument;
    }

    /// <summary>Several arguments as one line.</summary>
    public static string Join(IReadOnlyList<string> arguments)
    {
        StringBuilder line = new();
        foreach (string argument in arguments)
        {
            if (line.Length > 0) line.Append(' ');
            line.Append(QuoteWhereNeeded(argument));
        }

        return line.ToString();
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');
}
