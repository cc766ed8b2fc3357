// Files of every age, made byte by byte: what is found in them, and what is said of those that are damaged.

using Valkey.Abstractions;
using Xunit;

namespace Valkey.Rdb.Tests;

public sealed class ReaderTests
{
    private readonly TextType _text = new();
    private readonly ElementsType _elements = new(1, 2, 4, 16, 17, 18, 20);

    [Fact]
    public void A_file_of_today_is_told_record_by_record()
    {
        byte[] file = new FileBuilder("REDIS0011")
            .Bytes(0xFA).Text("valkey-ver").Text("9.1.0")
            .Bytes(0xFE, 3, 0xFB, 2, 1)
            .Bytes(0xFC, 0x10, 0x27, 0, 0, 0, 0, 0, 0, 0xF8, 0x40, 0x64, 0xF9, 200, 0).Text("a").Text("one")
            .Bytes(0).Text("b").Bytes(0xC0, 7)
            .Bytes(0xF4, 1, 2, 3)
            .Bytes(0xF5).Text("#!lua name=x")
            .Complete();

        List<string> events = Reading.Load(file, new RecordingReceiver(_text));

        Assert.Equal(
        [
            "version 11", "field valkey-ver=9.1.0", "db 3", "size 2 1", "text a=one expire 10000 idle 100 freq 200",
            "text b=7 expire -1 idle -1 freq -1", "function #!lua name=x",
        ], events);
    }

    [Fact]
    public void The_first_version_has_no_checksum_and_seconds_of_expiry()
    {
        byte[] file = new FileBuilder("REDIS0001").Bytes(0xFE, 0, 0xFD, 0x10, 0x27, 0, 0, 0).Text("k").Text("v").Bytes(0xFF).Raw();

        Assert.Contains("text k=v expire 10000000 idle -1 freq -1", Reading.Load(file, new RecordingReceiver(_text)));
    }

    [Fact]
    public void Keys_whose_time_is_over_are_dropped_only_where_wanted()
    {
        byte[] file = new FileBuilder().Bytes(0xFC, 0x10, 0x27, 0, 0, 0, 0, 0, 0, 0).Text("k").Text("v").Complete();

        Assert.Contains("dropped k Expired", Reading.Load(file, new RecordingReceiver(_text) { DropExpiredAtUnixMs = 10_001 }));
        Assert.DoesNotContain("dropped k Expired", Reading.Load(file, new RecordingReceiver(_text) { DropExpiredAtUnixMs = 10_000 }));
        Assert.DoesNotContain("dropped k Expired", Reading.Load(file, new RecordingReceiver(_text)));
    }

    [Fact]
    public void Ziplists_and_zipmaps_become_what_took_their_place()
    {
        // Six entries: "a", 1, "bb", -300, "c", 70000.
        byte[] ziplist = Ziplists.Of("a", 1L, "bb", -300L, "c", 70000L);
        byte[] zipmap = [2, 1, (byte)'f', 1, 0, (byte)'v', 2, (byte)'f', (byte)'2', 2, 3, (byte)'w', (byte)'w', 0, 0, 0, 255];
        byte[] file = new FileBuilder("REDIS0009")
            .Bytes(13).Text("hash").Blob(ziplist)
            .Bytes(12).Text("zset").Blob(ziplist)
            .Bytes(10).Text("list").Blob(ziplist)
            .Bytes(14).Text("quick").Bytes(2).Blob(ziplist).Blob(Ziplists.Of("z"))
            .Bytes(9).Text("map").Blob(zipmap)
            .Complete();

        List<string> events = Reading.Load(file, new RecordingReceiver(_elements));

        const string Attributes = " expire -1 idle -1 freq -1";
        Assert.Equal(
        [
            "version 9", "elements hash=a,1,bb,-300,c,70000" + Attributes, "elements zset=a,1,bb,-300,c,70000" + Attributes,
            "elements list=a,1,bb,-300,c,70000" + Attributes, "elements quick=a,1,bb,-300,c,70000,z" + Attributes,
            "elements map=f,v,f2,ww" + Attributes,
        ], events);
    }

    [Fact]
    public void Every_integer_of_a_ziplist_is_read()
    {
        long[] numbers = [0, 12, 13, -1, 127, -128, 128, 32767, -32768, 32768, 8388607, -8388608, 8388608, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue];
        byte[] file = new FileBuilder().Bytes(10).Text("l").Blob(Ziplists.Of(Array.ConvertAll(numbers, number => (object)number))).Complete();

        Assert.Contains($"elements l={string.Join(',', numbers)} expire -1 idle -1 freq -1", Reading.Load(file, new RecordingReceiver(_elements)));
    }

