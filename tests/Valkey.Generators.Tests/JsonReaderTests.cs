// What the reader must accept, what it must refuse and where it says that the mistake is.

using System.Text;
using Xunit;

namespace Valkey.Generators.Tests;

public sealed class JsonReaderTests
{
    [Theory]
    [InlineData("null", "null")]
    [InlineData(" true\n", "true")]
    [InlineData("false", "false")]
    [InlineData("0", "0")]
    [InlineData("-12.50e+3", "-12.50e+3")]
    [InlineData("[ ]", "[]")]
    [InlineData("{ }", "{}")]
    [InlineData("[1, [2, {\"a\" : null}],\t\"b\"]", "[1,[2,{\"a\":null}],\"b\"]")]
    [InlineData("\"\\u0041\\/\\\\\\\"\"", "\"A/\\\\\\\"\"")]
    [InlineData("\"\\b\\f\\n\\r\\t\"", "\"\\u0008\\u000c\\u000a\\u000d\\u0009\"")]
    [InlineData("\"\\uD83D\\ude00 \u00e9\"", "\"\ud83d\ude00 \u00e9\"")]
    public void A_value_is_read_and_written_back(string text, string written)
    {
        StringBuilder output = new();
        JsonReader.Parse(text).WriteTo(output);
        Assert.Equal(written, output.ToString());
    }

    [Theory]
    [InlineData("", 0, "a value is expected, found the end of the file")]
    [InlineData("nil", 0, "a value is expected, found 'n'")]
    [InlineData("[1 2]", 3, "',' or ']' is expected, found '2'")]
    [InlineData("[1,]", 3, "a value is expected, found ']'")]
    [InlineData("{\"a\" 1}", 5, "':' is expected, found '1'")]
    [InlineData("{\"a\":1,}", 7, "a string is expected, found '}'")]
    [InlineData("{\"a\":1", 6, "',' or '}' is expected, found the end of the file")]
    [InlineData("{\"a\":1,\"a\":2}", 7, "member \"a\" is given twice")]
    [InlineData("\"abc", 4, "the string is not closed, found the end of the file")]
    [InlineData("\"\\x\"", 2, "this escape does not exist, found 'x'")]
    [InlineData("\"\\u12g4\"", 5, "a hexadecimal digit is expected, found 'g'")]
    [InlineData("01", 1, "nothing may follow the value, found '1'")]
    [InlineData("-", 1, "a digit is expected, found the end of the file")]
    [InlineData("1.", 2, "a digit is expected, found the end of the file")]
    [InlineData("true false", 5, "nothing may follow the value, found 'f'")]
    public void A_mistake_is_placed_and_named(string text, int offset, string message)
    {
        FactsFormatException wrong = Assert.Throws<FactsFormatException>(() => JsonReader.Parse(text));
        Assert.Equal(message, wrong.Message);
        Assert.Equal(offset, wrong.Offset);
    }

    [Fact]
    public void A_line_break_inside_a_string_is_a_mistake()
    {
        FactsFormatException wrong = Assert.Throws<FactsFormatException>(() => JsonReader.Parse("\"a\nb\""));
        Assert.Equal(2, wrong.Offset);
    }

    [Fact]
    public void Nesting_has_a_limit_instead_of_overflowing_the_stack()
    {
        JsonReader.Parse(new string('[', 64) + new string(']', 64));
        FactsFormatException wrong = Assert.Throws<FactsFormatException>(() => JsonReader.Parse(new string('[', 100_000)));
        Assert.Equal(64, wrong.Offset);
    }

    [Fact]
    public void Every_value_knows_where_it_stands()
    {
        JsonValue root = JsonReader.Parse("  {\"a\": [7]}");
        Assert.Equal(2, root.Offset);
        Assert.Equal(8, root.Members[0].Value.Offset);
        Assert.Equal(9, root.Members[0].Value.Items[0].Offset);
    }
}
