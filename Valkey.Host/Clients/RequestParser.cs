// Parses requests: RESP arrays of bulk strings, and inline commands (https://valkey.io/topics/protocol/).
//
// Complete requests become slices that point into the buffer they came in; nothing is copied. Several requests are parsed
// ahead as one batch, so that the memory of their keys can be fetched while the first ones run. An incomplete request is
// remembered by offsets, so that what was parsed is never parsed again however small the pieces are that follow.
// Holds always: every length is checked against its limit before it is used, and a slice lies within the buffer.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Clients;

/// <summary>A complete request of a batch.</summary>
internal struct ParsedRequest
{
    /// <summary>Index of its first slice.</summary>
    public int FirstSlice;

    /// <summary>Number of arguments, 0 for an empty request that only has to be skipped.</summary>
    public int ArgumentCount;

    /// <summary>Sum of the arguments' bytes.</summary>
    public long ArgumentBytes;

    /// <summary>Offset behind its last byte.</summary>
    public nint EndOffset;
}

/// <summary>How far an incomplete request was parsed.</summary>
internal struct PartialRequest
{
    /// <summary>Arguments still to come, 0 when no request is open.</summary>
    public int ArgumentsMissing;

    /// <summary>Length of the bulk string that is being received, -1 when its header is missing.</summary>
    public long BulkLength;

    /// <summary>Offset of what comes next, from the request's start.</summary>
    public nint Offset;

    /// <summary>Arguments that are complete: their starts are offsets from the request's start.</summary>
    public List<(nint Offset, int Length)>? Arguments;

    public long ArgumentBytes;

    public readonly bool IsOpen => ArgumentsMissing > 0;
}

internal sealed unsafe class RequestParser
{
    public const int BatchMax = 32;
    private const int InlineMaxBytes = 64 * 1024;
    private const int KeptSlicesMax = 2 * 1024;
    private const int UnauthenticatedArgumentsMax = 10;
    private const int UnauthenticatedBulkMaxBytes = 16384;

    private ArgumentSlice* _slices;
    private int _sliceCapacity = 1024;
    private int _sliceCount;
    private readonly InlineSplitter _inline = new();

    public RequestParser() =>
        _slices = (ArgumentSlice*)NativeHeap.Allocate((nuint)(_sliceCapacity * sizeof(ArgumentSlice)));

    /// <summary>The requests of the last batch.</summary>
    public readonly ParsedRequest[] Batch = new ParsedRequest[BatchMax];

    /// <summary>The slices that <see cref="ParsedRequest.FirstSlice"/> counts in.</summary>
    public ArgumentSlice* Slices => _slices;

    /// <summary>Why the last batch ended early, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>Bulk strings of up to this size are accepted.</summary>
    public long BulkMaxBytes { get; set; } = 512 * 1024 * 1024;

    /// <summary>Parses up to <paramref name="max"/> requests from the start of the buffer.</summary>
    /// <returns>How many are complete. <see cref="Error"/> is set when the bytes behind them break the protocol.</returns>
    public int ParseBatch(byte* start, nint length, ref PartialRequest partial, bool authenticated, int max)
    {
        Error = null;
        _sliceCount = 0;
        if (_sliceCapacity > KeptSlicesMax) ResizeSlices(KeptSlicesMax); // a request with so many arguments is the exception
        nint offset = 0;
        int count = 0;
        while (count < max && offset < length)
        {
            ref ParsedRequest request = ref Batch[count];
            request.FirstSlice = _sliceCount;
            request.ArgumentBytes = 0;
            bool isInline = !partial.IsOpen && start[offset] != (byte)'*';
            if (isInline && count > 0) break; // the words of an inline request live until the next one is split
            nint consumed = isInline
                ? ParseInline(start + offset, length - offset, ref request)
                : partial.IsOpen
                    ? Resume(start + offset, length - offset, ref partial, ref request, authenticated)
                    : ParseMultibulk(start + offset, length - offset, ref partial, ref request, authenticated);
            if (consumed == 0) break;
            offset += consumed;
            request.ArgumentCount = _sliceCount - request.FirstSlice;
            request.EndOffset = offset;
            count++;
            if (isInline) break;
        }

        return count;
    }

