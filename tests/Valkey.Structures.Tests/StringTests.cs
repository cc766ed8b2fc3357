using System.Globalization;
using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class IntegerTextTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("7")]
    [InlineData("-1")]
    [InlineData("10")]
    [InlineData("999999999999999999")]
    [InlineData("1000000000000000000")]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    public void A_number_in_its_one_form_is_parsed(string text)
    {
        Assert.True(IntegerText.TryParse(Encoding.ASCII.GetBytes(text), out long value));
        Assert.Equal(long.Parse(text, CultureInfo.InvariantCulture), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-0")]
    [InlineData("00")]
    [InlineData("01")]
    [InlineData("-01")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1a")]
    [InlineData("a")]
    [InlineData("1.0")]
    [InlineData("--1")]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("9999999999999999999")]
    [InlineData("-9999999999999999999")]
    [InlineData("18446744073709551617")]
    [InlineData("12345678901234567890123")]
    public void Any_other_text_is_not_a_number(string text) =>
        Assert.False(IntegerText.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void What_is_formatted_parses_back_and_has_the_counted_length() => Seeded.Check(3, random =>
    {
        byte[] target = new byte[IntegerText.LengthMax];
        for (int i = 0; i < 50_000; i++)
        {
            long value = i < 2 ? (i == 0 ? long.MinValue : long.MaxValue) : random.NextInt64(long.MinValue, long.MaxValue);
            value >>= random.Next(64);

            int length = IntegerText.Format(value, target);

            Assert.Equal(value.ToString(CultureInfo.InvariantCulture), Encoding.ASCII.GetString(target, 0, length));
            Assert.Equal(length, IntegerText.CountBytes(value));
            Assert.True(IntegerText.TryParse(target.AsSpan(0, length), out long parsed));
            Assert.Equal(value, parsed);
        }
    });

    [Fact]
    public void The_counted_length_is_right_beside_every_power_of_ten()
    {
        for (ulong power = 1; power <= 1_000_000_000_000_000_000; power *= 10)
        {
            foreach (long value in new[] { (long)power - 1, (long)power, -(long)power, 1 - (long)power })
            {
                Assert.Equal(value.ToString(CultureInfo.InvariantCulture).Length, IntegerText.CountBytes(value));
            }
        }
    }
}

public sealed class StringValueTests
{
    private const byte TypeId = 0;

    [Theory]
    [InlineData("12345", StringEncoding.Int, false)]
    [InlineData("-9223372036854775808", StringEncoding.Int, false)]
    [InlineData("012345", StringEncoding.Embstr, true)]
    [InlineData("", StringEncoding.Embstr, true)]
    [InlineData("hello", StringEncoding.Embstr, true)]
    public void The_encoding_suits_the_value(string text, byte encoding, bool isEmbedded)
    {
        Entry entry = StringValue.Create("key"u8, TypeId, Encoding.ASCII.GetBytes(text));

        Assert.Equal(encoding, entry.Encoding);
        Assert.Equal(isEmbedded, entry.IsEmbedded);
        StringValue.Free(entry);
    }

    [Theory]
    [InlineData(44, StringEncoding.Embstr, true)]
    [InlineData(45, StringEncoding.Raw, true)]
    [InlineData(255, StringEncoding.Raw, true)]
    [InlineData(256, StringEncoding.Raw, false)]
    [InlineData(100_000, StringEncoding.Raw, false)]
    public void The_length_decides_between_embstr_and_raw(int length, byte encoding, bool isEmbedded)
    {
        Entry entry = StringValue.Create("key"u8, TypeId, new byte[length]);

        Assert.Equal(encoding, entry.Encoding);
        Assert.Equal(isEmbedded, entry.IsEmbedded);
        Assert.Equal(!isEmbedded, StringValue.TryGetBlob(entry, out _));
        StringValue.Free(entry);
    }

    [Fact]
    public void A_value_reads_as_it_was_set_and_overwritten() => Seeded.Check(4, random =>
    {
        using MemoryBalance balance = new();
        for (int i = 0; i < 3_000; i++)
        {
            byte[] key = Seeded.Bytes(random, random.Next(40));
            byte[] value = RandomValue(random);
            Entry entry = StringValue.Create(key, TypeId, value, random.Next(2) == 0 ? Entry.NoExpiry : 1000);
            AssertHolds(entry, value);

            byte[] newValue = RandomValue(random);
            long before = NativeHeap.UsedBytes;
            bool overwritten = StringValue.TryOverwrite(entry, newValue);
            Assert.Equal(before, NativeHeap.UsedBytes);
            AssertHolds(entry, overwritten ? newValue : value);
            if (overwritten)
            {
                Entry fresh = StringValue.Create(key, TypeId, newValue, entry.HasExpirySlot ? 1000 : Entry.NoExpiry);
                Assert.Equal(fresh.Encoding, entry.Encoding);
                Assert.Equal(fresh.IsEmbedded, entry.IsEmbedded);
                Assert.Equal(StringValue.MemoryBytes(fresh), StringValue.MemoryBytes(entry));
                StringValue.Free(fresh);
            }

            StringValue.Free(entry);
        }
    });

    [Fact]
    public void A_blob_that_a_reply_still_holds_is_not_overwritten()
    {
        using MemoryBalance balance = new();
        Entry entry = StringValue.Create("key"u8, TypeId, new byte[1000]);
        Assert.True(StringValue.TryGetBlob(entry, out Blob blob));
        blob.AddReference();

        Assert.False(StringValue.TryOverwrite(entry, new byte[1000]));
        StringValue.Free(entry);

        Assert.Equal(1000, blob.Span.Length);
        blob.Release();
    }

    [Fact]
    public void What_appending_leaves_is_raw_at_any_length_and_still_a_number_if_it_looks_like_one()
    {
        Entry entry = StringValue.CreateRaw("key"u8, TypeId, "42"u8);
        Entry inBlob = StringValue.CreateFromBlob("key"u8, TypeId, Blob.From("-7"u8));

        Assert.Equal(StringEncoding.Raw, entry.Encoding);
        Assert.True(StringValue.TryReadInteger(entry, out long value));
        Assert.Equal(42, value);
        Assert.True(StringValue.TryReadInteger(inBlob, out value));
        Assert.Equal(-7, value);
        StringValue.Free(entry);
        StringValue.Free(inBlob);
    }

    private static byte[] RandomValue(Random random) => random.Next(4) switch
    {
        0 => Encoding.ASCII.GetBytes(random.NextInt64().ToString(CultureInfo.InvariantCulture)),
        1 => Seeded.Bytes(random, random.Next(60)),
        2 => Seeded.Bytes(random, random.Next(300)),
        _ => Seeded.Bytes(random, random.Next(3_000)),
    };

    private static void AssertHolds(Entry entry, byte[] value)
    {
        Assert.True(StringValue.Read(entry, new byte[StringValue.ScratchBytes]).SequenceEqual(value));
        Assert.Equal(value.Length, StringValue.Length(entry));
        bool isNumber = IntegerText.TryParse(value, out long expected);
        Assert.Equal(isNumber, StringValue.TryReadInteger(entry, out long number));
        if (isNumber) Assert.Equal(expected, number);
    }
}
