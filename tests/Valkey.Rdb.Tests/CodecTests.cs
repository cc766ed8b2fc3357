// Lengths, strings and numbers, byte for byte, and back again however the bytes are cut.

using System.Text;
using Xunit;

namespace Valkey.Rdb.Tests;

public sealed class CodecTests
{
    [Theory]
    [InlineData(0UL, "00")]
    [InlineData(63UL, "3f")]
    [InlineData(64UL, "4040")]
    [InlineData(16383UL, "7fff")]
    [InlineData(16384UL, "8000004000")]
    [InlineData(4294967295UL, "80ffffffff")]
    [InlineData(4294967296UL, "810000000100000000")]
    [InlineData(ulong.MaxValue, "81ffffffffffffffff")]
    public void A_length_takes_the_shortest_form(ulong length, string expected)
    {
        Assert.Equal(expected, Hex(output => output.Length(length)));
    }

    [Theory]
    [InlineData("0", "c000")]
    [InlineData("-128", "c080")]
    [InlineData("127", "c07f")]
    [InlineData("128", "c18000")]
    [InlineData("-32768", "c10080")]
    [InlineData("32768", "c200800000")]
    [InlineData("2147483647", "c2ffffff7f")]
    [InlineData("-2147483648", "c200000080")]
    [InlineData("2147483648", "0a32313437343833363438")]
    [InlineData("007", "03303037")]
    [InlineData("", "00")]
    [InlineData("abc", "03616263")]
    public void A_string_is_a_number_where_it_is_one(string text, string expected)
    {
        Assert.Equal(expected, Hex(output => output.String(Encoding.ASCII.GetBytes(text))));
        if (long.TryParse(text, out long number) && text != "007") Assert.Equal(expected, Hex(output => output.IntegerString(number)));
    }

    [Fact]
    public void A_long_string_that_repeats_itself_is_compressed_only_where_wanted()
    {
        byte[] text = new byte[1000];

        byte[] compressed = Written(output => output.String(text), compresses: true);
        byte[] plain = Written(output => output.String(text), compresses: false);

        Assert.Equal(0xC3, compressed[0]);
        Assert.True(compressed.Length < 100);
        Assert.Equal(1002, plain.Length);
    }

    [Fact]
    public void What_is_written_is_read_back_however_it_is_cut()
    {
        Random random = new(11);
        for (int round = 0; round < 200; round++)
        {
            List<object> items = [];
            for (int i = random.Next(200); i > 0; i--) items.Add(RandomItem(random));

            byte[] bytes = Written(output => items.ForEach(item => Write(output, item)), compresses: round % 2 == 0);

            using RdbInput input = new(new TornSource(bytes, round, knowsLength: round % 3 > 0)) { HasChecksum = true };
            byte[] digits = new byte[20];
            foreach (object item in items)
            {
                if (item is ulong length) Assert.Equal(length, input.Length());
                else Assert.Equal((byte[])item, input.String(digits).ToArray());
            }

            Assert.Equal(bytes.Length, input.Offset);
            Assert.Equal(Crc64.AppendByTables(0, bytes), input.Checksum);
            Assert.Throws<InvalidDataException>(() => input.Byte());
        }
    }

    [Fact]
    public void Skipping_passes_over_exactly_one_string()
    {
        Random random = new(12);
        byte[][] strings = new byte[100][];
        for (int i = 0; i < strings.Length; i++) strings[i] = RandomBytes(random, random.Next(2000));

        byte[] bytes = Written(output => Array.ForEach(strings, text => output.String(text)), compresses: true);

        using RdbInput input = new(new TornSource(bytes, 1));
        for (int i = 0; i < strings.Length; i++) input.SkipString();
        Assert.Equal(bytes.Length, input.Offset);
    }

    [Fact]
    public void A_string_larger_than_every_buffer_comes_back_whole()
    {
        byte[] text = RandomBytes(new Random(5), 3_000_001);

        byte[] bytes = Written(output => output.String(text), compresses: true);

        using RdbInput input = new(new TornSource(bytes, 1, knowsLength: false));
        Assert.True(input.String(new byte[20]).SequenceEqual(text));
    }

    [Fact]
    public void A_length_that_the_file_cannot_hold_costs_nothing()
    {
        byte[] bytes = [0x80, 0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3];
        using RdbInput input = new(new TornSource(bytes, 1));
        using RdbInput unknown = new(new TornSource(bytes, 1, knowsLength: false));

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => { _ = input.String(new byte[20]); });
        Assert.Throws<InvalidDataException>(() => { _ = unknown.String(new byte[20]); });

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void A_compressed_string_cannot_claim_more_than_compression_gives()
    {
        byte[] bytes = [0xC3, 3, 0x80, 0x10, 0, 0, 0, 0xE0, 0, 0];
        using RdbInput input = new(new TornSource(bytes, 1));

        Assert.Throws<InvalidDataException>(() => { _ = input.String(new byte[20]); });
    }

    [Fact]
    public void Writing_allocates_nothing_managed()
    {
        byte[] text = new byte[500_000];
        using RdbOutput output = new(new NowhereSink()) { Compresses = true, HasChecksum = true };
        long fewest = long.MaxValue;
        for (int i = 0; i < 8; i++) // compiling allocates now and then, writing would do so every time
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            WriteSome(output, text);
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, fewest);
    }

    private static void WriteSome(RdbOutput output, byte[] text)
    {
        for (int i = 0; i < 1000; i++)
        {
            output.Length((ulong)i * 1000);
            output.IntegerString(i * 123_456_789L);
            output.String("some text that is not a number"u8);
        }

        output.String(text);
        output.Drain();
    }

    private static object RandomItem(Random random) => random.Next(4) switch
    {
        0 => (ulong)random.NextInt64() >> random.Next(64),
        1 => Encoding.ASCII.GetBytes((random.NextInt64() >> random.Next(64)).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        2 => new byte[random.Next(3000)],
        _ => RandomBytes(random, random.Next(100)),
    };

    private static byte[] RandomBytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Write(RdbOutput output, object item)
    {
        if (item is ulong length) output.Length(length);
        else output.String((byte[])item);
    }

    private static byte[] Written(Action<RdbOutput> write, bool compresses = false)
    {
        ListSink sink = new();
        using RdbOutput output = new(sink) { Compresses = compresses };
        write(output);
        output.Drain();
        return sink.Written;
    }

    private static string Hex(Action<RdbOutput> write) => Convert.ToHexStringLower(Written(write));

    private sealed class NowhereSink : Valkey.Abstractions.ISnapshotSink
    {
        public long BytesWritten { get; private set; }

        public int ErrorNumber => 0;

        public void Write(ReadOnlySpan<byte> bytes) => BytesWritten += bytes.Length;

        public void Flush() { }
    }
}
