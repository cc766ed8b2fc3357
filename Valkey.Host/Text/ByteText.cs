// Options, arguments and file names are bytes to the protocol and strings to .NET. This is the lossless way between the two:
// UTF-8, and a byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte, so that it can come back.
// Holds always: ToBytes(FromBytes(x)) equals x.

using System.Buffers;
using System.Text;

namespace Valkey.Host.Text;

internal static class ByteText
{
    private const char EscapeBase = '\uDC00';

    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (Ascii.IsValid(bytes)) return Encoding.ASCII.GetString(bytes);

        StringBuilder text = new(bytes.Length);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed);
            if (status == OperationStatus.Done)
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
                bytes = bytes[consumed..];
                continue;
            }

            text.Append((char)(EscapeBase + bytes[0]));
            bytes = bytes[1..];
        }

        return text.ToString();
    }

    public static byte[] ToBytes(string text)
    {
        if (Ascii.IsValid(text)) return Encoding.ASCII.GetBytes(text);

        ArrayBufferWriter<byte> bytes = new(text.Length * 2);
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf16(rest, out Rune rune, out int consumed);
            if (status == OperationStatus.Done)
            {
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
                rest = rest[consumed..];
                continue;
            }

            // Anything else that cannot be encoded was no text of ours; a question mark is the usual stand-in.
            int escaped = rest[0] - EscapeBase;
            bytes.GetSpan(1)[0] = escaped is >= 0 and <= byte.MaxValue ? (byte)escaped : (byte)'?';
            bytes.Advance(1);
            rest = rest[1..];
        }

        return bytes.WrittenSpan.ToArray();
    }
}