    /// <summary>Parses the array header and as many arguments as there are.</summary>
    /// <returns>Bytes of the request, or 0 when it is incomplete or malformed.</returns>
    private nint ParseMultibulk(
        byte* start, nint length, ref PartialRequest partial, ref ParsedRequest request, bool authenticated)
    {
        nint lineEnd = FindLineEnd(start, length);
        if (lineEnd < 0) return TooLong(length, "Protocol error: too big mbulk count string");
        if (!TryReadLength(start + 1, lineEnd - 1, out long argumentCount) || argumentCount > int.MaxValue)
            return Fail("Protocol error: invalid multibulk length");
        if (argumentCount > UnauthenticatedArgumentsMax && !authenticated)
            return Fail("Protocol error: unauthenticated multibulk length");
        if (argumentCount <= 0) return lineEnd + 2;

        nint offset = lineEnd + 2;
        long bulkLength = -1;
        int remaining = (int)argumentCount;
        while (remaining > 0)
        {
            if (!ParseArgument(start, length, ref offset, ref bulkLength, authenticated, out nint argumentStart, out int argumentLength))
            {
                if (Error is not null) return 0;
                Remember(start, ref partial, ref request, remaining, bulkLength, offset);
                return 0;
            }

            AddSlice(start + argumentStart, argumentLength);
            request.ArgumentBytes += argumentLength;
            remaining--;
        }

        return offset;
    }

    /// <summary>Goes on with an incomplete request.</summary>
    private nint Resume(
        byte* start, nint length, ref PartialRequest partial, ref ParsedRequest request, bool authenticated)
    {
        while (partial.ArgumentsMissing > 0)
        {
            if (!ParseArgument(
                    start, length, ref partial.Offset, ref partial.BulkLength, authenticated, out nint argumentStart, out int argumentLength))
                return 0;
            partial.Arguments!.Add((argumentStart, argumentLength));
            partial.ArgumentBytes += argumentLength;
            partial.ArgumentsMissing--;
        }

        foreach ((nint offset, int argumentLength) in partial.Arguments!) AddSlice(start + offset, argumentLength);
        request.ArgumentBytes = partial.ArgumentBytes;
        nint consumed = partial.Offset;
        Forget(ref partial);
        return consumed;
    }

    /// <summary>Parses one bulk string. False when it is incomplete or malformed.</summary>
    private bool ParseArgument(
        byte* start, nint length, ref nint offset, ref long bulkLength, bool authenticated, out nint argumentStart, out int argumentLength)
    {
        argumentStart = 0;
        argumentLength = 0;
        if (bulkLength < 0 && !ParseBulkHeader(start, length, ref offset, ref bulkLength, authenticated)) return false;
        if (length - offset < bulkLength + 2) return false;
        argumentStart = offset;
        argumentLength = (int)bulkLength;
        offset += (nint)bulkLength + 2;
        bulkLength = -1;
        return true;
    }

    private bool ParseBulkHeader(byte* start, nint length, ref nint offset, ref long bulkLength, bool authenticated)
    {
        if (offset >= length) return false;
        nint lineEnd = FindLineEnd(start + offset, length - offset);
        if (lineEnd < 0)
        {
            TooLong(length - offset, "Protocol error: too big bulk count string");
            return false;
        }

        byte first = start[offset];
        if (first != (byte)'$')
        {
            Fail($"Protocol error: expected '$', got '{(char.IsAsciiLetterOrDigit((char)first) || char.IsPunctuation((char)first) ? (char)first : ' ')}'");
            return false;
        }

        if (!TryReadLength(start + offset + 1, lineEnd - 1, out long value) || value < 0 || value > Math.Min(BulkMaxBytes, int.MaxValue - 64))
        {
            Fail("Protocol error: invalid bulk length");
            return false;
        }

        if (value > UnauthenticatedBulkMaxBytes && !authenticated)
        {
            Fail("Protocol error: unauthenticated bulk length");
            return false;
        }

        bulkLength = value;
        offset += lineEnd + 2;
        return true;
    }

