// The arithmetic of INCRBYFLOAT: a binary fraction with a significand of 64 bits, as the x87 unit and so a C server on
// x86-64 computes it. A double would print 10.5 + 0.1 differently, and a decimal has not the range.
//
// value = significand × 2^exponent. Every operation rounds once, to the nearest, ties to even. Numbers of usual size are
// handled in 128 bits; very long or very large ones go through BigInteger.
// Holds always: the significand's top bit is set, but for zero and below the smallest normal number, whose exponent is
// ExponentMin.
// Source: IEEE 754, "binary64 extended" as used by the System V ABI; text as by strtold and printf("%.17Lf").

using System.Globalization;
using System.Numerics;

namespace Valkey.Structures;

/// <summary>A number in the precision and range of x86 long double, in software.</summary>
public readonly struct LongDouble
{
    /// <summary>Room that <see cref="Format"/> needs: 4933 digits, a sign, a point and 17 digits.</summary>
    public const int TextBytesMax = 5 * 1024;

    /// <summary>The value 0.</summary>
    public static readonly LongDouble Zero;

    internal const int ExponentMin = -16445;
    internal const int ExponentMax = 16320;
    private const int SignificandBits = 64;
    private const int FractionDigits = 17;
    private const ulong FractionScale = 100_000_000_000_000_000; // 10^17

    private readonly ulong _significand;
    private readonly int _exponent;
    private readonly bool _isNegative;
    private readonly bool _isNotFinite;

    private LongDouble(bool isNegative, ulong significand, int exponent, bool isNotFinite = false)
    {
        _isNegative = isNegative;
        _significand = significand;
        _exponent = exponent;
        _isNotFinite = isNotFinite;
    }

    /// <summary>Whether it is a number; otherwise it is infinite or the difference of infinities.</summary>
    public bool IsFinite => !_isNotFinite;

    /// <summary>Whether it is 0.</summary>
    public bool IsZero => _significand == 0 && !_isNotFinite;

    /// <summary>Infinity, which only ever leads to an error.</summary>
    internal static LongDouble Infinity => new(false, 0, 0, isNotFinite: true);

    /// <summary>Reads text as strtold does, but all of it: decimal, hexadecimal or infinite. False for anything else,
    /// and for what is too large or too small to be told from infinity or zero.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out LongDouble value) => LongDoubleText.TryParse(text, out value);

    /// <summary>The sum, rounded once.</summary>
    public static LongDouble operator +(LongDouble left, LongDouble right)
    {
        if (left._isNotFinite || right._isNotFinite) return Infinity;
        if (left.IsZero) return right;
        if (right.IsZero) return left;

        left = left.Normalized();
        right = right.Normalized();
        return left._exponent > right._exponent || (left._exponent == right._exponent && left._significand >= right._significand)
            ? AddSmaller(left, right)
            : AddSmaller(right, left);
    }

    /// <summary>The number nearest to significand × 2^exponent.</summary>
    /// <param name="isNegative">The sign.</param>
    /// <param name="significand">Any 128 bits; at least 66 significant ones when something is missing.</param>
    /// <param name="exponent">The power of two.</param>
    /// <param name="isTruncated">Whether the significand is a little less than what is meant.</param>
    internal static LongDouble Round(bool isNegative, UInt128 significand, int exponent, bool isTruncated)
    {
        if (significand == UInt128.Zero) return Zero;

        int bitCount = 128 - (int)UInt128.LeadingZeroCount(significand);
        int dropped = Math.Max(bitCount - SignificandBits, ExponentMin - exponent);
        if (dropped <= 0)
        {
            // A short one is shifted up until its top bit is set or the exponent is as small as it gets.
            return Bounded(isNegative, (ulong)significand << -dropped, exponent + dropped);
        }

        if (dropped > 128) return Zero;

        UInt128 kept = dropped == 128 ? UInt128.Zero : significand >> dropped;
        UInt128 rest = dropped == 128 ? significand : significand & ((UInt128.One << dropped) - UInt128.One);
        UInt128 half = UInt128.One << (dropped - 1);
        bool isUp = rest > half || (rest == half && (isTruncated || (kept & UInt128.One) != UInt128.Zero));
        if (isUp) kept += UInt128.One;

        bool hasCarried = kept >> SignificandBits != UInt128.Zero;
        return hasCarried
            ? Bounded(isNegative, 1UL << (SignificandBits - 1), exponent + dropped + 1)
            : Bounded(isNegative, (ulong)kept, exponent + dropped);
    }

    /// <summary>Writes the number with at most 17 digits behind the point, without zeroes at the end.</summary>
    /// <returns>Bytes written.</returns>
    public int Format(Span<byte> target)
    {
        if (_exponent > 0) return FormatLarge(target);

        ulong whole = _significand;
        ulong fraction = 0;
        if (_exponent < 0) Scale(-_exponent, out whole, out fraction);

        int length = 0;
        if (_isNegative && (whole | fraction) != 0) target[length++] = (byte)'-';
        _ = System.Buffers.Text.Utf8Formatter.TryFormat(whole, target[length..], out int wholeLength);
        length += wholeLength;
        if (fraction == 0) return length;

        target[length++] = (byte)'.';
        Span<byte> digits = target.Slice(length, FractionDigits);
        for (int i = FractionDigits - 1; i >= 0; i--, fraction /= 10) digits[i] = (byte)('0' + (fraction % 10));
        return length + digits.LastIndexOfAnyExcept((byte)'0') + 1;
    }

    private static LongDouble AddSmaller(LongDouble larger, LongDouble smaller)
    {
        const int HeadRoom = 63; // leaves one bit for the carry

        int distance = larger._exponent - smaller._exponent;
        UInt128 first = (UInt128)larger._significand << HeadRoom;
        UInt128 second = (UInt128)smaller._significand << HeadRoom;
        UInt128 shifted = distance < 128 ? second >> distance : UInt128.Zero;
        bool isTruncated = distance >= 128 || shifted << distance != second;
        int exponent = larger._exponent - HeadRoom;
        if (larger._isNegative == smaller._isNegative)
        {
            return Round(larger._isNegative, first + shifted, exponent, isTruncated);
        }

        UInt128 difference = first - shifted;
        if (isTruncated) difference -= UInt128.One; // what was cut off is taken away too: a little less than one
        return Round(larger._isNegative, difference, exponent, isTruncated);
    }

    private static LongDouble Bounded(bool isNegative, ulong significand, int exponent)
    {
        if (significand == 0) return Zero;
        return exponent > ExponentMax ? Infinity : new LongDouble(isNegative, significand, exponent);
    }

    private LongDouble Normalized()
    {
        int shift = BitOperations.LeadingZeroCount(_significand);
        return new LongDouble(_isNegative, _significand << shift, _exponent - shift);
    }

    // Splits significand / 2^shift, rounded to 17 decimals, at the point.
    private void Scale(int shift, out ulong whole, out ulong fraction)
    {
        whole = 0;
        fraction = 0;
        if (shift >= 128) return; // the product below has at most 121 bits: less than half of the last decimal

        UInt128 product = (UInt128)_significand * FractionScale;
        UInt128 scaled = product >> shift;
        UInt128 rest = product & ((UInt128.One << shift) - UInt128.One);
        UInt128 half = UInt128.One << (shift - 1);
        if (rest > half || (rest == half && (scaled & UInt128.One) != UInt128.Zero)) scaled += UInt128.One;
        whole = (ulong)(scaled / FractionScale);
        fraction = (ulong)(scaled % FractionScale);
    }

    private int FormatLarge(Span<byte> target)
    {
        BigInteger whole = new BigInteger(_significand) << _exponent;
        string digits = (_isNegative ? -whole : whole).ToString(CultureInfo.InvariantCulture);
        return System.Text.Encoding.ASCII.GetBytes(digits, target);
    }
}
