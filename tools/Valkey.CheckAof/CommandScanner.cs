// Goes through the commands of a file without running them, and says what is wrong in Valkey's words.
//
// Holds always: what it says is wrong is told with the offset of the piece that is. Lengths are promises: nothing is kept of
// an argument but its first bytes.

using System.Globalization;

namespace Valkey.CheckAof;

internal sealed class CommandScanner(ScannedFile file, string path)
{
    private const int HeaderBytesMax = 127;
    private const int NameBytesMax = 8;
    private const int LineEndBytes = 2;

    private long _errorOffset;

    /// <summary>What is wrong, with its offset; empty while nothing is, or when the file just ends.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Ends of lines that were read.</summary>
    public long LineCount { get; private set; }

    /// <summary>MULTI without EXEC so far.</summary>
    public int OpenTransactions { get; private set; }

    /// <summary>Passes over a command. False when it is incomplete or wrong.</summary>
    public bool TryCommand()
    {
        if (!TryLength('*', out long argumentCount)) return false;
        Span<byte> name = stackalloc byte[NameBytesMax];
        for (long i = 0; i < argumentCount; i++)
        {
            if (!TryArgument(name, out int nameLength)) return false;
            if (i == 0 && !TryNoteTransaction(name[..nameLength])) return false;
        }

        return true;
    }

    /// <summary>Something is wrong with what begins here.</summary>
    public void Fail(string reason) => Fail(file.Offset, reason);

    private bool TryLength(char prefix, out long length)
    {
        length = 0;
        _errorOffset = file.Offset;
        ReadOnlySpan<byte> line = file.Line(HeaderBytesMax);
        if (line.IsEmpty) return false;
        if (line[0] != prefix)
        {
            Fail(_errorOffset, $"Expected prefix '{prefix}', got: '{(char)line[0]}'");
            return false;
        }

        int end = 1;
        while (end < line.Length && (char.IsAsciiDigit((char)line[end]) || (end == 1 && line[end] is (byte)'-' or (byte)'+'))) end++;
        string digits = System.Text.Encoding.ASCII.GetString(line[1..end]);
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out length) && digits.Length > 0)
            length = digits[0] == '-' ? long.MinValue : long.MaxValue;
        return IsLineEnd(line[end..]);
    }

    private bool TryArgument(Span<byte> shown, out int shownLength)
    {
        shownLength = 0;
        if (!TryLength('$', out long length)) return false;
        if (length is < 0 or > long.MaxValue - LineEndBytes)
        {
            Fail(_errorOffset, $"Expected to read string of {length} bytes, which is not in the suitable range");
            return false;
        }

        _errorOffset = file.Offset;
        shownLength = (int)Math.Min(length, shown.Length);
        Span<byte> lineEnd = stackalloc byte[LineEndBytes];
        long read = file.Pass(length, shown[..shownLength]);
        if (read == length) read += file.Pass(LineEndBytes, lineEnd);
        if (read == length + LineEndBytes) return IsLineEnd(lineEnd);
        Fail(_errorOffset, $"Expected to read {length + LineEndBytes} bytes, got {read} bytes");
        return false;
    }

    private bool TryNoteTransaction(ReadOnlySpan<byte> name)
    {
        if (IsWord(name, "multi"u8))
        {
            if (OpenTransactions++ == 0) return true;
            Fail(_errorOffset, $"Unexpected MULTI in AOF {path}");
            return false;
        }

        if (!IsWord(name, "exec"u8) || --OpenTransactions == 0) return true;
        Fail(_errorOffset, $"Unexpected EXEC in AOF {path}");
        return false;
    }

    private bool IsLineEnd(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [(byte)'\r', (byte)'\n', ..])
        {
            LineCount++;
            return true;
        }

        int first = bytes.Length > 0 ? bytes[0] : 0;
        int second = bytes.Length > 1 ? bytes[1] : 0;
        Fail(_errorOffset, string.Create(CultureInfo.InvariantCulture, $"Expected \\r\\n, got: {first:x2}{second:x2}"));
        return false;
    }

    private void Fail(long offset, string reason) => Error = string.Create(CultureInfo.InvariantCulture, $"0x{offset,16:x}: {reason}");

    private static bool IsWord(ReadOnlySpan<byte> name, ReadOnlySpan<byte> word) => System.Text.Ascii.EqualsIgnoreCase(name, word);
}
