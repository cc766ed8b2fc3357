// A file that is read from front to back through a buffer: lines, a number of bytes, and where we are.

namespace Valkey.CheckAof;

internal sealed class ScannedFile(FileStream file) : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _position;
    private int _limit;
    private long _offsetOfBuffer;

    /// <summary>Size when it was opened.</summary>
    public long SizeBytes { get; } = file.Length;

    /// <summary>How far it was read.</summary>
    public long Offset => _offsetOfBuffer + _position;

    /// <summary>Goes on elsewhere.</summary>
    public void Seek(long offset)
    {
        file.Position = _offsetOfBuffer = offset;
        _position = _limit = 0;
    }

    /// <summary>The next byte without consuming it, -1 at the end.</summary>
    public int Peek() => _position < _limit || TryFill() ? _buffer[_position] : -1;

    /// <summary>The next line with its end, or so many bytes of it; fewer where the file ends. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Line(int bytesMax)
    {
        while (true)
        {
            ReadOnlySpan<byte> ahead = _buffer.AsSpan(_position, Math.Min(_limit - _position, bytesMax));
            int end = ahead.IndexOf((byte)'\n');
            int length = end >= 0 ? end + 1 : ahead.Length;
            if (end < 0 && length < bytesMax && TryFill()) continue;
            ReadOnlySpan<byte> line = _buffer.AsSpan(_position, length);
            _position += length;
            return line;
        }
    }

    /// <summary>Passes over bytes, and shows the first few of them as far as they fit.</summary>
    /// <returns>How many there were; fewer than asked for at the end of the file.</returns>
    public long Pass(long count, Span<byte> shown)
    {
        long passed = 0;
        while (passed < count && (_position < _limit || TryFill()))
        {
            int step = (int)Math.Min(count - passed, _limit - _position);
            if (passed < shown.Length)
            {
                ReadOnlySpan<byte> piece = _buffer.AsSpan(_position, (int)Math.Min(step, shown.Length - passed));
                piece.CopyTo(shown[(int)passed..]);
            }

            _position += step;
            passed += step;
        }

        return passed;
    }

    /// <summary>Cuts the file off.</summary>
    public void Truncate(long length) => file.SetLength(length);

    public void Dispose() => file.Dispose();

    private bool TryFill()
    {
        int kept = _limit - _position;
        if (_position > 0)
        {
            _buffer.AsSpan(_position, kept).CopyTo(_buffer);
            _offsetOfBuffer += _position;
            _position = 0;
            _limit = kept;
        }

        int read = file.Read(_buffer.AsSpan(_limit));
        _limit += read;
        return read > 0;
    }
}
