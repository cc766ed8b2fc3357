// How INFO's text is put together.

using Valkey.Host.Observability;
using Xunit;

namespace Valkey.UnitTests.Observability;

public sealed class InfoTextTests
{
    [Theory]
    [InlineData(0, "0B")]
    [InlineData(1023, "1023B")]
    [InlineData(1024, "1.00K")]
    [InlineData(971848, "949.07K")]
    [InlineData(7540736, "7.19M")]
    [InlineData(25276510208, "23.54G")]
    [InlineData(1L << 41, "2.00T")]
    public void Bytes_are_printed_for_people(long bytes, string expected) => Assert.Equal(expected, InfoText.Human(bytes));

    [Fact]
    public void Sections_are_divided_by_an_empty_line()
    {
        InfoText text = new();
        text.Section("One", info => info.Field("a", 1));
        text.Section("Two", info => info.Field("b", 0.5, 2));

        Assert.Equal("# One\r\na:1\r\n\r\n# Two\r\nb:0.50\r\n", text.ToString());
    }

    [Fact]
    public void A_later_part_replaces_fields_and_adds_its_own()
    {
        InfoText text = new();
        text.Section("S", info => Write(info, ("a", 1), ("b", 2)), info => Write(info, ("c", 3), ("a", 9)));

        Assert.Equal("# S\r\na:9\r\nb:2\r\nc:3\r\n", text.ToString());
    }

    [Fact]
    public void A_part_may_use_a_name_several_times()
    {
        InfoText text = new();
        text.Section("Modules", info => Write(info, ("module", 1), ("module", 2)));

        Assert.Equal("# Modules\r\nmodule:1\r\nmodule:2\r\n", text.ToString());
    }

    [Fact]
    public void Names_cannot_end_a_line() => Assert.Equal("a_b__c", InfoText.Safe("a:b\r\nc"));

    private static void Write(Abstractions.InfoWriter info, params (string Name, long Value)[] fields)
    {
        foreach ((string name, long value) in fields) info.Field(name, value);
    }
}
