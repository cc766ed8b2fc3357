using FsCheck;
using FsCheck.Fluent;
using Valkey.Host.Text;
using Xunit;

namespace Valkey.UnitTests.Text;

public sealed class ArgumentLineTests
{
    [Theory]
    [InlineData("set a b", "set|a|b")]
    [InlineData("  set\ta  b ", "set|a|b")]
    [InlineData("a \"b c\" d", "a|b c|d")]
    [InlineData("a 'b \\' c'", "a|b ' c")]
    [InlineData("a 'b \\n'", "a|b \\n")]
    [InlineData("a \"x\\ny\\t\\\"\\\\\"", "a|x\ny\t\"\\")]
    [InlineData("a \"\\x41\\xZZ\"", "a|AxZZ")]
    [InlineData("a \"\" ''", "a||")]
    [InlineData("ab\"cd\"", "abcd")]
    [InlineData("", "")]
    public void A_line_is_split_into_words(string line, string expected) =>
        Assert.Equal(expected, string.Join('|', ArgumentLine.Split(line)!));

    [Theory]
    [InlineData("a \"b")]
    [InlineData("a 'b")]
    [InlineData("a \"b\"c")]
    [InlineData("a 'b'c")]
    public void Unbalanced_quotes_are_no_line(string line) => Assert.Null(ArgumentLine.Split(line));

    [Fact]
    public void Any_bytes_survive_quoting_and_splitting() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        bytes =>
        {
            List<string>? words = ArgumentLine.Split("name " + ArgumentLine.Quote(ByteText.FromBytes(bytes)));
            return words is { Count: 2 } && ByteText.ToBytes(words[1]).AsSpan().SequenceEqual(bytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Any_list_of_texts_survives_joining_and_splitting() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[][]>(),
        lists =>
        {
            List<string> words = [.. lists.Select(bytes => ByteText.FromBytes(bytes))];
            return ArgumentLine.Split(ArgumentLine.Join(words))!.SequenceEqual(words);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Text_of_any_language_is_one_byte_sequence() =>
        Assert.Equal("Grüße, 世界 🙂"u8.ToArray(), ByteText.ToBytes(ByteText.FromBytes("Grüße, 世界 🙂"u8)));
}
