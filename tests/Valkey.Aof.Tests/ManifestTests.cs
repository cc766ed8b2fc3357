// What a manifest says, what is refused, and how it changes from one rewrite to the next.

using System.Text;
using Valkey.Aof.Files;
using Xunit;

namespace Valkey.Aof.Tests;

public sealed class ManifestTests
{
    private const string Sound =
        "file appendonly.aof.2.base.rdb seq 2 type b\n"
        + "file appendonly.aof.1.incr.aof seq 1 type h\n"
        + "file appendonly.aof.4.incr.aof seq 4 type i\n"
        + "file appendonly.aof.7.incr.aof seq 7 type i\n";

    [Fact]
    public void A_manifest_names_base_history_and_increments_and_is_written_as_it_was_read()
    {
        AofManifest manifest = Parse(Sound);

        Assert.Equal(new AofFile("appendonly.aof.2.base.rdb", 2, AofFileType.Base), manifest.Base);
        Assert.Equal(["appendonly.aof.1.incr.aof"], manifest.History.Select(file => file.Name));
        Assert.Equal(["appendonly.aof.2.base.rdb", "appendonly.aof.4.incr.aof", "appendonly.aof.7.incr.aof"], manifest.Loaded.Select(file => file.Name));
        Assert.Equal(3, manifest.LoadedCount);
        Assert.False(manifest.IsDirty);
        Assert.Equal(Sound, manifest.Format());
    }

    [Fact]
    public void Comments_unknown_keys_and_any_order_of_keys_are_accepted()
    {
        AofManifest manifest = Parse("# made by hand\nTYPE i SEQ 3 colour red FILE a.aof\r\n#\n");

        Assert.Equal(new AofFile("a.aof", 3, AofFileType.Increment), Assert.Single(manifest.Increments));
        Assert.Null(manifest.Base);
    }

    [Theory]
    [InlineData("", "Found an empty AOF manifest", 0, null)]
    [InlineData("\n", "Invalid AOF manifest file format", 1, "")]
    [InlineData("file a seq 1 type b\n\n", "Invalid AOF manifest file format", 2, "")]
    [InlineData("file a seq 1\n", "Invalid AOF manifest file format", 1, "file a seq 1")]
    [InlineData("file a seq 1 type\n", "Invalid AOF manifest file format", 1, "file a seq 1 type")]
    [InlineData("file a seq 1 type b more\n", "Invalid AOF manifest file format", 1, "file a seq 1 type b more")]
    [InlineData("file a seq 0 type b\n", "Invalid AOF manifest file format", 1, "file a seq 0 type b")]
    [InlineData("file a seq x type b\n", "Invalid AOF manifest file format", 1, "file a seq x type b")]
    [InlineData("file a seq 1 type \"\"\n", "Invalid AOF manifest file format", 1, "file a seq 1 type \"\"")]
    [InlineData("file a seq 1 what b\n", "Invalid AOF manifest file format", 1, "file a seq 1 what b")]
    [InlineData("file \"a seq 1 type b\n", "Invalid AOF manifest file format", 1, "file \"a seq 1 type b")]
    [InlineData("file a seq 1 type x\n", "Unknown AOF file type", 1, "file a seq 1 type x")]
    [InlineData("file a seq 1 type \u0162\n", "Unknown AOF file type", 1, "file a seq 1 type \u0162")]
    [InlineData("file d/a seq 1 type b\n", "File can't be a path, just a filename", 1, "file d/a seq 1 type b")]
    [InlineData("file \"d\\\\a\" seq 1 type b\n", "File can't be a path, just a filename", 1, "file \"d\\\\a\" seq 1 type b")]
    [InlineData("file a seq 1 type b\nfile b seq 2 type b\n", "Found duplicate base file information", 2, "file b seq 2 type b")]
    [InlineData("file a seq 2 type i\nfile b seq 2 type i\n", "Found a non-monotonic sequence number", 2, "file b seq 2 type i")]
    [InlineData("file a seq -1 type i\n", "Found a non-monotonic sequence number", 1, "file a seq -1 type i")]
    [InlineData("file a seq 1 type b", "The AOF manifest file contains too long line", 1, null)]
    [InlineData("file a\0 seq 1 type b\n", "The AOF manifest file contains too long line", 1, null)]
    public void What_is_wrong_is_told_with_its_line(string text, string reason, int lineNumber, string? line)
    {
        ManifestException exception = Assert.Throws<ManifestException>(() => Parse(text));

        Assert.Equal(reason, exception.Message);
        Assert.Equal(lineNumber, exception.LineNumber);
        Assert.Equal(line, exception.Line);
        Assert.Equal(line is null ? 2 : 4, exception.Report().Count());
    }

