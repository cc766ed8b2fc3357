// Scores of sorted sets as files before version 8 hold them: [length: 1][decimal text], with three lengths that stand for
// what has no digits.

using System.Buffers.Text;

namespace Valkey.Rdb;

internal static class ScoreText
{
    private const int NaN = 253;
    private const int Infinity = 254;
    private const int MinusInfinity = 255;

    /// <summary>Reads one.</summary>
    public static double Read(RdbInput input)
    {
        byte length = input.Byte();
        switch (length)
        {
            case MinusInfinity: return double.NegativeInfinity;
            case Infinity: return double.PositiveInfinity;
            case NaN: return double.NaN;
        }

        ReadOnlySpan<byte> text = input.Bytes(length);
        return Utf8Parser.TryParse(text, out double value, out int taken) && taken == text.Length
            ? value
            : throw new InvalidDataException("A score is not a number");
    }
}