    /// <summary>Parses a line of words, some of them quoted.</summary>
    private nint ParseInline(byte* start, nint length, ref ParsedRequest request)
    {
        ReadOnlySpan<byte> bytes = new(start, (int)Math.Min(length, int.MaxValue));
        int newline = bytes.IndexOf((byte)'\n');
        if (newline < 0)
        {
            if (length > InlineMaxBytes) Fail("Protocol error: too big inline request");
            return 0;
        }

        ReadOnlySpan<byte> line = bytes[..newline];
        if (line.Length > 0 && line[^1] == (byte)'\r') line = line[..^1];
        if (!_inline.TrySplit(line)) return Fail("Protocol error: unbalanced quotes in request");
        for (int i = 0; i < _inline.Count; i++)
        {
            (nint address, int wordLength) = _inline.Word(i);
            AddSlice((byte*)address, wordLength);
            request.ArgumentBytes += wordLength;
        }

        return newline + 1;
    }

    private void Remember(
        byte* start, ref PartialRequest partial, ref ParsedRequest request, int remaining, long bulkLength, nint offset)
    {
        partial.Arguments ??= new List<(nint, int)>(_sliceCount - request.FirstSlice + 4);
        for (int i = request.FirstSlice; i < _sliceCount; i++)
            partial.Arguments.Add(((nint)(_slices[i].Start - start), (int)_slices[i].Length));
        _sliceCount = request.FirstSlice;
        partial.ArgumentsMissing = remaining;
        partial.BulkLength = bulkLength;
        partial.Offset = offset;
        partial.ArgumentBytes = request.ArgumentBytes;
    }

    private static void Forget(ref PartialRequest partial)
    {
        List<(nint, int)>? arguments = partial.Arguments;
        partial = default;
        if (arguments is null || arguments.Capacity > 1024) return;
        arguments.Clear();
        partial.Arguments = arguments;
    }

    private void AddSlice(byte* start, int length)
    {
        if (_sliceCount == _sliceCapacity) GrowSlices();
        ref ArgumentSlice slice = ref _slices[_sliceCount++];
        slice.Start = start;
        slice.Length = length;
    }

    private void GrowSlices() => ResizeSlices(checked(_sliceCapacity * 2));

    private void ResizeSlices(int capacity)
    {
        _slices = (ArgumentSlice*)NativeHeap.Reallocate(
            (nint)_slices, (nuint)_sliceCapacity * (nuint)sizeof(ArgumentSlice), (nuint)capacity * (nuint)sizeof(ArgumentSlice));
        _sliceCapacity = capacity;
    }

    /// <summary>Offset of the CR of the first line, or -1. The LF behind it is there.</summary>
    private static nint FindLineEnd(byte* start, nint length)
    {
        // Headers are short: look at the first bytes one by one before asking the vectorised search.
        nint near = Math.Min(length - 1, 12);
        for (nint i = 1; i < near; i++)
        {
            if (start[i] == (byte)'\r') return i;
        }

        int searched = (int)Math.Min(length, InlineMaxBytes + 2);
        int found = new ReadOnlySpan<byte>(start, searched).IndexOf((byte)'\r');
        return found < 0 || found + 1 >= length ? -1 : found;
    }

    private static bool TryReadLength(byte* digits, nint count, out long value)
    {
        if (count is > 0 and <= 9)
        {
            long number = 0;
            nint i = 0;
            for (; i < count; i++)
            {
                int digit = digits[i] - '0';
                if ((uint)digit > 9) break;
                number = (number * 10) + digit;
            }

            if (i == count && (digits[0] != (byte)'0' || count == 1))
            {
                value = number;
                return true;
            }
        }

        return IntegerText.TryParse(new ReadOnlySpan<byte>(digits, (int)count), out value);
    }

    private nint TooLong(nint length, string error)
    {
        if (length > InlineMaxBytes) Fail(error);
        return 0;
    }

    private nint Fail(string error)
    {
        Error = error;
        return 0;
    }
}
