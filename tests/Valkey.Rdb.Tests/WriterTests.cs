// What the writer writes: known bytes, versions as low as the data allows, and back again through the reader.

using System.Text;
using Valkey.Abstractions;
using Xunit;

namespace Valkey.Rdb.Tests;

public sealed class WriterTests
{
    private static readonly SnapshotHeader s_header = new() { Fields = [("valkey-ver", "9.1.0"), ("redis-bits", "64")] };

    private readonly TextType _text = new();

    [Fact]
    public void A_small_snapshot_has_exactly_these_bytes()
    {
        byte[] file = Write(10, writer =>
        {
            writer.BeginDatabase(0, 2, 1);
            Entry(writer, "a", "x", expireAtUnixMs: 10_000, idleSeconds: 5, frequency: -1);
            Entry(writer, "12", "y", frequency: 9);
        });

        byte[] expected = new FileBuilder("REDIS0010")
            .Bytes(0xFA).Text("valkey-ver").Text("9.1.0").Bytes(0xFA).Text("redis-bits").Bytes(0xC0, 64)
            .Bytes(0xFE, 0, 0xFB, 2, 1)
            .Bytes(0xFC, 0x10, 0x27, 0, 0, 0, 0, 0, 0, 0xF8, 5, 0).Text("a").Text("x")
            .Bytes(0xF9, 9, 0, 0xC0, 12).Text("y")
            .Complete();
        Assert.Equal(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(file));
    }

    [Theory]
    [InlineData(10, "REDIS0010")]
    [InlineData(11, "REDIS0011")]
    [InlineData(80, "VALKEY080")]
    public void The_magic_goes_with_the_version(int version, string magic)
    {
        Assert.Equal(magic, Encoding.ASCII.GetString(Write(version, _ => { })[..9]));
    }

    [Fact]
    public void A_database_that_goes_on_is_not_selected_again()
    {
        byte[] file = Write(10, writer =>
        {
            writer.BeginDatabase(1, -1, 0);
            writer.BeginDatabase(1, -1, 0);
            writer.BeginDatabase(2, -1, 0);
        });

        Assert.Equal(2, file.AsSpan(9..^9).Count((byte)0xFE));
    }

    [Fact]
    public void A_set_s_listpack_is_a_plain_set_where_the_version_has_no_listpacks_of_sets()
    {
        ElementsType type = new(2, 20);
        byte[] old = Write(10, writer => writer.WriteEntry(new SnapshotEntry("s"u8, type, new StoredValue(0, 0, "ab1"u8, true), -1, -1, -1)));
        byte[] modern = Write(11, writer => writer.WriteEntry(new SnapshotEntry("s"u8, type, new StoredValue(0, 0, "ab1"u8, true), -1, -1, -1)));

        Assert.Contains("elements s=a,b,1 expire -1 idle -1 freq -1", Reading.Load(old, new RecordingReceiver(type)));
        Assert.Contains("elements s=a,b,1 expire -1 idle -1 freq -1", Reading.Load(modern, new RecordingReceiver(type)));
        Assert.True(old.AsSpan().IndexOf((byte[])[2, 1, (byte)'s', 3, 1, (byte)'a', 1, (byte)'b', 0xC0, 1]) > 0);
    }

    [Fact]
    public void A_module_s_value_is_marked_part_by_part_and_comes_back()
    {
        PartsType type = new();
        byte[] file = Write(10, writer => writer.WriteEntry(new SnapshotEntry("m"u8, type, new StoredValue(0, 0, "hello"u8, true), -1, -1, -1)));

        Assert.Contains("parts m=7|hello|-12345678901|0.5|-9 expire -1 idle -1 freq -1", Reading.Load(file, new RecordingReceiver(type)));
        SnapshotFormatException failure = Assert.Throws<SnapshotFormatException>(() => Reading.Load(file, new RecordingReceiver()));
        Assert.Contains("module data I can't load: no matching module type 'test-part'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sink_that_fails_is_left_alone_and_nothing_is_thrown()
    {
        ListSink sink = new(failAfterBytes: 100_000);
        using RdbWriter writer = new(sink, s_header, 10, compresses: false, hasChecksum: true);
        writer.Begin();
        for (int i = 0; i < 10_000; i++) Entry(writer, $"key:{i}", new string('v', 100));
        writer.End();

        Assert.NotEqual(0, sink.ErrorNumber);
        Assert.True(sink.Written.Length <= 100_000);
    }

    [Fact]
    public void Random_keys_come_back_as_they_were()
    {
        Random random = new(2026);
        for (int round = 0; round < 30; round++)
        {
            List<string> expected = [];
            byte[] file = Write(10, writer =>
            {
                for (int i = 0; i < 300; i++)
                {
                    string value = RandomText(random, random.Next(200));
                    long expireAtUnixMs = random.Next(3) == 0 ? random.NextInt64(1, long.MaxValue) : -1;
                    long idleSeconds = random.Next(3) == 0 ? random.Next() : -1;
                    int frequency = random.Next(3) == 0 ? random.Next(256) : -1;
                    Entry(writer, $"{i}{RandomText(random, random.Next(300))}", value, expireAtUnixMs, idleSeconds, frequency, expected);
                }
            }, compresses: round % 2 == 0);

            List<string> events = Reading.Load(file, new RecordingReceiver(_text), seed: round);

            Assert.Equal(expected, events.Where(line => line.StartsWith("text ", StringComparison.Ordinal)));
        }
    }

    private static string RandomText(Random random, int length)
    {
        bool repeats = random.Next(2) == 0;
        return string.Create(length, (random, repeats), static (text, state) =>
        {
            for (int i = 0; i < text.Length; i++) text[i] = (char)(state.repeats ? 'a' + (i / 7 % 3) : state.random.Next(256));
        });
    }

    private byte[] Write(int version, Action<RdbWriter> write, bool compresses = false)
    {
        ListSink sink = new();
        using RdbWriter writer = new(sink, s_header, version, compresses, hasChecksum: true);
        writer.Begin();
        write(writer);
        writer.End();
        Assert.True(sink.WasFlushed);
        return sink.Written;
    }

    private void Entry(
        RdbWriter writer, string key, string value, long expireAtUnixMs = -1, long idleSeconds = -1, int frequency = -1, List<string>? told = null)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(value);
        writer.WriteEntry(new SnapshotEntry(
            Encoding.Latin1.GetBytes(key), _text, new StoredValue(0, 0, bytes, true), expireAtUnixMs, idleSeconds, frequency));
        told?.Add($"text {key}={value} expire {expireAtUnixMs} idle {idleSeconds} freq {frequency}");
    }
}
