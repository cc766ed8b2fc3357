// Checks one file: a snapshot, commands, or a snapshot with commands behind it. Cuts it off where that is asked for and
// possible: only the last file can lose its end without tearing a hole.

using System.Globalization;
using System.Text;
using Valkey.CheckRdb;

namespace Valkey.CheckAof;

/// <summary>How a file's check ended.</summary>
internal enum FileState
{
    Valid,
    Empty,
    Truncated,
    TruncatedToTimestamp,
}

internal sealed class AofFileCheck(CheckArguments arguments, TextWriter output, TextReader input)
{
    private const int AnnotationBytesMax = 1023;

    private long _line = 1;

    /// <summary>Checks a file.</summary>
    /// <param name="name">As it is told to the operator.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="isLast">Nothing follows it.</param>
    /// <param name="hasSnapshot">It begins with a snapshot.</param>
    /// <exception cref="CheckFailedException">It is not valid, and stays so.</exception>
    public FileState Check(string name, string path, bool isLast, bool hasSnapshot)
    {
        using ScannedFile file = Open(path);
        if (file.SizeBytes == 0) return FileState.Empty;
        if (hasSnapshot) file.Seek(CheckSnapshot(path));

        CommandScanner scanner = new(file, path);
        long goodBytes = file.Offset;
        bool isAtEnd = false;
        while (true)
        {
            if (scanner.OpenTransactions == 0) goodBytes = file.Offset;
            int next = file.Peek();
            isAtEnd = next < 0;
            if (isAtEnd) break;
            if (next == '#')
            {
                if (!TryAnnotation(file, scanner, out long time)) break;
                if (arguments.TruncateToTimestamp != 0 && time > arguments.TruncateToTimestamp)
                    return TruncateToTime(file, path, goodBytes, isLast);
            }
            else if (next != '*')
            {
                output.Write($"AOF {name} format error\n");
                break;
            }
            else if (!scanner.TryCommand())
            {
                break;
            }
        }

        _line += scanner.LineCount;
        if (file.Peek() < 0 && scanner.OpenTransactions != 0 && scanner.Error.Length == 0)
            scanner.Fail("Reached EOF before reading EXEC for MULTI");
        if (scanner.Error.Length > 0) output.Write(scanner.Error + "\n");
        return Judge(file, name, goodBytes, isLast);
    }

    private FileState Judge(ScannedFile file, string name, long goodBytes, bool isLast)
    {
        long badBytes = file.SizeBytes - goodBytes;
        if (badBytes == 0 && arguments.TruncateToTimestamp != 0)
        {
            output.Write($"Truncate nothing in AOF {name} to timestamp {arguments.TruncateToTimestamp}\n");
            return FileState.Valid;
        }

        output.Write(
            $"AOF analyzed: filename={name}, size={file.SizeBytes}, ok_up_to={goodBytes}, ok_up_to_line={_line}, diff={badBytes}\n");
        if (badBytes <= 0) return FileState.Valid;
        if (!arguments.Fixes) throw new CheckFailedException($"AOF {name} is not valid. Use the --fix option to try fixing it.");
        if (!isLast) throw new CheckFailedException($"Failed to truncate AOF {name} because it is not the last file");
        output.Write($"This will shrink the AOF {name} from {file.SizeBytes} bytes, with {badBytes} bytes, to {goodBytes} bytes\n");
        output.Write("Continue? [y/N]: ");
        output.Flush();
        if (input.ReadLine() is not ['y' or 'Y', ..]) throw new CheckFailedException("Aborting...");
        Truncate(file, goodBytes, $"Failed to truncate AOF {name}");
        return FileState.Truncated;
    }

    private FileState TruncateToTime(ScannedFile file, string path, long goodBytes, bool isLast)
    {
        long time = arguments.TruncateToTimestamp;
        if (goodBytes == 0) throw new CheckFailedException($"AOF {path} has nothing before timestamp {time}, aborting...");
        if (!isLast)
        {
            throw new CheckFailedException(
                $"Failed to truncate AOF {path} to timestamp {time} to offset {goodBytes} because it is not the last file.\n"
                + "If you insist, please delete all files after this file according to the manifest file and delete the corresponding "
                + "records in manifest file manually. Then re-run valkey-check-aof.");
        }

        Truncate(file, goodBytes, $"Failed to truncate AOF {path} to timestamp {time}");
        return FileState.TruncatedToTimestamp;
    }

    private static void Truncate(ScannedFile file, long length, string failure)
    {
        try
        {
            file.Truncate(length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckFailedException(failure);
        }
    }

    /// <summary>Passes over a line that begins with #. False when the file ends in its middle, or it is too long.</summary>
    private bool TryAnnotation(ScannedFile file, CommandScanner scanner, out long time)
    {
        time = long.MinValue;
        long offset = file.Offset;
        ReadOnlySpan<byte> line = file.Line(AnnotationBytesMax);
        if (line[^1] != '\n')
        {
            file.Seek(offset);
            scanner.Fail("Reached EOF in the middle of an annotation");
            _ = file.Pass(file.SizeBytes, []);
            return false;
        }

        if (arguments.TruncateToTimestamp == 0 || !line.StartsWith("#TS:"u8)) return true;
        string digits = Encoding.Latin1.GetString(line[4..]);
        bool isTime = digits.EndsWith("\r\n", StringComparison.Ordinal)
            && long.TryParse(digits.AsSpan(0, digits.Length - 2), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out time);
        return isTime ? true : throw new CheckFailedException("Invalid timestamp annotation");
    }

    private long CheckSnapshot(string path)
    {
        FileCheck check = new(new CheckOptions { Path = path }, output);
        if (check.Run() != 0) throw new CheckFailedException("RDB preamble of AOF file is not sane, aborting.");
        output.Write("RDB preamble is OK, proceeding with AOF tail...\n");
        return check.SizeBytes;
    }

    private static ScannedFile Open(string path)
    {
        try
        {
            return new ScannedFile(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckFailedException($"Cannot open file {path}: {exception.Message}, aborting...");
        }
    }
}
