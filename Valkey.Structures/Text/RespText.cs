// RESP as bytes, for those who write the same message to many: built once, copied to each.
// Source: https://valkey.io/topics/protocol/

namespace Valkey.Structures;

/// <summary>Writes elements of RESP into a buffer that is large enough, and steps over what it wrote.</summary>
public ref struct RespText(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes that a header takes at most: the type, a number, the end of the line.</summary>
    public const int HeaderSizeMax = 24;

    /// <summary>How many bytes were written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    /// <summary>Bytes that a bulk string of this length takes at most.</summary>
    public static int BulkSizeMax(int length) => checked(HeaderSizeMax + length + 2);

    /// <summary>A type byte, a number and the end of the line.</summary>
    public void Header(byte type, long number)
    {
        _buffer[Length++] = type;
        Number(number);
        EndLine();
    }

    /// <summary>A number in decimal digits.</summary>
    public void Number(long number) => Length += IntegerText.Format(number, _buffer[Length..]);

    /// <summary>A bulk string.</summary>
    public void Bulk(ReadOnlySpan<byte> bytes)
    {
        Header((byte)'$', bytes.Length);
        Raw(bytes);
        EndLine();
    }

    /// <summary>Bytes that are RESP already.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer[Length..]);
        Length += bytes.Length;
    }

    private void EndLine()
    {
        _buffer[Length++] = (byte)'\r';
        _buffer[Length++] = (byte)'\n';
    }
}
