using System.Globalization;
using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class ListpackTests
{
    [Fact]
    public void A_listpack_behaves_like_a_list_of_byte_strings() => Seeded.Check(30, random =>
    {
        using MemoryBalance balance = new();
        List<byte[]> model = [];
        Listpack listpack = Listpack.Create();
        int longest = random.Next(3) switch { 0 => 30, 1 => 300, _ => 9_000 };
        for (int i = 0; i < 300; i++)
        {
            listpack = Step(random, listpack, model, longest);
            AssertSame(model, listpack);
        }

        Listpack copy = listpack.Copy();
        listpack.Free();
        AssertSame(model, copy);
        copy.Free();
    });

    [Theory]
    [InlineData("0", "00 01")]
    [InlineData("127", "7f 01")]
    [InlineData("128", "c0 80 02")]
    [InlineData("4095", "cf ff 02")]
    [InlineData("-1", "df ff 02")]
    [InlineData("-4096", "d0 00 02")]
    [InlineData("4096", "f1 00 10 03")]
    [InlineData("-32768", "f1 00 80 03")]
    [InlineData("32768", "f2 00 80 00 04")]
    [InlineData("-8388608", "f2 00 00 80 04")]
    [InlineData("8388608", "f3 00 00 80 00 05")]
    [InlineData("-2147483648", "f3 00 00 00 80 05")]
    [InlineData("2147483648", "f4 00 00 00 80 00 00 00 00 09")]
    [InlineData("9223372036854775807", "f4 ff ff ff ff ff ff ff 7f 09")]
    [InlineData("-9223372036854775808", "f4 00 00 00 00 00 00 00 80 09")]
    [InlineData("", "80 01")]
    [InlineData("a", "81 61 02")]
    [InlineData("-", "81 2d 02")]
    [InlineData("01", "82 30 31 03")]
    [InlineData("-0", "82 2d 30 03")]
    public void An_element_has_the_bytes_that_the_format_wants(string text, string expectedHex)
    {
        using MemoryBalance balance = new();
        Listpack listpack = Listpack.Create().Append(Encoding.ASCII.GetBytes(text));

        byte[] expected = Convert.FromHexString(expectedHex.Replace(" ", "", StringComparison.Ordinal));

        Assert.Equal(expected, listpack.Bytes[6..^1].ToArray());
        Assert.Equal(0xFF, listpack.Bytes[^1]);
        listpack.Free();
    }

    [Theory]
    [InlineData(63, 1, 1)]
    [InlineData(64, 2, 1)]
    [InlineData(125, 2, 1)]
    [InlineData(126, 2, 2)]
    [InlineData(4095, 2, 2)]
    [InlineData(4096, 5, 2)]
    [InlineData(16377, 5, 2)]
    [InlineData(16378, 5, 3)]
    [InlineData(2097145, 5, 3)]
    [InlineData(2097146, 5, 4)]
    public void Prefix_and_backlen_grow_with_the_string(int length, int prefixBytes, int backlenBytes)
    {
        using MemoryBalance balance = new();
        byte[] element = new byte[length];
        Listpack listpack = Listpack.Create().Append("first"u8).Append(element).Append("last"u8);

        int position = listpack.Next(listpack.First);

        Assert.Equal(listpack.TotalBytes, 7 + 7 + 6 + prefixBytes + length + backlenBytes);
        Assert.True(listpack.At(position).Equals(element));
        Assert.Equal(position, listpack.Previous(listpack.Last));
        Assert.True(Listpack.IsValid(listpack.Bytes, everyElement: true));
        listpack.Free();
    }

    [Fact]
    public void Adding_an_integer_is_adding_its_text() => Seeded.Check(2, random =>
    {
        using MemoryBalance balance = new();
        Listpack numbers = Listpack.Create();
        Listpack texts = Listpack.Create();
        for (int i = 0; i < 2_000; i++)
        {
            long value = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            byte[] text = Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
            numbers = random.Next(2) == 0 ? numbers.AppendInteger(value) : numbers.ReplaceInteger(Last(ref numbers), value);
            texts = texts.Count < numbers.Count ? texts.Append(text) : texts.Replace(texts.Last, text);

            Assert.True(numbers.At(numbers.Last).IsInteger);
            Assert.Equal(value, numbers.At(numbers.Last).Integer);
            Assert.Equal(text.Length, numbers.At(numbers.Last).TextLength);
        }

        Assert.True(numbers.Bytes.SequenceEqual(texts.Bytes));
        numbers.Free();
        texts.Free();

        static int Last(ref Listpack listpack)
        {
            if (listpack.Count == 0) listpack = listpack.AppendInteger(0);
            return listpack.Last;
        }
    });

    [Fact]
    public void Past_65534_elements_the_header_no_longer_tells_the_count()
    {
        using MemoryBalance balance = new();
        Listpack listpack = Listpack.Create();
        for (int i = 0; i < 65_534; i++) listpack = listpack.AppendInteger(i % 100);
        Assert.Equal([0xFE, 0xFF], listpack.Bytes[4..6].ToArray());

        for (int i = 0; i < 10; i++) listpack = listpack.AppendInteger(7);

        Assert.Equal([0xFF, 0xFF], listpack.Bytes[4..6].ToArray());
        Assert.Equal(65_544, listpack.Count);
        Assert.True(Listpack.IsValid(listpack.Bytes, everyElement: true));
        Assert.Equal(33, listpack.At(listpack.Seek(65_533)).Integer);
        Assert.Equal(33, listpack.At(listpack.Seek(-11)).Integer);
        Assert.Equal(-1, listpack.Seek(65_544));
        Assert.Equal(-1, listpack.Seek(-65_545));
        listpack = listpack.DeleteRange(listpack.First, 65_000, out int next);
        Assert.Equal(544, listpack.Count);
        Assert.Equal(listpack.First, next);
        listpack.Free();
    }

    [Fact]
    public void Find_looks_at_every_so_manieth_element() => Seeded.Check(20, random =>
    {
        using MemoryBalance balance = new();
        List<byte[]> model = [];
        Listpack listpack = Listpack.Create();
        for (int i = 0; i < 100; i++)
        {
            byte[] element = RandomElement(random, 3);
            model.Add(element);
            listpack = listpack.Append(element);
        }

        for (int i = 0; i < 200; i++)
        {
            byte[] wanted = random.Next(2) == 0 ? model[random.Next(model.Count)] : RandomElement(random, 3);
            int start = random.Next(model.Count);
            int skip = random.Next(3);
            int expected = start;
            while (expected < model.Count && !model[expected].AsSpan().SequenceEqual(wanted)) expected += skip + 1;

            int found = listpack.Find(wanted, listpack.Seek(start), skip);

            Assert.Equal(expected < model.Count ? listpack.Seek(expected) : -1, found);
        }

        Assert.Equal(-1, listpack.Find("x"u8, -1, 0));
        listpack.Free();
    });

    [Fact]
    public void Merging_joins_the_elements() => Seeded.Check(20, random =>
    {
        using MemoryBalance balance = new();
        List<byte[]> model = [];
        Listpack first = Fill(random, model, random.Next(200));
        Listpack second = Fill(random, model, random.Next(200));

        Listpack merged = Listpack.Merge(first, second);

        AssertSame(model, merged);
        merged.Free();
    });

    [Fact]
    public void Elements_that_others_encoded_wider_than_needed_are_understood()
    {
        using MemoryBalance balance = new();
        // "5" as a string, 5 in 16 bits, "ab" with a length field of 12 and of 32 bits
        byte[] body =
            [0x81, 0x35, 2, 0xF1, 5, 0, 3, 0xE0, 2, (byte)'a', (byte)'b', 4, 0xF0, 2, 0, 0, 0, (byte)'a', (byte)'b', 7];
        byte[] bytes = [(byte)(body.Length + 7), 0, 0, 0, 4, 0, .. body, 0xFF];

        Assert.True(Listpack.IsValid(bytes, everyElement: true));
        Listpack listpack = Listpack.From(bytes);
        Assert.Equal(listpack.Seek(0), listpack.Find("5"u8, listpack.First, 0));
        Assert.Equal(listpack.Seek(1), listpack.Find("5"u8, listpack.Seek(1), 0));
        Assert.Equal(listpack.Seek(2), listpack.Find("ab"u8, listpack.First, 0));
        Assert.Equal(listpack.Seek(3), listpack.Find("ab"u8, listpack.Seek(3), 0));
        Assert.Equal(listpack.Seek(3), listpack.Last);
        listpack.Free();
    }

    [Fact]
    public void Bytes_from_outside_are_either_refused_or_safe_to_walk() => Seeded.Check(40, random =>
    {
        using MemoryBalance balance = new();
        Listpack whole = Fill(random, [], random.Next(1, 30));
        byte[] good = whole.Bytes.ToArray();
        whole.Free();
        Assert.True(Listpack.IsValid(good, everyElement: true));
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bytes = good.ToArray();
            for (int change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            if (!Listpack.IsValid(bytes, everyElement: true)) continue;

            Assert.True(Listpack.IsValid(bytes, everyElement: false));
            AssertWalks(bytes);
        }
    });

    [Fact]
    public void A_shallow_check_looks_at_size_and_end_only()
    {
        Assert.False(Listpack.IsValid([], everyElement: false));
        Assert.False(Listpack.IsValid([7, 0, 0, 0, 0, 0], everyElement: false));
        Assert.False(Listpack.IsValid([8, 0, 0, 0, 0, 0, 0xFF], everyElement: false));
        Assert.False(Listpack.IsValid([7, 0, 0, 0, 0, 0, 0xFE], everyElement: false));
        Assert.True(Listpack.IsValid([7, 0, 0, 0, 0, 0, 0xFF], everyElement: true));
        Assert.True(Listpack.IsValid([7, 0, 0, 0, 9, 0, 0xFF], everyElement: false));
        Assert.False(Listpack.IsValid([7, 0, 0, 0, 9, 0, 0xFF], everyElement: true));
        Assert.False(Listpack.IsValid([9, 0, 0, 0, 1, 0, 5, 9, 0xFF], everyElement: true)); // a backlen that lies
        Assert.True(Listpack.IsValid([9, 0, 0, 0, 1, 0, 5, 1, 0xFF], everyElement: true));
        Assert.False(Listpack.IsValid([12, 0, 0, 0, 1, 0, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], everyElement: true));
    }

    [Fact]
    public void A_listpack_is_safe_to_extend_up_to_a_gigabyte()
    {
        Assert.True(Listpack.FitsAdding(100, (1 << 30) - 100));
        Assert.False(Listpack.FitsAdding(100, (1 << 30) - 99));
        Assert.False(Listpack.FitsAdding(7, long.MaxValue / 2));
    }

    private static Listpack Step(Random random, Listpack listpack, List<byte[]> model, int longest)
    {
        byte[] element = RandomElement(random, longest);
        int index = model.Count == 0 ? -1 : random.Next(model.Count);
        switch (model.Count == 0 ? random.Next(2) : random.Next(9))
        {
            case 0:
                model.Insert(0, element);
                return listpack.Prepend(element);
            case 1 or 2:
                model.Add(element);
                return listpack.Append(element);
            case 3:
                model.Insert(index, element);
                listpack = listpack.InsertBefore(listpack.Seek(index), element, out int before);
                Assert.Equal(listpack.Seek(index), before);
                return listpack;
            case 4:
                model.Insert(index + 1, element);
                listpack = listpack.InsertAfter(listpack.Seek(index), element, out int after);
                Assert.Equal(listpack.Seek(index + 1), after);
                return listpack;
            case 5 or 6:
                model[index] = element;
                return listpack.Replace(listpack.Seek(index), element);
            case 7:
                model.RemoveAt(index);
                listpack = listpack.Delete(listpack.Seek(index), out int next);
                Assert.Equal(listpack.Seek(index), next);
                return listpack;
            default:
                int count = random.Next(4);
                listpack = listpack.DeleteRange(listpack.Seek(index), count, out next);
                model.RemoveRange(index, Math.Min(count, model.Count - index));
                Assert.Equal(listpack.Seek(index), next);
                return listpack;
        }
    }

    private static Listpack Fill(Random random, List<byte[]> model, int count)
    {
        Listpack listpack = Listpack.Create();
        for (int i = 0; i < count; i++)
        {
            byte[] element = RandomElement(random, 100);
            model.Add(element);
            listpack = listpack.Append(element);
        }

        return listpack;
    }

    private static byte[] RandomElement(Random random, int longest) => random.Next(3) switch
    {
        0 => Encoding.ASCII.GetBytes((random.NextInt64() >> random.Next(64)).ToString(CultureInfo.InvariantCulture)),
        1 => Seeded.Bytes(random, random.Next(longest)),
        _ => Encoding.ASCII.GetBytes(random.Next(20).ToString(CultureInfo.InvariantCulture)),
    };

    private static void AssertSame(List<byte[]> model, Listpack listpack)
    {
        Assert.True(Listpack.IsValid(listpack.Bytes, everyElement: true));
        Assert.Equal(model.Count, listpack.Count);
        Assert.Equal(NativeHeap.UsableSize((nuint)listpack.TotalBytes), listpack.MemoryBytes);
        byte[] scratch = new byte[IntegerText.LengthMax];
        int position = listpack.First;
        foreach (byte[] expected in model)
        {
            Assert.True(listpack.At(position).Text(scratch).SequenceEqual(expected));
            Assert.True(listpack.At(position).Equals(expected));
            Assert.Equal(expected.Length, listpack.At(position).TextLength);
            position = listpack.Next(position);
        }

        Assert.Equal(-1, position);
        position = listpack.Last;
        for (int i = model.Count - 1; i >= 0; i--)
        {
            Assert.Equal(position, listpack.Seek(i));
            Assert.Equal(position, listpack.Seek(i - model.Count));
            position = listpack.Previous(position);
        }

        Assert.Equal(-1, position);
    }

    /// <summary>Walks what was found valid both ways, over a copy that ends where its memory ends.</summary>
    private static void AssertWalks(byte[] bytes)
    {
        Listpack listpack = Listpack.From(bytes);
        List<int> positions = [];
        for (int position = listpack.First; position >= 0; position = listpack.Next(position))
        {
            positions.Add(position);
            Assert.True(listpack.At(position).Bytes.Length <= bytes.Length);
        }

        Assert.Equal(positions.Count, listpack.Count);
        int last = listpack.Last;
        for (int i = positions.Count - 1; i >= 0; i--, last = listpack.Previous(last)) Assert.Equal(positions[i], last);
        listpack.Free();
    }
}
