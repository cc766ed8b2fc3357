// Splits an inline request into words: blanks separate, "..." knows escapes, '...' knows only \'.

using Valkey.Structures;

namespace Valkey.Host.Clients;

/// <summary>The words of one line, unescaped into memory of its own. Valid until the next line.</summary>
internal sealed unsafe class InlineSplitter
{
    private readonly List<(int Offset, int Length)> _words = [];
    private byte* _bytes;
    private int _capacity;
    private int _used;

    public int Count => _words.Count;

    public (nint Address, int Length) Word(int index) => ((nint)(_bytes + _words[index].Offset), _words[index].Length);

    /// <summary>False when a quote is not closed, or closed in the middle of a word.</summary>
    public bool TrySplit(ReadOnlySpan<byte> line)
    {
        _words.Clear();
        _used = 0;
        EnsureCapacity(line.Length);
        int i = 0;
        while (true)
        {
            while (i < line.Length && IsBlank(line[i])) i++;
            if (i == line.Length) return true;
            int start = _used;
            if (!TryWord(line, ref i)) return false;
            _words.Add((start, _used - start));
        }
    }

    private bool TryWord(ReadOnlySpan<byte> line, ref int i)
    {
        while (i < line.Length && !IsBlank(line[i]))
        {
            byte quote = line[i];
            if (quote is not ((byte)'"' or (byte)'\''))
            {
                _bytes[_used++] = line[i++];
                continue;
            }

            i++;
            if (!TryQuoted(line, ref i, quote)) return false;
            return i == line.Length || IsBlank(line[i]);
        }

        return true;
    }

    private bool TryQuoted(ReadOnlySpan<byte> line, ref int i, byte quote)
    {
        while (i < line.Length)
        {
            byte letter = line[i++];
            if (letter == quote) return true;
            if (letter == (byte)'\\' && i < line.Length && (quote == (byte)'"' || line[i] == (byte)'\''))
                letter = Unescape(line, ref i, quote);
            _bytes[_used++] = letter;
        }

        return false;
    }

    private static byte Unescape(ReadOnlySpan<byte> line, ref int i, byte quote)
    {
        byte letter = line[i++];
        if (quote == (byte)'\'') return letter;
        if (letter == (byte)'x' && i + 1 < line.Length && char.IsAsciiHexDigit((char)line[i]) && char.IsAsciiHexDigit((char)line[i + 1]))
        {
            int value = (Hex(line[i]) << 4) | Hex(line[i + 1]);
            i += 2;
            return (byte)value;
        }

        return letter switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'b' => (byte)'\b',
            (byte)'a' => 7,
            _ => letter,
        };
    }

    private static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static bool IsBlank(byte letter) => letter is (byte)' ' or (>= 9 and <= 13) or 0;

    private void EnsureCapacity(int capacity)
    {
        if (capacity <= _capacity) return;
        capacity = Math.Max(1024, capacity);
        _bytes = (byte*)(_bytes == null
            ? NativeHeap.Allocate((nuint)capacity)
            : NativeHeap.Reallocate((nint)_bytes, (nuint)_capacity, (nuint)capacity));
        _capacity = capacity;
    }
}