    [Theory]
    [InlineData(13, "Hash ziplist integrity check failed.")]
    [InlineData(12, "Zset ziplist integrity check failed.")]
    public void A_ziplist_with_the_same_field_twice_is_refused(byte code, string reason)
    {
        byte[] file = new FileBuilder().Bytes(code).Text("k").Blob(Ziplists.Of("a", 1L, "a", 2L)).Complete();

        Assert.Contains(reason, Failure(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_without_elements_is_left_out()
    {
        byte[] file = new FileBuilder().Bytes(10).Text("l").Blob(Ziplists.Of()).Complete();

        Assert.Contains("dropped l Empty", Reading.Load(file, new RecordingReceiver(_elements)));
    }

    [Fact]
    public void A_failure_names_offset_key_and_reason()
    {
        byte[] file = new FileBuilder().Bytes(0).Text("some-key").Bytes(50, 1, 2, 3).Raw();

        Assert.StartsWith(
            "Internal error in RDB reading offset 20, key 'some-key' -> Unexpected EOF reading RDB file", Failure(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_checksum_is_an_error_and_none_is_not()
    {
        byte[] file = new FileBuilder().Bytes(0).Text("k").Text("v").Complete();
        byte[] wrong = [.. file[..^1], (byte)(file[^1] + 1)];
        byte[] none = [.. file[..^8], 0, 0, 0, 0, 0, 0, 0, 0];

        Assert.Contains("RDB CRC error", Failure(wrong), StringComparison.Ordinal);
        Assert.Contains("text k=v expire -1 idle -1 freq -1", Reading.Load(none, new RecordingReceiver(_text)));
    }

    [Theory]
    [InlineData("REDIS0012", false)]
    [InlineData("REDIS0079", false)]
    [InlineData("REDIS0080", null)]
    [InlineData("VALKEY011", null)]
    [InlineData("VALKEY081", false)]
    [InlineData("REDIS0000", null)]
    [InlineData("REDISxxxx", null)]
    [InlineData("VALKEY080", true)]
    [InlineData("REDIS0011", true)]
    public void Strict_and_relaxed_take_the_versions_that_Valkey_takes(string magic, bool? isTakenStrictly)
    {
        byte[] file = new FileBuilder(magic).Complete();

        if (isTakenStrictly == true) Reading.Load(file, new RecordingReceiver());
        else Assert.True(Assert.Throws<SnapshotFormatException>(() => Reading.Load(file, new RecordingReceiver())).IsUnknown);
        if (isTakenStrictly == false) Reading.Load(file, new RecordingReceiver(), isRelaxed: true);
        if (isTakenStrictly is null) Assert.Throws<SnapshotFormatException>(() => Reading.Load(file, new RecordingReceiver(), isRelaxed: true));
    }

    [Fact]
    public void A_foreign_file_is_read_as_far_as_its_codes_mean_the_same()
    {
        byte[] known = new FileBuilder("REDIS0075").Bytes(0).Text("k").Text("v").Complete();
        byte[] other = new FileBuilder("REDIS0075").Bytes(22).Text("k").Bytes(1).Text("f").Text("v").Complete();

        Assert.Contains("text k=v expire -1 idle -1 freq -1", Reading.Load(known, new RecordingReceiver(_text), isRelaxed: true));
        SnapshotFormatException failure = Assert.Throws<SnapshotFormatException>(() => Reading.Load(other, new RecordingReceiver(_text), isRelaxed: true));
        Assert.Contains("Can't handle foreign type or opcode 22 in RDB with version 75", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_plugin_loads_is_an_error_that_names_it()
    {
        Assert.Contains("a stream needs the Streams plugin", Failure(new FileBuilder().Bytes(21).Text("s").Complete()), StringComparison.Ordinal);
        Assert.Contains("(hash-listpack) needs a data type plugin", Failure(new FileBuilder().Bytes(16).Text("h").Text("x").Complete(), _text), StringComparison.Ordinal);
        Assert.Contains("Unknown RDB encoding type 8", Failure(new FileBuilder().Bytes(8).Text("k").Complete()), StringComparison.Ordinal);
        Assert.Contains("Unknown RDB encoding type 99", Failure(new FileBuilder().Bytes(99).Text("k").Complete()), StringComparison.Ordinal);
        Assert.Contains("Pre-release module format not supported", Failure(new FileBuilder().Bytes(6).Text("k").Complete()), StringComparison.Ordinal);
        Assert.Contains("Pre-release function format not supported", Failure(new FileBuilder().Bytes(0xF6).Complete()), StringComparison.Ordinal);
        Assert.Contains("Failed loading library, it is bad", Failure(new FileBuilder().Bytes(0xF5).Text("bad").Complete()), StringComparison.Ordinal);
        Assert.Contains("the server has no database of that number", Failure(new FileBuilder().Bytes(0xFE, 16).Complete()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_key_twice_is_an_error()
    {
        byte[] file = new FileBuilder().Bytes(0).Text("k").Text("v").Bytes(0).Text("k").Text("w").Complete();

        Assert.Contains("The file holds the key twice", Failure(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Data_of_a_module_that_is_not_there_is_an_error_and_silence_is_not()
    {
        byte[] id = [0x81, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] silent = new FileBuilder().Bytes(0xF7).Bytes(id).Bytes(2, 1, 0).Complete();
        byte[] speaking = new FileBuilder().Bytes(0xF7).Bytes(id).Bytes(2, 1, 2, 5, 0).Complete();

        Assert.Equal(["version 10"], Reading.Load(silent, new RecordingReceiver()));
        Assert.Contains("AUX module data I can't load: no matching module 'AAAAAAAAA'", Failure(speaking), StringComparison.Ordinal);
    }

    [Fact]
    public void Size_hints_never_promise_more_keys_than_the_file_has_room_for()
    {
        byte[] hint = [0xFE, 0, 0xFB, 0x81, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x81, 0x10, 0, 0, 0, 0, 0, 0, 0];
        byte[] file = new FileBuilder().Bytes(hint).Bytes(hint).Bytes(hint).Complete();

        List<string> events = Reading.Load(file, new RecordingReceiver());

        long promised = events.Where(line => line.StartsWith("size", StringComparison.Ordinal)).Sum(line => long.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange(promised, 0, file.Length / 3);
    }

    [Fact]
    public void Compact_encodings_that_lie_are_refused_before_any_type_sees_them()
    {
        byte[] listpack = [20, 0, 0, 0, 1, 0, 0x8F, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0xFF];
        foreach ((byte code, string what) in new[] { ((byte)16, "Hash"), ((byte)17, "Zset"), ((byte)20, "Set") })
        {
            byte[] file = new FileBuilder().Bytes(code).Text("k").Text(System.Text.Encoding.Latin1.GetString(listpack)).Complete();
            Assert.Contains($"{what} listpack integrity check failed.", Failure(file, _elements), StringComparison.Ordinal);
        }
    }

    private static string Failure(byte[] file, params DataType[] types) =>
        Assert.Throws<SnapshotFormatException>(() => Reading.Load(file, new RecordingReceiver(types.Length > 0 ? types : [new TextType(), new ElementsType(1, 16, 17, 18)]))).Message;
}

/// <summary>Makes ziplists, which the server only reads.</summary>
internal static class Ziplists
{
    public static byte[] Of(params object[] elements)
    {
        List<byte> entries = [];
        int previousBytes = 0;
        int lastStart = 0;
        foreach (object element in elements)
        {
            lastStart = entries.Count;
            entries.AddRange(previousBytes < 254 ? [(byte)previousBytes] : [254, .. BitConverter.GetBytes(previousBytes)]);
            entries.AddRange(element is long number ? Number(number) : Text((string)element));
            previousBytes = entries.Count - lastStart;
        }

        byte[] all = [.. BitConverter.GetBytes(11 + entries.Count), .. BitConverter.GetBytes(10 + lastStart), .. BitConverter.GetBytes((ushort)elements.Length), .. entries, 255];
        return all;
    }

    private static byte[] Text(string text) => text.Length < 64
        ? [(byte)text.Length, .. System.Text.Encoding.Latin1.GetBytes(text)]
        : [(byte)(0x40 | (text.Length >> 8)), (byte)text.Length, .. System.Text.Encoding.Latin1.GetBytes(text)];

    private static byte[] Number(long number) => number switch
    {
        >= 0 and <= 12 => [(byte)(0xF1 + number)],
        >= sbyte.MinValue and <= sbyte.MaxValue => [0xFE, (byte)number],
        >= short.MinValue and <= short.MaxValue => [0xC0, .. BitConverter.GetBytes((short)number)],
        >= -(1 << 23) and < 1 << 23 => [0xF0, .. BitConverter.GetBytes((int)number)[..3]],
        >= int.MinValue and <= int.MaxValue => [0xD0, .. BitConverter.GetBytes((int)number)],
        _ => [0xE0, .. BitConverter.GetBytes(number)],
    };
}
