// The commands of a file: arrays of bulk strings as clients send them, and between them lines that begin with # and mean
// nothing to the dataset (#TS: tells the time).
//
// Holds always: every length is checked before it is used; an argument lies within the buffer. What is cut off is told
// apart from what is wrong: the first is the mark of a crash and can be repaired, the second is damage.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;

namespace Valkey.Aof.Loading;

internal enum ParseOutcome
{
    /// <summary>A whole command was handed over.</summary>
    Command,

    /// <summary>A line without a meaning was passed over.</summary>
    Annotation,

    /// <summary>There is no more in the buffer, or not all of it.</summary>
    Incomplete,

    /// <summary>This is no command.</summary>
    Malformed,
}

internal unsafe struct CommandParser(ICommandReplay replay)
{
    /// <summary>An annotation may have so many bytes, its end included.</summary>
    public const int AnnotationBytesMax = 1024;

    private const int LengthDigitsMax = 20;
    private const int ArgumentCountMax = 1 << 28;
    private const int LineEndBytes = 2;

    /// <summary>Of an incomplete command: how many bytes of it are needed at least.</summary>
    public nint WantedBytes;

    /// <summary>Parses what the bytes begin with. The arguments of a whole command are with the replay then, else none are.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="end">Behind the last one.</param>
    /// <param name="consumed">Bytes of the command or annotation.</param>
    public ParseOutcome Next(byte* start, byte* end, out nint consumed)
    {
        consumed = 0;
        WantedBytes = 0;
        if (start == end) return ParseOutcome.Incomplete;
        if (*start == '#') return PassAnnotation(start, end, out consumed);
        byte* position = start;
        ParseOutcome outcome = ReadLength((byte)'*', ref position, end, out long argumentCount);
        if (outcome != ParseOutcome.Command) return outcome;
        if (argumentCount is < 1 or > ArgumentCountMax) return ParseOutcome.Malformed;
        for (long i = 0; i < argumentCount; i++)
        {
            outcome = ReadArgument(start, ref position, end);
            if (outcome == ParseOutcome.Command) continue;
            replay.DropCommand();
            return outcome;
        }

        consumed = (nint)(position - start);
        return ParseOutcome.Command;
    }

    private static ParseOutcome PassAnnotation(byte* start, byte* end, out nint consumed)
    {
        int lineEnd = new ReadOnlySpan<byte>(start, (int)Math.Min(end - start, AnnotationBytesMax)).IndexOf((byte)'\n');
        consumed = lineEnd + 1;
        if (lineEnd >= 0) return ParseOutcome.Annotation;
        return end - start >= AnnotationBytesMax ? ParseOutcome.Malformed : ParseOutcome.Incomplete;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ParseOutcome ReadArgument(byte* start, ref byte* position, byte* end)
    {
        ParseOutcome outcome = ReadLength((byte)'$', ref position, end, out long length);
        if (outcome != ParseOutcome.Command) return outcome;
        if (length > int.MaxValue) return ParseOutcome.Malformed;
        byte* argument = position;
        if (end - argument < length + LineEndBytes)
        {
            WantedBytes = (nint)(argument - start) + (nint)length + LineEndBytes;
            return ParseOutcome.Incomplete;
        }

        position = argument + length + LineEndBytes;
        if (argument[length] != '\r' || argument[length + 1] != '\n') return ParseOutcome.Malformed;
        replay.Add(new ReadOnlySpan<byte>(argument, (int)length));
        return ParseOutcome.Command;
    }

    /// <summary>The prefix, digits, and the end of the line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ParseOutcome ReadLength(byte prefix, ref byte* position, byte* end, out long length)
    {
        length = 0;
        if (position == end) return ParseOutcome.Incomplete;
        if (*position != prefix) return ParseOutcome.Malformed;
        byte* digit = position + 1;
        byte* limit = end - digit > LengthDigitsMax ? digit + LengthDigitsMax : end;
        long number = 0;
        for (; digit < limit && (uint)(*digit - '0') <= 9; digit++) number = (number * 10) + (*digit - '0');
        if (digit == end) return ParseOutcome.Incomplete;
        bool isNumber = *digit == '\r' && digit > position + 1 && number >= 0 && digit - position < LengthDigitsMax;
        if (!isNumber) return ParseOutcome.Malformed;
        if (digit + 1 == end) return ParseOutcome.Incomplete;
        if (digit[1] != '\n') return ParseOutcome.Malformed;
        position = digit + LineEndBytes;
        length = number;
        return ParseOutcome.Command;
    }
}
