// Sums and texts as a C server on x86-64 gives them. The expected texts come from the definition: 64 bits of significand,
// nearest with ties to even, seventeen decimals.

using System.Numerics;
using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class LongDoubleTests
{
    [Theory]
    [InlineData("0", "0.1", "0.1")]
    [InlineData("10.5", "0.1", "10.6")]
    [InlineData("3.0e3", "1.1", "3001.10000000000000009")]
    [InlineData("5.0e3", "2.0e2", "5200")]
    [InlineData("1", "0.25", "1.25")]
    [InlineData("1.5", "1.5", "3")]
    [InlineData("3", "-1.1", "1.9")]
    [InlineData("17179869184", "1.5", "17179869185.5")]
    [InlineData("-0.5", "0.5", "0")]
    [InlineData("1e-20", "-1e-19", "0")]
    [InlineData("9223372036854775807", "1", "9223372036854775808")]
    [InlineData("18446744073709551615", "1", "18446744073709551616")]
    [InlineData("0x1p4", "0x.8", "16.5")]
    [InlineData("1e30", "1", "1000000000000000000024696061952")]
    public void A_sum_prints_as_a_C_server_prints_it(string left, string right, string expected)
    {
        Assert.Equal(expected, Print(Parse(left) + Parse(right)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("abc")]
    [InlineData("1e")]
    [InlineData("0x")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("1.2.3")]
    [InlineData("nan")]
    [InlineData("1e5000")]
    [InlineData("1e-5000")]
    [InlineData("1\0")]
    public void Text_that_is_no_number_or_too_large_is_refused(string text)
    {
        Assert.False(LongDouble.TryParse(Encoding.Latin1.GetBytes(text), out _));
    }

    [Fact]
    public void Infinity_is_read_but_is_not_finite()
    {
        Assert.False(Parse("-inf").IsFinite);
        Assert.False((Parse("Infinity") + Parse("1")).IsFinite);
        Assert.False((Parse("1e4932") + Parse("1e4932")).IsFinite);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Both_ways_of_reading_decimals_agree(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 2000; round++)
        {
            string digits = random.NextInt64(1, long.MaxValue).ToString();
            int exponent = random.Next(-18, 19);
            string quick = $"{digits}e{exponent}";

            // Zeroes in front of the exponent make the text too long for the quick way without changing the number.
            string slow = $"{digits}{new string('0', 40)}e{exponent - 40}";

            Assert.True(Parse(quick).Equals(Parse(slow)), $"seed {seed}: {quick}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_sum_is_the_exact_sum_rounded_to_64_bits(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 2000; round++)
        {
            BigInteger left = RandomInteger(random);
            BigInteger right = RandomInteger(random);

            string sum = Print(Parse(left.ToString()) + Parse(right.ToString()));

            BigInteger expected = RoundTo64Bits(RoundTo64Bits(left) + RoundTo64Bits(right));
            Assert.True(expected.ToString() == sum, $"seed {seed}: {left} + {right}");
        }
    }

    private static BigInteger RandomInteger(Random random)
    {
        BigInteger value = new BigInteger(random.NextInt64()) << random.Next(0, 70);
        value += random.NextInt64();
        return random.Next(2) == 0 ? value : -value;
    }

    private static BigInteger RoundTo64Bits(BigInteger value)
    {
        BigInteger magnitude = BigInteger.Abs(value);
        int dropped = (int)magnitude.GetBitLength() - 64;
        if (dropped <= 0) return value;

        BigInteger kept = magnitude >> dropped;
        BigInteger rest = magnitude - (kept << dropped);
        int comparison = rest.CompareTo(BigInteger.One << (dropped - 1));
        if (comparison > 0 || (comparison == 0 && !kept.IsEven)) kept += 1;
        return value.Sign * (kept << dropped);
    }

    private static LongDouble Parse(string text)
    {
        Assert.True(LongDouble.TryParse(Encoding.Latin1.GetBytes(text), out LongDouble value), text);
        return value;
    }

    private static string Print(LongDouble value)
    {
        byte[] buffer = new byte[LongDouble.TextBytesMax];
        return Encoding.ASCII.GetString(buffer, 0, value.Format(buffer));
    }
}
