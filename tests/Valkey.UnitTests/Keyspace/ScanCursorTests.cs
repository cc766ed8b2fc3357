using System.Text;
using Valkey.Structures;
using Xunit;

namespace Valkey.UnitTests.Keyspace;

public sealed class ScanCursorTests
{
    [Theory]
    [InlineData("0", 0ul)]
    [InlineData("007", 7ul)]
    [InlineData("+7", 7ul)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    public void Numbers_of_64_bits_are_cursors(string text, ulong expected)
    {
        Assert.True(ScanCursor.TryParse(Encoding.ASCII.GetBytes(text), out ulong cursor));
        Assert.Equal(expected, cursor);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("-1")]
    [InlineData("abc")]
    [InlineData("1 ")]
    [InlineData(" 1")]
    [InlineData("18446744073709551616")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_none(string text) => Assert.False(ScanCursor.TryParse(Encoding.ASCII.GetBytes(text), out ulong _));
}
