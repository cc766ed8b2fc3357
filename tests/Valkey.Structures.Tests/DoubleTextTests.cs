using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class DoubleTextTests
{
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(3.0, "3")]
    [InlineData(-3.5, "-3.5")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e20, "1e+20")]
    [InlineData(1.5e300, "1.5e+300")]
    [InlineData(1e-6, "0.000001")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(1.25e-7, "1.25e-7")]
    [InlineData(0.001234567, "0.001234567")]
    [InlineData(0.0001234567, "1.234567e-4")]
    [InlineData(123456789.125, "123456789.125")]
    [InlineData(4611686018427387904.0, "4611686018427387904")]
    [InlineData(9223372036854775808.0, "9223372036854776000")]
    [InlineData(1234567890123456.8, "1234567890123456.8")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(double.MaxValue, "1.7976931348623157e+308")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(double.NaN, "nan")]
    public void A_double_is_written_as_Valkey_writes_it(double value, string expected)
    {
        Span<byte> text = stackalloc byte[DoubleText.LengthMax];

        Assert.Equal(expected, Encoding.ASCII.GetString(text[..DoubleText.Format(value, text)]));
    }

    [Fact]
    public void Every_double_is_read_back_as_it_was_written() => Seeded.Check(4, random =>
    {
        Span<byte> text = stackalloc byte[DoubleText.LengthMax];
        for (int i = 0; i < 50_000; i++)
        {
            double value = random.Next(3) switch
            {
                0 => BitConverter.Int64BitsToDouble(random.NextInt64()),
                1 => random.Next(-1_000_000, 1_000_000) / 1000.0,
                _ => random.NextDouble() * Math.Pow(10, random.Next(-30, 30)),
            };
            if (!double.IsFinite(value)) continue;

            ReadOnlySpan<byte> written = text[..DoubleText.Format(value, text)];

            Assert.True(DoubleText.TryParse(written, out double read), Encoding.ASCII.GetString(written));
            Assert.Equal(value, read);
        }
    });

    [Theory]
    [InlineData("1", 1)]
    [InlineData("+1", 1)]
    [InlineData("-1.", -1)]
    [InlineData(".5", 0.5)]
    [InlineData("-.5", -0.5)]
    [InlineData("1e3", 1000)]
    [InlineData("1E-3", 0.001)]
    [InlineData("12.5e+1", 125)]
    [InlineData("00012.50", 12.5)]
    [InlineData("9007199254740993", 9007199254740992)]
    [InlineData("0.1234567890123456789", 0.12345678901234568)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("+INF", double.PositiveInfinity)]
    [InlineData("0e5000", 0)]
    public void What_is_a_double_is_read(string text, double expected)
    {
        Assert.True(DoubleText.TryParse(Encoding.ASCII.GetBytes(text), out double value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("-.")]
    [InlineData("e5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1\0")]
    [InlineData("1.2.3")]
    [InlineData("1,000")]
    [InlineData("0x10")]
    [InlineData("nan")]
    [InlineData("NaN")]
    [InlineData("infinit")]
    [InlineData("--1")]
    [InlineData("1e400")]
    [InlineData("1e-400")]
    public void What_is_none_is_refused(string text) =>
        Assert.False(DoubleText.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Bounds_may_be_beyond_what_a_double_holds()
    {
        Assert.True(DoubleText.TryParseLoose("1e400"u8, out double value));
        Assert.Equal(double.PositiveInfinity, value);
        Assert.True(DoubleText.TryParseLoose("1e-400"u8, out value));
        Assert.Equal(0, value);
        Assert.False(DoubleText.TryParseLoose("nan"u8, out _));
    }
}