    [Fact]
    public void A_line_may_have_1024_bytes_and_not_one_more()
    {
        string tail = " seq 1 type i\n";
        string fits = "file " + new string('a', ManifestReader.LineBytesMax - 5 - tail.Length) + tail;

        Assert.Single(Parse(fits).Increments);
        Assert.Equal(
            "The AOF manifest file contains too long line",
            Assert.Throws<ManifestException>(() => Parse("file a" + fits[5..])).Message);
    }

    [Theory]
    [InlineData("plain.aof", "plain.aof")]
    [InlineData("with blank", "\"with blank\"")]
    [InlineData("quote\"and\ttab", "\"quote\\\"and\\ttab\"")]
    [InlineData("été", "\"\\xc3\\xa9t\\xc3\\xa9\"")]
    [InlineData("", "\"\"")]
    public void Names_are_quoted_where_they_must_be(string name, string written)
    {
        Assert.Equal(written, ManifestWords.QuoteWhereNeeded(name));
        Assert.Equal([name, "x"], ManifestWords.Split(Encoding.UTF8.GetBytes(written + " x")));
    }

    [Fact]
    public void A_rewrite_makes_history_of_everything_before_it()
    {
        AofManifest manifest = new();
        Assert.Equal("log.1.base.aof", manifest.BeginBase("log", isSnapshot: false).Name);
        Assert.Equal("log.1.incr.aof", manifest.LastIncrement("log").Name);
        Assert.Equal("log.1.incr.aof", manifest.LastIncrement("log").Name);
        manifest.BeginIncrement("log");
        AofManifest before = manifest.Clone();

        manifest.BeginIncrement("log");
        Assert.Equal("log.2.base.rdb", manifest.BeginBase("log", isSnapshot: true).Name);
        manifest.RetireIncrements(keepsLast: true);

        Assert.True(manifest.IsDirty);
        Assert.Equal(
            "file log.2.base.rdb seq 2 type b\nfile log.1.incr.aof seq 1 type h\nfile log.2.incr.aof seq 2 type h\n"
            + "file log.1.base.aof seq 1 type h\nfile log.3.incr.aof seq 3 type i\n",
            manifest.Format());
        Assert.Equal(
            "file log.1.base.aof seq 1 type b\nfile log.1.incr.aof seq 1 type i\nfile log.2.incr.aof seq 2 type i\n", before.Format());

        manifest.RetireIncrements(keepsLast: false);
        Assert.Empty(manifest.Increments);
        manifest.ForgetHistory();
        Assert.Equal("file log.2.base.rdb seq 2 type b\n", manifest.Format());
        Assert.Equal("log.4.incr.aof", manifest.BeginIncrement("log").Name);
    }

    [Fact]
    public void Whatever_the_bytes_are_the_outcome_is_a_manifest_or_a_reason()
    {
        Random random = new(11);
        byte[] sound = Encoding.UTF8.GetBytes(Sound);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] text = sound[..random.Next(sound.Length + 1)];
            for (int i = random.Next(4); i > 0 && text.Length > 0; i--) text[random.Next(text.Length)] = (byte)random.Next(256);
            try
            {
                AofManifest manifest = ManifestReader.Parse(text);
                Assert.Equal(manifest.Format(), ManifestReader.Parse(Encoding.UTF8.GetBytes(manifest.Format() + "#\n")).Format());
            }
            catch (ManifestException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        }
    }

    private static AofManifest Parse(string text) => ManifestReader.Parse(Encoding.UTF8.GetBytes(text));
}
